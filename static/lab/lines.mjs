// Lines, dots and laws over an axis. uPlot draws the axes; what lies between them is marks (see
// pictures/page.mjs), drawn on its canvas here, and into files by pictures/chart.mjs.
//
// The element around the chart has as `lines` what is drawn: a specification as `drawLab` takes it.
import { BAND_ALPHA, MEDIAN_WIDTH } from "../band.mjs";
import { colourIn } from "../past_curves.mjs";
import { drawMarks } from "../pictures/canvas.mjs";
import { circleOf, outlineOf, round } from "../pictures/styles.mjs";
import { CHART_FONT, labelMark, widthOf } from "../pictures/texts.mjs";
import { grown, numberOf, tickWords, ticksOf } from "./axes.mjs";
import { labelsOf, labelSpace } from "./labels.mjs";

const DOT = 3; // pixels, its radius
const HOLLOW_DOT = 4;
const CAP = 4; // from the middle of a whisker to the end of its caps
const DASHED = [6, 4];
const LAW_DASH = [3, 3];
const X_TICK_PIXELS = 64; // that a tick of numbers takes
const Y_TICK_PIXELS = 40;
const REACH = 40; // pixels from the pointer within which a point is meant

const ink = (name, alpha = 1) => ({
  colour: colourIn(getComputedStyle(document.documentElement), name),
  alpha,
});

const pathOf = (points) => `M${points.map((point) => point.map(round).join(" ")).join("L")}`;

// Points without what cannot be drawn. A point of which the median is not known leaves a gap.
const known = (values) => values.every((value) => Number.isFinite(value));
const cleaned = (series) => ({
  ...series,
  points: series.points
    .filter(({ x }) => Number.isFinite(x))
    .map((point) => ({
      ...point,
      low: point.low ?? point.median,
      high: point.high ?? point.median,
    })),
});
const drawable = (spec) => {
  const fits = ([x, y]) => known([x, y]) && !(spec.x.log && x <= 0) && !(spec.y.log && y <= 0);
  return {
    ...spec,
    series: spec.series.map(cleaned),
    laws: (spec.laws ?? []).map((law) => ({ ...law, points: law.points.filter(fits) })),
    predicted: (spec.predicted ?? []).filter(({ x, y, error }) => fits([x, y]) && known([error])),
  };
};

const isShown = (spec, { x, low, median, high }) =>
  known([low, median, high]) && !(spec.x.log && x <= 0) && !(spec.y.log && low <= 0);

// The points of a series as runs without a gap.
const runsOf = (spec, { points }) => {
  const runs = [[]];
  let before = null;
  for (const point of points) {
    const isApart = spec.x.ticks && before && point.x - before.x > 1;
    if ((isApart || !isShown(spec, point)) && runs.at(-1).length) runs.push([]);
    if (isShown(spec, point)) runs.at(-1).push(point);
    before = point;
  }
  return runs.filter((run) => run.length);
};

// A vertical line with caps.
const whisker = (x, low, high, stroke) => ({
  path: `${pathOf([[x, low], [x, high]])}${[low, high].map((y) => pathOf([[x - CAP, y], [x + CAP, y]])).join("")}`,
  stroke,
  width: 1.25,
});

// The marks of a series: what is cut at the edges of the picture, and what lies above.
const seriesMarks = (spec, series, at) => {
  const stroke = ink(series.colour);
  const [behind, above] = [[], []];
  for (const run of runsOf(spec, series)) {
    const medians = run.map(({ x, median }) => at(x, median));
    const isLine = series.joined && run.length > 1;
    if (isLine) {
      const outline = [...run.map(({ x, low }) => at(x, low)), ...run.map(({ x, high }) => at(x, high)).reverse()];
      if (run.some(({ low, high }) => low < high))
        behind.push({ path: `${pathOf(outline)}Z`, fill: { ...stroke, alpha: BAND_ALPHA } });
      const dash = series.dashed ? DASHED : null;
      behind.push({ path: pathOf(medians), stroke, width: MEDIAN_WIDTH, dash });
    } else
      for (const { x, low, high } of run)
        if (low < high) behind.push(whisker(at(x, low)[0], at(x, low)[1], at(x, high)[1], stroke));
    if (series.dots || !isLine)
      above.push({
        path: medians.map(([x, y]) => circleOf(x, y, DOT)).join(""),
        fill: stroke,
        stroke: ink("paper"),
        width: 1,
      });
  }
  return { behind, above };
};

const predictedMarks = ({ x, y, error, colour }, at) => {
  const [[left, low], [, high], [, middle]] = [at(x, y - error), at(x, y + error), at(x, y)];
  return [
    whisker(left, low, high, ink(colour)),
    { path: circleOf(left, middle, HOLLOW_DOT), fill: ink("paper"), stroke: ink(colour), width: 1.75 },
  ];
};

