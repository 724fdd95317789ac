// A map of fields, one for each pair of values, on a canvas. Its fields are marks (see pictures/page.mjs),
// which files take as they are: the canvas has them as `marks`. Ticks, titles and scale are HTML.
import { colourIn } from "../past_curves.mjs";
import { drawMarks } from "../pictures/canvas.mjs";
import { outlineOf, round } from "../pictures/styles.mjs";
import { CHART_FONT, labelMark, widthOf } from "../pictures/texts.mjs";
import { made } from "./elements.mjs";

const LEAST_GAP = 1; // pixels between two fields
const WIDE_FIELD = 24; // pixels, from which on they have more between them
const CORNERS = [2, 2, 2, 2]; // the radii of a field's
const RING = 2; // pixels wide
const NUMBER_MARGIN = 4; // beside a number in its field
const NUMBER_HEIGHT = 15;
const HATCH = 5; // pixels between two lines of a field whose runs have diverged
const LEGIBLE = 4.5; // contrast of a number, WCAG AA
const TICK_HEIGHT = 15;
const TICK_MARGIN = 10; // between two ticks below
const WIDEST_TICKS = 0.3; // of the picture, which those at the left take

// The light that a colour, `#rrggbb`, gives, 0 to 1: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
const lightOf = (colour) =>
  [1, 3, 5]
    .map((at) => parseInt(colour.slice(at, at + 2), 16) / 255)
    .map((channel) => (channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4))
    .reduce((sum, light, i) => sum + [0.2126, 0.7152, 0.0722][i] * light, 0);
const contrastOf = (one, other) => {
  const [dark, bright] = [lightOf(one), lightOf(other)].sort((a, b) => a - b);
  return (bright + 0.05) / (dark + 0.05);
};

// The colour of words on a field: ink or paper where these are legible, else black or white, of which one is.
const legibleOn = (field, colours) =>
  colours.find((colour) => contrastOf(colour, field) >= LEGIBLE) ??
  (contrastOf("#000000", field) >= LEGIBLE ? "#000000" : "#ffffff");

const isKnown = ({ value }) => Number.isFinite(value);

// The lowest and the highest value, and the best: null where none is better.
const spanOf = ({ cells, value: { better } }) => {
  const values = cells.filter(isKnown).map(({ value }) => value);
  if (!values.length) return null;
  const low = values.reduce((one, other) => Math.min(one, other));
  const high = values.reduce((one, other) => Math.max(one, other));
  return { low, high, best: { lower: low, higher: high }[better] ?? null };
};

// Where a field lies in a picture of this size; the first row is the lowest.
const boxOf = ({ x, y }, { x: across, y: up }, width, height) => {
  const [wide, high] = [width / across.ticks.length, height / up.ticks.length];
  const gap = Math.min(wide, high) < WIDE_FIELD ? LEAST_GAP : 2 * LEAST_GAP;
  const [left, right] = [x * wide, (x + 1) * wide - gap].map(Math.round);
  const row = up.ticks.length - 1 - y;
  const [top, bottom] = [row * high, (row + 1) * high - gap].map(Math.round);
  return { x: left, y: top, width: right - left, height: bottom - top };
};

const shrunk = ({ x, y, width, height }, by) => ({
  x: x + by,
  y: y + by,
  width: Math.max(0, width - 2 * by),
  height: Math.max(0, height - 2 * by),
});

// A field without a number: nothing is known yet, or the runs have diverged.
const emptyMarks = (box, isDiverged, edge, line) => {
  const outline = { path: outlineOf(shrunk(box, 0.5), CORNERS), stroke: isDiverged ? edge : line, width: 1 };
  if (!isDiverged) return [outline];
  const { x, y, width, height } = box;
  const lines = [];
  for (let at = HATCH; at < width + height; at += HATCH)
    lines.push(`M${round(x + at - height)} ${round(y + height)}l${round(height)} ${round(-height)}`);
  return [{ group: [{ path: lines.join(""), stroke: edge, width: 1 }], clip: outlineOf(box, CORNERS) }, outline];
};

// All fields as marks, for a picture of this size.
const fieldMarks = (spec, width, height) => {
  const style = getComputedStyle(document.documentElement);
  const ink = (name) => ({ colour: colourIn(style, name), alpha: 1 });
  const span = spanOf(spec);
  const cells = new Map(spec.cells.map((cell) => [`${cell.x} ${cell.y}`, cell]));
  const [marks, rings] = [[], []];
  for (let y = 0; y < spec.y.ticks.length; y += 1)
    for (let x = 0; x < spec.x.ticks.length; x += 1) {
      const cell = cells.get(`${x} ${y}`);
      const box = boxOf({ x, y }, spec, width, height);
      if (!cell || !isKnown(cell)) {
        marks.push(...emptyMarks(box, Boolean(cell), ink("edge"), ink("line")));
        continue;
      }
      const share = span.high > span.low ? (cell.value - span.low) / (span.high - span.low) : 0;
      const fill = { colour: colourIn(style, share), alpha: 1 };
      marks.push({ path: outlineOf(box, CORNERS), fill });
      const words = cell.value.toFixed(spec.value.digits);
      if (widthOf(CHART_FONT, words) + NUMBER_MARGIN <= box.width && NUMBER_HEIGHT <= box.height) {
        const colour = legibleOn(fill.colour, [ink("ink").colour, ink("paper").colour]);
        const [middle, centre] = [box.x + box.width / 2, box.y + box.height / 2];
        marks.push(labelMark(words, middle, centre, { colour, alpha: 1 }, 0.5, "middle"));
      }
      // The ring has paper on its inside, so that it is seen beside any colour.
      if (cell.value === span.best)
        rings.push(
          { path: outlineOf(shrunk(box, RING * 1.25), CORNERS), stroke: ink("paper"), width: RING / 2 },
          { path: outlineOf(shrunk(box, RING / 2), CORNERS), stroke: ink("accent"), width: RING },
        );
    }
  return [...marks, ...rings];
};

