// An SVG that stands in the page, as marks.
import { circleOf, colourOf, outlineOf, round } from "./styles.mjs";
import { fontOf } from "./texts.mjs";

const number = (element, name) => Number(element.getAttribute(name) ?? 0);

const PATHS = {
  path: (element) => element.getAttribute("d"),
  rect(element) {
    const names = ["x", "y", "width", "height", "rx"];
    const [x, y, width, height, radius] = names.map((name) => number(element, name));
    return outlineOf({ x, y, width, height }, [radius, radius, radius, radius]);
  },
  circle: (element) => circleOf(...["cx", "cy", "r"].map((name) => number(element, name))),
};

const painted = (words, opacity) => {
  const colour = colourOf(words);
  return colour && { ...colour, alpha: colour.alpha * Number(opacity) };
};

// A path of absolute points, moved and scaled: strokes keep their width.
const stretched = (path, { a, d, e, f }) => {
  let count = 0;
  return path.replace(/-?[\d.]+/g, (text) => {
    count += 1;
    return round(count % 2 ? a * Number(text) + e : d * Number(text) + f);
  });
};

const textMark = (element, style, matrix) => {
  const text = element.textContent.trim();
  const fill = painted(style.fill, style.fillOpacity);
  if (!text || !fill) return [];
  const { x, y } = matrix.transformPoint(element.getStartPositionOfChar(0));
  const font = fontOf(style);
  font.size *= matrix.a;
  return [{ text, x, y, font, fill, length: element.getComputedTextLength() * matrix.a }];
};

// `origin`: the point of the window where the picture begins.
export const svgMarks = (element, origin) => {
  const style = getComputedStyle(element);
  if (style.display === "none" || style.visibility === "hidden") return [];
  const alpha = Number(style.opacity);
  const marks = ownMarks(element, style, origin);
  if (element.tagName !== "text")
    for (const child of element.children) marks.push(...svgMarks(child, origin));
  return alpha < 1 ? [{ group: marks, alpha }] : marks;
};

const ownMarks = (element, style, origin) => {
  const screen = element.getScreenCTM?.();
  if (!screen) return [];
  const { a, b, c, d, e, f } = screen;
  const matrix = new DOMMatrix([a, b, c, d, e - origin.x, f - origin.y]);
  if (element.tagName === "text") return textMark(element, style, matrix);
  const path = PATHS[element.tagName]?.(element);
  if (!path) return [];
  const dash = style.strokeDasharray.match(/[\d.]+/g)?.map(Number);
  const mark = {
    path,
    fill: painted(style.fill, style.fillOpacity),
    stroke: painted(style.stroke, style.strokeOpacity),
    width: parseFloat(style.strokeWidth),
    dash,
  };
  if (style.vectorEffect === "non-scaling-stroke") mark.path = stretched(path, matrix);
  else mark.matrix = [a, b, c, d, matrix.e, matrix.f];
  return mark.fill || mark.stroke ? [mark] : [];
};