const nameMarks = ({ name, colour, end, x, y }) => {
  const width = widthOf(CHART_FONT, name);
  return [
    { path: outlineOf({ x: x - 2, y: y - 8, width: width + 4, height: 16 }), fill: ink("paper", 0.8) },
    { path: pathOf([[end.x + DOT + 2, end.y], [x - 3, y]]), stroke: ink(colour), width: MEDIAN_WIDTH },
    labelMark(name, x, y, ink("ink"), 0, "middle"),
  ];
};

// Where a point of the axes lies, in the chart's own pixels.
const placing = (plot) => (x, y) => {
  const place = (value, scale) =>
    plot.scales[scale].distr === 3 && value <= 0 ? plot.bbox.height : plot.valToPos(value, scale);
  return [place(x, "x"), place(y, "y")];
};

// Where the lines with a name end; a law in the colour of dots goes on behind them.
const endsOf = (spec, at) =>
  spec.series.flatMap(({ name, colour, points, joined }) => {
    const last = points.findLast((point) => isShown(spec, point));
    if (!last || !name) return [];
    const law = joined ? null : spec.laws.find((each) => each.colour === colour)?.points.at(-1);
    const [x, y] = at(...(law?.[0] > last.x ? law : [last.x, last.median]));
    return [{ name, colour, end: { x, y } }];
  });

// Everything between the axes of a chart of `LinesPicture`; of any other chart nothing.
export const linesMarks = (plot) => {
  const spec = plot.root.parentElement?.lines;
  if (!spec || !plot.over.clientWidth) return [];
  const at = placing(plot);
  const { clientWidth: width, clientHeight: height } = plot.over;
  const drawn = spec.series.map((series) => seriesMarks(spec, series, at));
  const laws = spec.laws
    .filter(({ points }) => points.length > 1)
    .map(({ colour, points }) => ({
      path: pathOf(points.map((point) => at(...point))),
      stroke: ink(colour),
      width: 1,
      dash: LAW_DASH,
    }));
  const group = [...drawn.flatMap(({ behind }) => behind), ...laws];
  return [
    { group, clip: outlineOf({ x: -CAP, y: -CAP, width: width + 2 * CAP, height: height + 2 * CAP }) },
    ...labelsOf(endsOf(spec, at), labelSpace(spec.series, plot.width), height).flatMap(nameMarks),
    ...drawn.flatMap(({ above }) => above),
    ...spec.predicted.flatMap((each) => predictedMarks(each, at)),
  ];
};

export class LinesPicture {
  reach = REACH;

  // Plot: uPlot's constructor. stage: the element that the picture fills.
  constructor(Plot, stage) {
    this.Plot = Plot;
    this.yTitle = document.createElement("p");
    this.host = document.createElement("div");
    this.xTitle = document.createElement("p");
    this.yTitle.className = "lab-y-title";
    this.host.className = "lab-plot";
    this.xTitle.className = "lab-x-title";
    stage.replaceChildren(this.yTitle, this.host, this.xTitle);
  }

  // Draws a specification; what is not drawn before the element has a size.
  draw(spec) {
    const { clientWidth: width, clientHeight: height } = this.host;
    const { x, y, kind } = spec;
    const axes = JSON.stringify([kind, x.title, x.log, x.ticks, y.title, y.log, y.percent]);
    if (axes !== this.axes) this.destroy();
    this.axes = axes;
    [this.xTitle.textContent, this.yTitle.textContent] = [x.title, y.title];
    this.spec = this.host.lines = drawable(spec);
    this.reachOut();
    if (!width || !height) return;
    this.plot ??= this.newPlot(width, height);
    if (this.plot.width !== width || this.plot.height !== height) this.plot.setSize({ width, height });
    this.plot.batch(() => {
      const [[least, most], [low, high]] = [this.xRange, this.yRange];
      this.plot.redraw(false, true); // for the names beside the lines
      this.plot.setScale("x", { min: least, max: most });
      this.plot.setScale("y", { min: low, max: high });
    });
  }