export class MapPicture {
  reach = 2; // pixels from the pointer within which a field is meant

  // stage: the element that the picture fills. (uPlot has no part in it.)
  constructor(Plot, stage) {
    this.canvas = made("canvas", "lab-fields");
    this.layer = made("div", "lab-layer", this.canvas); // that places of `rows` are relative to
    [this.xTicks, this.yTicks] = [made("div", "lab-x-ticks"), made("div", "lab-y-ticks")];
    [this.xTitle, this.yTitle] = [made("p", "lab-x-title"), made("p", "lab-y-title")];
    [this.low, this.high] = [made("span", "number"), made("span", "number")];
    this.value = made("span", "lab-value");
    this.best = made("span", "lab-key lab-best");
    this.diverged = made("span", "lab-key lab-diverged", "diverged");
    const scale = made("span", "lab-scale", this.low, made("i", "lab-ramp"), this.high);
    this.legend = made("p", "lab-legend", this.value, scale, this.best, this.diverged);
    this.map = made("div", "lab-map", this.yTicks, this.layer, this.xTicks);
    stage.replaceChildren(this.yTitle, this.map, this.xTitle, this.legend);
  }

  draw(spec) {
    this.spec = spec;
    [this.xTitle.textContent, this.yTitle.textContent] = [spec.x.title, spec.y.title];
    this.tell();
    const { clientWidth, clientHeight } = this.map;
    if (!clientWidth || !clientHeight) return;
    const widest = Math.max(...spec.y.ticks.map((words) => widthOf(CHART_FONT, words)));
    const gutter = Math.ceil(Math.min(WIDEST_TICKS * clientWidth, widest + 8));
    this.map.style.setProperty("--lab-gutter", `${gutter}px`);
    const { clientWidth: width, clientHeight: height } = this.layer;
    this.canvas.marks = fieldMarks(spec, width, height);
    this.paint(width, height);
    this.showTicks(width, height);
  }

  paint(width, height) {
    const [wide, high] = [width, height].map((size) => Math.round(size * devicePixelRatio));
    if (this.canvas.width !== wide || this.canvas.height !== high)
      Object.assign(this.canvas, { width: wide, height: high });
    const context = this.canvas.getContext("2d");
    context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
    context.clearRect(0, 0, width, height);
    drawMarks(context, this.canvas.marks);
  }

  // Of the ticks as many as there is room for.
  showTicks(width, height) {
    const { x, y } = this.spec;
    const widest = Math.max(...x.ticks.map((words) => widthOf(CHART_FONT, words))) + TICK_MARGIN;
    this.write(this.xTicks, x.ticks, "left", width, widest);
    this.write(this.yTicks, y.ticks.toReversed(), "top", height, TICK_HEIGHT);
  }

  write(place, ticks, side, size, room) {
    const every = Math.ceil((ticks.length * room) / size);
    const written = JSON.stringify([ticks, every]);
    if (place.dataset.written === written) return;
    place.dataset.written = written;
    const shown = ticks.map((words, i) => [words, i]).filter(([, i]) => i % every === 0);
    place.replaceChildren(
      ...shown.map(([words, i]) => {
        const tick = made("span", "number", words);
        tick.style.setProperty(side, `${(100 * (i + 0.5)) / ticks.length}%`);
        return tick;
      }),
    );
  }

  // What the colours mean.
  tell() {
    const { value, cells } = this.spec;
    const span = spanOf(this.spec);
    const words = (number) => (span ? number.toFixed(value.digits) : "");
    this.value.textContent = value.title;
    [this.low.textContent, this.high.textContent] = [words(span?.low), words(span?.high)];
    this.best.textContent = { lower: "lowest", higher: "highest" }[value.better] ?? "";
    this.best.hidden = !span || span.best === null;
    this.diverged.hidden = cells.every(isKnown);
  }

  // What can be pointed at: [{id, x, y, wide, high, say}] for each row, the highest first.
  get rows() {
    const { clientWidth: width, clientHeight: height } = this.layer;
    const { cells, y: up } = this.spec;
    const rows = up.ticks.map(() => []);
    for (const cell of [...cells].sort((one, other) => one.x - other.x)) {
      const box = boxOf(cell, this.spec, width, height);
      rows[cell.y].push({
        id: cell.id,
        x: box.x + box.width / 2,
        y: box.y + box.height / 2,
        wide: box.width,
        high: box.height,
        say: () => this.words(cell),
      });
    }
    return rows.reverse().filter((row) => row.length);
  }

  words(cell) {
    const { x, y, value } = this.spec;
    const said = isKnown(cell) ? cell.value.toFixed(value.digits) : "diverged";
    return `${x.title} ${x.ticks[cell.x]}, ${y.title} ${y.ticks[cell.y]}: ${value.title} ${said}`;
  }

  destroy() {}
}
