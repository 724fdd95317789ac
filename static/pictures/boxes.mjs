// What CSS paints of an element itself: its background, its borders, its shadow.
import { backgroundsOf, colourOf, outlineOf, radiiOf, round } from "./styles.mjs";

const DASHES = { dashed: (width) => [2 * width, 2 * width], dotted: (width) => [width, width] };

const bordersOf = (style) =>
  ["Top", "Right", "Bottom", "Left"].map((side) => ({
    width: style[`border${side}Style`] === "none" ? 0 : parseFloat(style[`border${side}Width`]),
    colour: colourOf(style[`border${side}Color`]),
    dash: DASHES[style[`border${side}Style`]],
  }));

const inset = ({ x, y, width, height }, top, right = top, bottom = top, left = top) => ({
  x: x + left,
  y: y + top,
  width: width - left - right,
  height: height - top - bottom,
});

// One side of a frame whose sides differ, with the slanting ends that CSS gives it.
const sideOf = (box, borders, index) => {
  const inner = inset(box, ...borders.map(({ width }) => width));
  const corners = ({ x, y, width, height }) => [
    [x, y],
    [x + width, y],
    [x + width, y + height],
    [x, y + height],
  ];
  const [out, into, next] = [corners(box), corners(inner), (index + 1) % 4];
  const { colour, dash, width } = borders[index];
  if (dash) {
    const middle = (corner) => out[corner].map((value, axis) => (value + into[corner][axis]) / 2);
    const across = index % 2 ? 0 : 1; // the axis that the line does not go along
    const [from, to] = [[...out[index]], [...out[next]]];
    from[across] = to[across] = middle(index)[across];
    const path = `M${from.map(round).join(" ")}L${to.map(round).join(" ")}`;
    return { path, stroke: colour, width, dash: dash(width) };
  }
  const points = [out[index], out[next], into[next], into[index]];
  return { path: `M${points.map((point) => point.map(round).join(" ")).join("L")}z`, fill: colour };
};

const SHADOW = /^(.+\)) (-?[\d.]+)px (-?[\d.]+)px 0px (-?[\d.]+)px( inset)?$/;

// A shadow without blur: a line along one side inside, or a frame inside or outside.
const shadowOf = (style, box, radii) => {
  const [, words, right, down, spread, isInside] = style.boxShadow.match(SHADOW) ?? [];
  const fill = colourOf(words);
  if (!fill) return [];
  const [dx, dy, width] = [right, down, spread].map(Number);
  if (width) {
    const frame = inset(box, isInside ? width / 2 : -width / 2);
    return [{ path: outlineOf(frame, radii), stroke: fill, width }];
  }
  const { x, y } = box;
  const line = dy
    ? { x, y: dy < 0 ? y + box.height + dy : y, width: box.width, height: Math.abs(dy) }
    : { x: dx < 0 ? x + box.width + dx : x, y, width: Math.abs(dx), height: box.height };
  return [{ path: outlineOf(line), fill }];
};

// The marks of an element's own box, the lowest first.
export const boxMarks = (style, box) => {
  const radii = radiiOf(style, box);
  const whole = radii.some(Boolean) ? radii : undefined;
  const marks = backgroundsOf(style, box).map((layer) => ({
    path: outlineOf(layer.box, layer.box === box ? whole : undefined),
    fill: layer.fill,
  }));
  const borders = bordersOf(style);
  const [first] = borders;
  const same = ({ width, colour, dash }) =>
    width === first.width && colour?.colour === first.colour?.colour && dash === first.dash;
  const inner = inset(box, ...borders.map(({ width }) => width));
  marks.push(...shadowOf(style, style.boxShadow.includes("inset") ? inner : box, whole));
  if (borders.every(same)) {
    const { width, colour, dash } = first;
    if (width && colour) {
      const radiiInside = whole?.map((radius) => radius - width / 2);
      const path = outlineOf(inset(box, width / 2), radiiInside);
      marks.push({ path, stroke: colour, width, dash: dash?.(width) });
    }
  } else {
    borders.forEach(({ width, colour }, index) => {
      if (width && colour) marks.push(sideOf(box, borders, index));
    });
  }
  return { marks, inner };
};
