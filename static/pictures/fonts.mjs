// The page's own fonts, as style rules that hold their files.

const rules = () =>
  [...document.styleSheets].flatMap((sheet) =>
    [...sheet.cssRules]
      .filter((rule) => rule instanceof CSSFontFaceRule)
      .map((rule) => ({ rule, base: sheet.href })),
  );

const unquoted = (text) => text.replace(/["']/g, "").trim();

// Whether a face has any of these characters; `range` as "U+0000-00FF, U+0131".
const covers = (range, text) => {
  const spans = [...range.matchAll(/U\+([\dA-F]+)(?:-([\dA-F]+))?/gi)].map(([, first, last]) =>
    [first, last ?? first].map((code) => parseInt(code, 16)),
  );
  return (
    !spans.length ||
    Array.from(text, (sign) => sign.codePointAt(0)).some((code) =>
      spans.some(([first, last]) => first <= code && code <= last),
    )
  );
};

// Whether a face has this weight; `range` as "400" or "100 700".
const isOfWeight = (range, weight) => {
  const [first, last = first] = range.split(" ").map(Number);
  return first <= weight && weight <= last;
};

const embedded = async (address) => {
  const bytes = new Uint8Array(await (await fetch(address)).arrayBuffer());
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return `data:font/woff2;base64,${btoa(binary)}`;
};

// The rules of the faces that these texts are set in, pairs of a font and a text.
export const facesFor = async (texts) => {
  const found = [];
  for (const { rule, base } of rules()) {
    const { style } = rule;
    const family = unquoted(style.getPropertyValue("font-family"));
    const range = style.getPropertyValue("unicode-range");
    const weights = style.getPropertyValue("font-weight").replace(/^(normal)?$/, "400");
    const isUsed = texts.some(
      ([font, text]) =>
        unquoted(font.family.split(",")[0]) === family &&
        isOfWeight(weights, Number(font.weight)) &&
        covers(range, text),
    );
    const address = style.getPropertyValue("src").match(/url\("?([^")]+)"?\)/)?.[1];
    if (!isUsed || !address) continue;
    const source = await embedded(new URL(address, base));
    found.push(
      `@font-face{font-family:"${family}";font-weight:${weights};src:url(${source}) ` +
        `format("woff2")${range ? `;unicode-range:${range}` : ""}}`,
    );
  }
  return found.join("\n");
};
