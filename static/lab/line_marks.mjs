// What lies between the axes of lines, dots and laws, as marks (see pictures/page.mjs): drawn on uPlot's canvas
// by lines.mjs, and into files by pictures/chart.mjs.
//
// The element around the chart has as `lines` what is drawn: a specification as `drawable` leaves it.
import { BAND_ALPHA, MEDIAN_WIDTH } from "../band.mjs";
import { colourIn } from "../past_curves.mjs";
import { circleOf, outlineOf, round } from "../pictures/styles.mjs";
import { labelMark } from "../pictures/texts.mjs";
import { fitBeside, labelsOf } from "./labels.mjs";

const DOT = 3; // pixels, its radius
const HOLLOW_DOT = 4;
const CAP = 4; // from the middle of a whisker to the end of its caps
const DASHED = [6, 4];
const LAW_DASH = [3, 3];

// A colour of the theme.
export const ink = (name, alpha = 1) => ({
  colour: colourIn(getComputedStyle(document.documentElement), name),
  alpha,
});

const pathOf = (points) => `M${points.map((point) => point.map(round).join(" ")).join("L")}`;

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
// A specification without what cannot be drawn. A point of which the median is not known leaves a gap.
export const drawable = (spec) => {
  const fits = ([x, y]) => known([x, y]) && !(spec.x.log && x <= 0) && !(spec.y.log && y <= 0);
  return {
    ...spec,
    series: spec.series.map(cleaned),
    laws: (spec.laws ?? []).map((law) => ({ ...law, points: law.points.filter(fits) })),
    predicted: (spec.predicted ?? []).filter(({ x, y, error }) => fits([x, y]) && known([error])),
  };
};

// Whether a point is one that can be drawn.
export const isShown = (spec, { x, low, median, high }) =>
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

const nameMarks = ({ name, colour, end, x, y, width }) => [
    { path: outlineOf({ x: x - 2, y: y - 8, width: width + 4, height: 16 }), fill: ink("paper", 0.8) },
    { path: pathOf([[end.x + DOT + 2, end.y], [x - 3, y]]), stroke: ink(colour), width: MEDIAN_WIDTH },
  labelMark(name, x, y, ink("ink"), 0, "middle"),
];

// Where a point of the axes lies, in the chart's own pixels.
export const placing = (plot) => (x, y) => {
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
    ...(fitBeside(spec.series, plot.width) ? labelsOf(endsOf(spec, at), height).flatMap(nameMarks) : []),
    ...drawn.flatMap(({ above }) => above),
    ...spec.predicted.flatMap((each) => predictedMarks(each, at)),
  ];
};
