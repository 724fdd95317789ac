// Lines, dots and laws over an axis. uPlot draws the axes; what lies between them is line_marks.mjs's.
import { drawMarks } from "../pictures/canvas.mjs";
import { CHART_FONT, widthOf } from "../pictures/texts.mjs";
import { grown, numberOf, tickWords, ticksOf } from "./axes.mjs";
import { made } from "./elements.mjs";
import { fitBeside, labelSpace } from "./labels.mjs";
import { drawable, ink, isShown, linesMarks, placing } from "./line_marks.mjs";

const X_TICK_PIXELS = 64; // that a tick of numbers takes
const Y_TICK_PIXELS = 40;
const AXIS_PIXELS = 50; // that the ticks at the left take
const REACH = 40; // pixels from the pointer within which a point is meant

export class LinesPicture {
  reach = REACH;

  // Plot: uPlot's constructor. stage: the element that the picture fills.
  constructor(Plot, stage) {
    this.Plot = Plot;
    this.legend = made("p", "lab-legend"); // where names find no room beside their lines
    [this.yTitle, this.xTitle] = [made("p", "lab-y-title"), made("p", "lab-x-title")];
    this.host = made("div", "lab-plot");
    stage.replaceChildren(this.legend, this.yTitle, this.host, this.xTitle);
  }

  // Draws a specification, as soon as the element has a size.
  draw(spec) {
    const { x, y, kind } = spec;
    const axes = JSON.stringify([kind, x.title, x.log, x.ticks, y.title, y.log, y.percent]);
    if (axes !== this.axes) this.destroy();
    this.axes = axes;
    [this.xTitle.textContent, this.yTitle.textContent] = [x.title, y.title];
    this.spec = this.host.lines = drawable(spec);
    this.reachOut();
    this.showLegend();
    const { clientWidth: width, clientHeight: height } = this.host;
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

  showLegend() {
    const named = this.spec.series.filter(({ name }) => name);
    const shown = fitBeside(named, this.host.clientWidth) ? [] : named;
    const keys = JSON.stringify(shown.map(({ name, colour, dashed }) => [name, colour, dashed]));
    if (keys === this.keys) return;
    this.keys = keys;
    this.legend.hidden = !shown.length;
    this.legend.replaceChildren(
      ...shown.map(({ name, colour, dashed }) => {
        const key = made("span", `lab-name${dashed ? " dashed" : ""}`, name);
        key.style.setProperty("--lab-colour", `var(--${colour})`);
        return key;
      }),
    );
  }

  // From where to where the axes reach.
  reachOut() {
    const { x, y, series, laws, predicted } = this.spec;
    const points = series.flatMap((each) => each.points.filter((point) => isShown(this.spec, point)));
    if (!points.length) this.seenX = this.seenY = null;
    const ofLaws = laws.flatMap((law) => law.points);
    const across = [...points, ...predicted].map((point) => point.x);
    const up = points.flatMap(({ low, high }) => [low, high]);
    if (y.percent) up.push(0, 1);
    for (const { y: middle, error } of predicted) up.push(middle - error, middle + error);
    this.seenX = grown(this.seenX, [...across, ...ofLaws.map(([left]) => left)], x.log);
    this.seenY = grown(this.seenY, [...up, ...ofLaws.map(([, top]) => top)], y.log);
    const ofTicks = x.ticks && [-0.5, x.ticks.length - 0.5];
    this.xRange = ofTicks ?? grown(null, x.range ?? [], x.log) ?? this.seenX ?? [1, 10];
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
          splits: (plot) => this.yTicks(plot),
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

  // How wide the picture is between its axes, nearly.
  between(plot) {
    return Math.max(1, plot.width - labelSpace(this.spec.series, plot.width) - AXIS_PIXELS);
  }

  // The ticks below: where they are categories, as many as their words leave room for.
  xTicks(plot) {
    const { ticks, log } = this.spec.x;
    if (!ticks && !this.seenX && !this.spec.x.range) return []; // nothing is known yet
    if (!ticks) return ticksOf(this.xRange, log, this.between(plot) / X_TICK_PIXELS);
    const wide = 14 + Math.max(0, ...ticks.map((words) => widthOf(CHART_FONT, words)));
    const every = Math.ceil((ticks.length * wide) / this.between(plot));
    return ticks.map((_, i) => i).filter((i) => i % every === 0);
  }

  yTicks(plot) {
    const { log, range } = this.spec.y;
    return this.seenY || range ? ticksOf(this.yRange, log, plot.height / Y_TICK_PIXELS) : [];
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

  // What can be pointed at: [{id, x, y, wide, high, say}] for each series, the highest first.
  get rows() {
    if (!this.plot) return [];
    const at = placing(this.plot);
    const { series, predicted } = this.spec;
    const spot = (id, x, y, say) => {
      const [left, top] = at(x, y);
      return { id, x: left, y: top, wide: 0, high: 0, say };
    };
    const rows = series.map(({ name, points }) =>
      points
        .filter((point) => point.id && isShown(this.spec, point))
        .map((point) => spot(point.id, point.x, point.median, () => this.words(name, point))),
    );
    rows.push(predicted.map((point) => spot(point.id, point.x, point.y, () => this.predictedWords(point))));
    const height = (row) => row.reduce((sum, { y }) => sum + y, 0) / row.length;
    return rows.filter((row) => row.length).sort((one, other) => height(one) - height(other));
  }

  words(name, { x, low, median, high }) {
    const [least, middle, most] = [low, median, high].map((value) => this.value(value));
    const spread = low < high ? ` (${least} to ${most})` : "";
    return `${this.where(x)}: ${this.spec.y.title} ${middle}${spread}${name && `, ${name}`}`;
  }

  predictedWords({ x, y, error }) {
    return `${this.where(x)}: predicted ${this.value(y)} ± ${this.value(error)}`;
  }

  where(place) {
    const { ticks, title } = this.spec.x;
    return ticks ? ticks[place] : `${title} ${numberOf(place)}`;
  }

  value(number) {
    return this.spec.y.percent ? `${numberOf(100 * number)}%` : numberOf(number);
  }

  destroy() {
    this.plot?.destroy();
    this.plot = this.host.plot = null;
    this.seenX = this.seenY = null;
  }
}
