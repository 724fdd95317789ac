// Marks as SVG that stands alone: its fonts are in it, and named with others that may stand in.
import { facesFor } from "./fonts.mjs";
import { round } from "./styles.mjs";

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
// Of what XML cannot hold nothing is left.
const escape = (text) =>
  text
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, "")
    .replace(/[&<>"]/g, (sign) => ESCAPES[sign]);

const attributes = (values) =>
  Object.entries(values)
    .filter(([, value]) => value !== null && value !== undefined && value !== "")
    .map(([name, value]) => ` ${name}="${typeof value === "number" ? round(value) : escape(value)}"`)
    .join("");

class Writer {
  definitions = [];
  texts = []; // all that have been written, with their fonts

  reference(definition) {
    const known = this.definitions.findIndex((each) => each === definition);
    const number = known < 0 ? this.definitions.push(definition) - 1 : known;
    return `url(#d${number})`;
  }

  paint(kind, paint) {
    if (!paint) return { [kind]: kind === "fill" ? "none" : null };
    const opacity = (alpha) => (alpha < 1 ? alpha : null);
    if (!paint.stops)
      return { [kind]: paint.colour, [`${kind}-opacity`]: opacity(paint.alpha) };
    const [x1, y1, x2, y2] = paint.line;
    const stops = paint.stops.map(([share, { colour, alpha }]) => {
      const offset = `${round(100 * share)}%`;
      const values = { offset, "stop-color": colour, "stop-opacity": opacity(alpha) };
      return `<stop${attributes(values)}/>`;
    });
    const line = attributes({ gradientUnits: "userSpaceOnUse", x1, y1, x2, y2 });
    const gradient = `<linearGradient id="#"${line}>${stops.join("")}</linearGradient>`;
    return { [kind]: this.reference(gradient) };
  }

  mark(mark) {
    if (mark.group) return this.group(mark);
    if (mark.path) return this.path(mark);
    return mark.image ? this.image(mark) : this.text(mark);
  }

  group({ group, clip, alpha, matrix }) {
    const inside = group.map((mark) => this.mark(mark)).join("");
    const cut = clip && this.reference(`<clipPath id="#"><path d="${clip}"/></clipPath>`);
    const values = { "clip-path": cut, opacity: alpha, transform: this.transform(matrix) };
    return inside && `<g${attributes(values)}>${inside}</g>\n`;
  }

  transform(matrix) {
    if (!matrix) return null;
    const [a, b, c, d, e, f] = matrix.map((value) => Math.round(1e4 * value) / 1e4);
    if (a === 1 && d === 1 && !b && !c) return `translate(${e} ${f})`;
    return `matrix(${a} ${b} ${c} ${d} ${e} ${f})`;
  }

  path({ path, fill, stroke, width, dash, matrix }) {
    const line = stroke && width ? { ...this.paint("stroke", stroke), "stroke-width": width } : {};
    const dashes = line.stroke && dash?.length ? dash.join(" ") : null;
    const values = { d: path, ...this.paint("fill", fill), ...line, "stroke-dasharray": dashes };
    return `<path${attributes({ ...values, transform: this.transform(matrix) })}/>\n`;
  }

  image({ image, x, y, wide, high }) {
    const values = { x, y, width: wide, height: high, preserveAspectRatio: "none" };
    return `<image${attributes({ ...values, href: image.toDataURL() })}/>\n`;
  }

  text({ text, x, y, length, font, fill, xs }) {
    this.texts.push([font, text]);
    const shown = text.trimEnd();
    const isLong = !xs && text === shown && [...text].length > 1; // so that another font takes as much
    const values = {
      x: xs ? xs.slice(0, [...shown].length).map(round).join(" ") : x,
      y,
      ...this.paint("fill", fill),
      "font-family": font.family,
      "font-size": font.size,
      "font-weight": font.weight === "400" ? null : font.weight,
      "font-style": font.slant === "normal" ? null : font.slant,
      textLength: isLong ? length : null,
      lengthAdjust: isLong ? "spacingAndGlyphs" : null,
    };
    return `<text xml:space="preserve"${attributes(values)}>${escape(shown)}</text>\n`;
  }
}

// The picture, which `marksOf` has made, as the text of a file.
export const svgOf = async ({ width, height, marks }, title, description) => {
  const writer = new Writer();
  const inside = marks.map((mark) => writer.mark(mark)).join("");
  const faces = await facesFor(writer.texts);
  const definitions = writer.definitions.map((text, number) =>
    text.replace('id="#"', `id="d${number}"`),
  );
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" ` +
    `viewBox="0 0 ${width} ${height}" role="img">\n<title>${escape(title)}</title>\n` +
    `<desc>${escape(description)}</desc>\n<style>${faces}</style>\n` +
    `<defs>${definitions.join("\n")}</defs>\n${inside}</svg>\n`
  );
};
