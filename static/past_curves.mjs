// Draws the curves of past runs into a chart of uPlot's: above the losses of single steps and below all
// else, with their names on top.
//
// The element around the chart has them as `past`, the newest first: {name, colour, losses, accuracy,
// emphasised}. `losses` and `accuracy` are Float64Arrays of steps and values in turn. A colour is the
// name of a custom property, or a place from 0 to 1 between `--ramp-low` and `--ramp-high`. An array is
// never changed, but replaced: they are drawn into pictures, which stay until they or the scales change.

export const SERIES_BELOW_PAST = 1; // the series of uPlot's that they lie upon
const LABEL_HEIGHT = 13; // pixels that a name needs for itself
const LETTER_WIDTH = 7.3; // of the names
const LEVELS_WIDTH = 108; // at the right edge, where guessing and the baselines have theirs
const THIN = 1; // pixels wide: what is wider takes ten times as long without a graphics processor
const STROKE_POINTS = 32; // that are drawn at once: many crossing lines take longer than few
const NEAR = 8; // pixels from the pointer within which a curve is meant

const channels = (hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16));

// A colour as `#rrggbb`, in the theme of `style`, a computed one.
export const colourIn = (style, colour) => {
  const token = (name) => style.getPropertyValue(`--${name}`).trim();
  if (typeof colour === "string") return token(colour);
  const [low, high] = [channels(token("ramp-low")), channels(token("ramp-high"))];
  const mixed = low.map((value, i) => Math.round(value + colour * (high[i] - value)));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
};

// Calls `take(x, y)` with each point of a curve, in the chart's own pixels or those of its canvas.
export const along = (plot, points, scale, onCanvas, take) => {
  for (let i = 0; i < points.length; i += 2)
    take(plot.valToPos(points[i], "x", onCanvas), plot.valToPos(points[i + 1], scale, onCanvas));
};

// Where the name of a curve ends: at its last point inside the picture that lies left of what the lines
// are called, in the chart's own pixels; null where there is none.
const endOf = (plot, points) => {
  const { clientHeight, clientWidth } = plot.over;
  const right = clientWidth - LEVELS_WIDTH;
  for (let i = points.length - 2; i >= 0; i -= 2) {
    const [x, y] = [plot.valToPos(points[i], "x"), plot.valToPos(points[i + 1], "y")];
    if (x >= 0 && x <= right && y >= 0 && y <= clientHeight) return { x, y };
  }
  return null;
};

// What is drawn, in this order: all with their colour and width, an emphasised one last.
export const pastOf = (plot) => {
  const style = getComputedStyle(document.documentElement);
  const past = plot.root.parentElement?.past ?? [];
  const drawn = past.map((run) => ({
    ...run,
    colour: colourIn(style, run.colour),
    width: run.emphasised ? 2.5 : THIN,
  }));
  return [...drawn.filter((run) => !run.emphasised), ...drawn.filter((run) => run.emphasised)];
};

// The names that have room at the ends of their curves, in the chart's own pixels: an emphasised one
// first, then the newest.
export const namesOf = (plot) => {
  const past = plot.root.parentElement?.past ?? [];
  const ordered = [...past.filter((run) => run.emphasised), ...past.filter((run) => !run.emphasised)];
  const taken = [];
  const named = [];
  for (const { name, losses, emphasised } of ordered) {
    const end = name && endOf(plot, losses);
    if (!end || end.x < LETTER_WIDTH * name.length || taken.some((y) => Math.abs(y - end.y) < LABEL_HEIGHT)) continue;
    taken.push(end.y);
    named.push({ name, x: end.x - 4, y: end.y, emphasised });
  }
  return named;
};

const stroke = (plot, context, points, scale) => {
  let count = 0;
  context.beginPath();
  along(plot, points, scale, true, (x, y) => {
    context.lineTo(x, y);
    count += 1;
    if (count % STROKE_POINTS) return;
    context.stroke();
    context.beginPath();
    context.moveTo(x, y);
  });
  context.stroke();
};