  // From where to where the axes reach.
  reachOut() {
    const { x, y, series, laws, predicted } = this.spec;
    const points = series.flatMap((each) => each.points.filter((point) => isShown(this.spec, point)));
    if (!points.length) [this.seenX, this.seenY] = [null, y.percent ? [0, 1] : null];
    const ofLaws = laws.flatMap((law) => law.points);
    const across = [...points, ...predicted].map((point) => point.x);
    const up = points.flatMap(({ low, high }) => [low, high]);
    for (const { y: middle, error } of predicted) up.push(middle - error, middle + error);
    this.seenX = grown(this.seenX, [...across, ...ofLaws.map(([left]) => left)], x.log);
    this.seenY = grown(this.seenY, [...up, ...ofLaws.map(([, top]) => top)], y.log);
    const ofTicks = x.ticks && [-0.5, x.ticks.length - 0.5];
    this.xRange = ofTicks ?? x.range ?? this.seenX ?? [1, 10];
    this.yRange = y.range ?? this.seenY ?? [1, 10];
  }

  newPlot(width, height) {
    const axis = {
      stroke: () => ink("ink-soft").colour,
      font: `12px ${CHART_FONT.family}`,
      grid: { stroke: () => ink("line").colour, width: 1 },
      ticks: { show: false },
      filter: (plot, splits) => splits,
    };
    const options = {
      width,
      height,
      legend: { show: false },
      cursor: { show: false },
      scales: {
        x: { time: false, distr: this.spec.x.log ? 3 : 1, range: () => this.xRange },
        y: { distr: this.spec.y.log ? 3 : 1, range: () => this.yRange },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 26,
          gap: 8,
          splits: (plot) => this.xTicks(plot),
          values: (plot, ticks) => this.xWords(ticks),
        },
        {
          ...axis,
          gap: 6,
          size: (plot, words) => 14 + Math.max(16, ...(words ?? []).map((each) => widthOf(CHART_FONT, each))),
          splits: (plot) => ticksOf(this.yRange, this.spec.y.log, plot.height / Y_TICK_PIXELS),
          values: (plot, ticks) => tickWords(ticks, this.spec.y.log, this.spec.y.percent),
        },
      ],
      series: [{}],
      padding: [10, (plot) => labelSpace(this.spec.series, plot.width), 0, null],
      hooks: { draw: [(plot) => this.paint(plot)] },
    };
    const plot = new this.Plot(options, [[]], this.host);
    this.host.plot = plot; // for pictures/page.mjs
    return plot;
  }

  // The ticks below: where they are categories, as many as their words leave room for.
  xTicks(plot) {
    const { ticks, log } = this.spec.x;
    if (!ticks) return ticksOf(this.xRange, log, (0.85 * plot.width) / X_TICK_PIXELS);
    const wide = 14 + Math.max(0, ...ticks.map((words) => widthOf(CHART_FONT, words)));
    const every = Math.ceil((ticks.length * wide) / (0.85 * plot.width));
    return ticks.map((_, i) => i).filter((i) => i % every === 0);
  }

  xWords(places) {
    const { ticks, log } = this.spec.x;
    return ticks ? places.map((place) => ticks[place]) : tickWords(places, log, false);
  }

  paint(plot) {
    plot.ctx.save();
    const { left, top } = plot.bbox;
    plot.ctx.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, left, top);
    drawMarks(plot.ctx, linesMarks(plot));
    plot.ctx.restore();
  }

  // The element that places of `rows` are relative to.
  get layer() {
    return this.plot?.over ?? this.host;
  }

  // What can be pointed at: [{id, x, y, wide, high, words}] for each series, the highest first.
  get rows() {
    if (!this.plot) return [];
    const at = placing(this.plot);
    const { x: across, y: up, series, predicted } = this.spec;
    const saidX = (x) => (across.ticks ? across.ticks[x] : `${across.title} ${numberOf(x)}`);
    const saidY = (y) => (up.percent ? `${numberOf(100 * y)}%` : numberOf(y));
    const spot = (id, x, y, words) => {
      const [left, top] = at(x, y);
      return { id, x: left, y: top, wide: 0, high: 0, words: `${saidX(x)}: ${words}` };
    };
    const rows = series.map(({ name, points }) =>
      points
        .filter((point) => isShown(this.spec, point))
        .map(({ id, x, low, median, high }) => {
          const words = low < high ? `${saidY(median)} (${saidY(low)} to ${saidY(high)})` : saidY(median);
          return spot(id, x, median, `${up.title} ${words}${name && `, ${name}`}`);
        }),
    );
    rows.push(predicted.map(({ id, x, y, error }) => spot(id, x, y, `predicted ${saidY(y)} ± ${saidY(error)}`)));
    const height = (row) => row.reduce((sum, { y }) => sum + y, 0) / row.length;
    return rows.filter((row) => row.length).sort((one, other) => height(one) - height(other));
  }

  destroy() {
    this.plot?.destroy();
    this.plot = this.host.plot = null;
    this.seenX = null;
    this.seenY = this.spec?.y.percent ? [0, 1] : null;
  }
}
