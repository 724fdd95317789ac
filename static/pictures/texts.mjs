// The text of a page as lines with a place each.
import { colourOf } from "./styles.mjs";

const context = document.createElement("canvas").getContext("2d");
const graphemes = new Intl.Segmenter();

export const fontOf = (style) => ({
  family: style.fontFamily,
  size: parseFloat(style.fontSize),
  weight: style.fontWeight,
  slant: style.fontStyle,
});

export const cssFont = ({ family, size, weight, slant }) => `${slant} ${weight} ${size}px ${family}`;

// How far above the baseline a line of text begins, and how far below it ends.
export const metricsOf = (font, baseline = "alphabetic") => {
  context.font = cssFont(font);
  context.textBaseline = baseline;
  const { fontBoundingBoxAscent: ascent, fontBoundingBoxDescent: descent } = context.measureText("x");
  return { ascent, descent };
};

export const widthOf = (font, text) => {
  context.font = cssFont(font);
  return context.measureText(text).width;
};

// That of the axes of charts, as app/page/views/chart_options.py has it.
export const CHART_FONT = {
  family: '"IBM Plex Mono", ui-monospace, monospace',
  size: 12,
  weight: "400",
  slant: "normal",
};

// A label of a chart at a point; `share` of it lies to the left of that.
export const labelMark = (text, x, y, fill, share, baseline) => {
  const length = widthOf(CHART_FONT, text);
  const rise = metricsOf(CHART_FONT).ascent - metricsOf(CHART_FONT, baseline).ascent;
  return { text, x: x - share * length, y: y + rise, length, font: CHART_FONT, fill };
};

// The marks of a text node: one for each line. `place` gives a rectangle of the window its place in
// the picture. Spaced text has the place of each character.
export const textMarks = (node, style, place) => {
  const fill = colourOf(style.color);
  const font = fontOf(style);
  if (!fill || !font.size || !node.data.trim()) return [];
  const { ascent, descent } = metricsOf(font);
  const isSpaced = parseFloat(style.letterSpacing) > 0;
  const range = document.createRange();
  const marks = [];
  let line = null;
  for (const { segment, index } of graphemes.segment(node.data)) {
    range.setStart(node, index);
    range.setEnd(node, index + segment.length);
    const [rect] = range.getClientRects();
    if (!rect?.width) continue; // a space that is not shown
    const { x, y, width, height } = place(rect);
    if (!line || Math.abs(y - line.top) > 2 || x < line.right - 2) {
      const baseline = y + (ascent * height) / (ascent + descent);
      line = { text: "", x, y: baseline, font, fill, top: y, right: x, xs: isSpaced ? [] : null };
      marks.push(line);
    }
    const shown = /^\s+$/.test(segment) ? " " : segment;
    line.text += shown;
    line.xs?.push(x);
    line.right = x + width;
  }
  for (const mark of marks) mark.length = mark.right - mark.x;
  return marks.filter(({ text }) => text.trim());
};

// What is chosen in a list, in the middle of its box.
export const fieldMark = (element, style, { x, y, height }) => {
  const [chosen] = element.selectedOptions;
  const font = fontOf(style);
  const { ascent, descent } = metricsOf(font);
  const text = chosen?.text ?? "";
  return [
    {
      text,
      x: x + parseFloat(style.paddingLeft) + parseFloat(style.borderLeftWidth),
      y: y + (height + ascent - descent) / 2,
      length: widthOf(font, text),
      font,
      fill: colourOf(style.color),
    },
  ];
};