const drawCurve = (plot, context, { losses, accuracy, colour, width, dash }) => {
  context.strokeStyle = colour;
  context.lineJoin = "bevel";
  context.lineWidth = width * devicePixelRatio;
  context.setLineDash((dash ?? []).map((length) => length * devicePixelRatio));
  stroke(plot, context, losses, "y");
  if (!accuracy || !plot.scales.percent) return;
  context.lineWidth = THIN * devicePixelRatio;
  stroke(plot, context, accuracy, "percent");
};

const drawCurves = (plot, context) => {
  const { left, top, width, height } = plot.bbox;
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  for (const run of pastOf(plot)) drawCurve(plot, context, run);
};

const drawNames = (plot, context) => {
  const style = getComputedStyle(document.documentElement);
  context.font = `${12 * devicePixelRatio}px "IBM Plex Mono", ui-monospace, monospace`;
  context.textAlign = "right";
  context.textBaseline = "bottom";
  for (const { name, x, y, emphasised } of namesOf(plot)) {
    const right = plot.bbox.left + x * devicePixelRatio;
    const bottom = plot.bbox.top + (y - 3) * devicePixelRatio;
    const [width, height] = [context.measureText(name).width, LABEL_HEIGHT * devicePixelRatio];
    context.globalAlpha = 0.85;
    context.fillStyle = style.getPropertyValue("--paper");
    context.fillRect(right - width - 3, bottom - height, width + 6, height);
    context.globalAlpha = 1;
    context.fillStyle = style.getPropertyValue(emphasised ? "--ink" : "--ink-soft");
    context.fillText(name, right, bottom);
  }
};

// What `draw` draws of the past runs into a canvas of the chart's size.
const picture = (plot, draw) => {
  const { width, height } = plot.ctx.canvas;
  const canvas = new OffscreenCanvas(width, height);
  draw(plot, canvas.getContext("2d"));
  return canvas;
};

const drawn = new WeakMap(); // of a chart: {past, view, curves, names}, the latter two pictures

// The pictures of the past runs as the chart shows them now; null where there are none. A chart is made
// anew in another theme, so that colours stay the same.
const picturesOf = (plot) => {
  const past = plot.root.parentElement?.past ?? [];
  if (!past.length) return null;
  const scales = Object.values(plot.scales).map(({ min, max, distr }) => [min, max, distr]);
  const view = JSON.stringify([plot.bbox, devicePixelRatio, scales]);
  let pictures = drawn.get(plot);
  if (pictures?.past !== past || pictures.view !== view) {
    pictures = { past, view, curves: picture(plot, drawCurves), names: picture(plot, drawNames) };
    drawn.set(plot, pictures);
  }
  return pictures;
};

// For uPlot's hook `drawSeries`: what follows is drawn above.
export const drawPast = (plot, series) => {
  const pictures = series === SERIES_BELOW_PAST ? picturesOf(plot) : null;
  if (pictures) plot.ctx.drawImage(pictures.curves, 0, 0);
};

// For uPlot's hook `draw`, which comes last.
export const namePast = (plot) => {
  const pictures = picturesOf(plot);
  if (pictures) plot.ctx.drawImage(pictures.names, 0, 0);
};

// The place in `past` of the curve at the pointer, its loss there, and how many pixels away that is; null
// where there is none.
export const nearestPast = (plot) => {
  const { left, top } = plot.cursor;
  let [nearest, found] = [NEAR, null];
  (plot.root.parentElement?.past ?? []).forEach(({ name, losses }, place) => {
    if (!name) return;
    along(plot, losses, "y", false, (x, y) => {
      const distance = Math.hypot(x - left, y - top);
      if (distance < nearest)
        [nearest, found] = [distance, [place, plot.posToVal(y, "y"), distance]];
    });
  });
  return found;
};

// The lowest loss of a curve.
export const lowestOf = (points) => Math.min(...points.filter((_, i) => i % 2));

// What a run is kept under; it sorts by time. (As a number it would not fit into MicroPython's.)
export const newKey = () => `${Date.now()} ${Math.random()}`;
