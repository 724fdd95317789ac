// What links bring: texts compressed, and bytes as letters that an address holds as they are. Fetched
// when a link is made, or brings something.

const LETTERS = /^[\w-]+$/;

const lettersOf = (bytes) =>
  btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

// The bytes that these letters stand for; null where they were changed on their way.
export const bytesOf = (letters) => {
  if (!LETTERS.test(letters)) return null;
  try {
    const binary = atob(letters.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
};

export const packText = async (text) => {
  const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream("deflate"));
  return lettersOf(new Uint8Array(await new Response(compressed).arrayBuffer()));
};

// The text that `packText` made this of; null where it was cut off or changed on its way, or has more
// than `limit` characters.
export const unpackText = async (letters, limit) => {
  const bytes = bytesOf(letters);
  if (bytes === null) return null;
  const decompressed = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const [reader, decoder] = [decompressed.getReader(), new TextDecoder("utf-8", { fatal: true })];
  let text = "";
  try {
    for (;;) {
      const { done, value } = await reader.read();
      text += decoder.decode(value, { stream: !done });
      if (done) return text;
      if (text.length > limit) {
        await reader.cancel();
        return null;
      }
    }
  } catch {
    return null; // its checksum, or its UTF-8, is wrong
  }
};
