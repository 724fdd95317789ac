// A part of the page as marks: paths, texts, images and groups of these, the lowest first.
//
// A path has `path`, `fill`, `stroke`, `width`, `dash`, `matrix`; a text `text`, its baseline's `x`
// and `y`, `length`, `font`, `fill`, and `xs` where each character has its place; an image `image` (a
// canvas), `x`, `y`, `wide`, `high`; a group `group`, with `clip` (a path), `alpha` or `matrix`.
import { boxMarks } from "./boxes.mjs";
import { chartMarks } from "./chart.mjs";
import { svgMarks } from "./shapes.mjs";
import { colourOf, outlineOf, polygonOf, radiiOf } from "./styles.mjs";
import { fieldMark, textMarks } from "./texts.mjs";

const SKIPPED = "input, textarea, progress, .unpictured, .u-cursor-x, .u-cursor-y";
const PSEUDO = ["::before", "::after"];
const PIXEL = 2; // of the PNG, for each of the page

// Puts elements in the place of pseudo-elements, which cannot be measured; returns what undoes it.
const materialize = (root) => {
  const made = [];
  for (const element of [root, ...root.querySelectorAll("*")]) {
    for (const which of PSEUDO) {
      const style = getComputedStyle(element, which);
      if (["none", "normal"].includes(style.content) || style.display === "none") continue;
      const stand = document.createElement("b");
      for (const name of style) stand.style.setProperty(name, style.getPropertyValue(name));
      const attribute = style.content.match(/^attr\((.+)\)$/)?.[1];
      stand.textContent = attribute
        ? element.getAttribute(attribute)
        : style.content.replace(/^"|"$/g, "").replaceAll('\\"', '"');
      made.push({ element, stand, which });
    }
  }
  for (const { element, stand, which } of made) {
    element.dataset.drawn = `${element.dataset.drawn ?? ""} ${which}`;
    element[which === "::before" ? "prepend" : "append"](stand);
  }
  return () => {
    for (const { element, stand } of made) {
      stand.remove();
      delete element.dataset.drawn;
    }
  };
};

// Where a child is painted among its siblings.
const levelOf = (style) => {
  const level = Number(style.zIndex);
  if (!Number.isNaN(level) && style.zIndex !== "auto") return level;
  return style.position === "static" ? 0 : 0.5;
};

const isHidden = (style) =>
  style.display === "none" || Number(style.opacity) === 0 || style.clipPath.startsWith("inset(50%");

// How a turned element is turned, as CSS; "" for one that is not.
const turnOf = ({ rotate, transform }) => {
  if (rotate !== "none") return `rotate(${rotate})`;
  const [, b, c] = transform.match(/-?[\d.]+(?:e-?\d+)?/g)?.map(Number) ?? [];
  return Math.abs(b) > 1e-6 || Math.abs(c) > 1e-6 ? transform : "";
};

class Walk {
  constructor(origin) {
    this.origin = origin;
    this.place = ({ x, y, width, height }) => ({ x: x - origin.x, y: y - origin.y, width, height });
  }

  marks(element) {
    if (element.matches(SKIPPED)) return [];
    const style = getComputedStyle(element);
    if (isHidden(style)) return [];
    const turn = turnOf(style);
    if (turn) return this.turned(element, style, turn);
    const marks = this.painted(element, style);
    const alpha = Number(style.opacity);
    return alpha < 1 && marks.length ? [{ group: marks, alpha }] : marks;
  }

  // What is turned is measured as it is before it is turned.
  turned(element, style, turn) {
    const [x, y] = style.transformOrigin.split(" ").map(parseFloat);
    const before = element.style.cssText;
    element.style.setProperty("rotate", "none");
    if (!turn.startsWith("rotate(")) element.style.setProperty("transform", "none");
    const box = this.place(element.getBoundingClientRect());
    const marks = this.marks(element);
    element.style.cssText = before;
    const matrix = new DOMMatrix()
      .translate(box.x + x, box.y + y)
      .multiply(new DOMMatrix(turn))
      .translate(-box.x - x, -box.y - y);
    const { a, b, c, d, e, f } = matrix;
    return [{ group: marks, matrix: [a, b, c, d, e, f] }];
  }

