// Downloads, and bundles of Python files: one lies behind the other in a file of the site.

export const download = async (address) => {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address} is missing (status ${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
};

// Writes a bundle's files below `folder` of an interpreter's file system; `sizes` are by their names.
export const writeBundle = (FS, folder, bytes, sizes) => {
  let begin = 0;
  for (const [name, size] of Object.entries(sizes)) {
    const path = `${folder}/${name}`;
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, bytes.subarray(begin, (begin += size)));
  }
};

// Makes a file of an interpreter's file system whose contents come later; returns the function that
// takes them. Whoever reads it before then waits for a download from `address`.
export const writeLate = (FS, path, address) => {
  let contents;
  const read = () => (contents ??= downloadNow(address));
  FS.writeFile(path, new Uint8Array());
  // Private, but the only way to learn of a read. See `MEMFS` in pyodide.asm.mjs.
  Object.defineProperties(FS.lookupPath(path).node, {
    contents: { get: read },
    usedBytes: { get: () => read().length },
  });
  return (bytes) => (contents ??= bytes);
};

// A download that lets nothing else happen until it is there.
const downloadNow = (address) => {
  const request = new XMLHttpRequest();
  request.open("GET", address, false);
  request.responseType = "arraybuffer";
  request.send();
  if (request.status !== 200) throw new Error(`${address} is missing (status ${request.status})`);
  return new Uint8Array(request.response);
};