  painted(element, style) {
    const box = this.place(element.getBoundingClientRect());
    if (element instanceof SVGSVGElement) {
      const marks = svgMarks(element, this.origin);
      return style.overflow === "visible" ? marks : [{ group: marks, clip: outlineOf(box) }];
    }
    if (element.classList.contains("uplot")) return this.chart(element);
    if (style.visibility === "hidden") return this.children(element, style);
    // A line of text that is broken has several boxes.
    const boxes = style.display === "inline" ? [...element.getClientRects()].map(this.place) : [box];
    const own = boxes.map((each) => boxMarks(style, each));
    const marks = own.flatMap((each) => each.marks);
    let inside = this.children(element, style);
    if (element instanceof HTMLSelectElement) inside = fieldMark(element, style, box);
    if (element instanceof HTMLCanvasElement) inside = this.canvas(element, box, style);
    const cut = style.overflowX !== "visible" || style.overflowY !== "visible";
    const overflows =
      element.scrollWidth > element.clientWidth || element.scrollHeight > element.clientHeight;
    if (cut && overflows && inside.length && own.length)
      inside = [{ group: inside, clip: outlineOf(own[0].inner, radiiOf(style, box)) }];
    marks.push(...inside);
    const polygon = polygonOf(style.clipPath, box);
    return polygon ? [{ group: marks, clip: polygon }] : marks;
  }

  children(element, style) {
    const parts = [];
    for (const child of element.childNodes) {
      if (child instanceof Text && style.visibility !== "hidden")
        parts.push([0, textMarks(child, style, this.place)]);
      else if (child instanceof Element)
        parts.push([levelOf(getComputedStyle(child)), this.marks(child)]);
    }
    parts.sort(([one], [other]) => one - other); // those of one level stay in order
    return parts.flatMap(([, marks]) => marks);
  }

  chart(element) {
    const over = element.querySelector(".u-over");
    const plot = element.parentElement.plot;
    return [...chartMarks(plot, this.place(over.getBoundingClientRect())), ...this.marks(over)];
  }

  // One that is drawn from marks has them as `marks`.
  canvas(element, box, style) {
    if (!element.marks) return this.image(element, box, style);
    return [{ group: element.marks, matrix: [1, 0, 0, 1, box.x, box.y] }];
  }

  // Larger, where its pixels are to be seen as such: not every program leaves them sharp.
  image(canvas, box, style) {
    if (!canvas.width || !canvas.height || !box.width) return [];
    const times = Math.max(1, Math.round((PIXEL * box.width) / canvas.width));
    const image = document.createElement("canvas");
    Object.assign(image, { width: times * canvas.width, height: times * canvas.height });
    const context = image.getContext("2d");
    context.imageSmoothingEnabled = !style.imageRendering.includes("pixelated");
    context.drawImage(canvas, 0, 0, image.width, image.height);
    return [{ image, x: box.x, y: box.y, wide: box.width, high: box.height }];
  }
}

// `{ width, height, marks }` of an element with a margin around it, on the page's paper.
export const marksOf = (root, margin) => {
  const restore = materialize(root);
  try {
    const rect = root.getBoundingClientRect();
    const origin = { x: rect.x - margin, y: rect.y - margin };
    const [width, height] = [rect.width, rect.height].map((size) => Math.ceil(size + 2 * margin));
    const fill = colourOf(getComputedStyle(document.documentElement).backgroundColor);
    const paper = { path: outlineOf({ x: 0, y: 0, width, height }), fill };
    return { width, height, marks: [paper, ...new Walk(origin).marks(root)] };
  } finally {
    restore();
  }
};
