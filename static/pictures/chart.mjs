// A loss chart of uPlot's, which is drawn on a canvas, as marks.
import { BAND_ALPHA, bandOf, MEDIAN_WIDTH } from "../band.mjs";
import { linesMarks } from "../lab/line_marks.mjs";
import { along, namesOf, pastOf, SERIES_BELOW_PAST } from "../past_curves.mjs";
import { circleOf, colourOf, outlineOf, round } from "./styles.mjs";
import { labelMark as label } from "./texts.mjs";

const MAX_POINTS = 4; // for each pixel of the width; of more only the extremes are drawn

const context = document.createElement("canvas").getContext("2d");
// A colour as uPlot has it, in any notation.
const paint = (words) => {
  context.fillStyle = words;
  const hex = context.fillStyle;
  return hex.startsWith("#") ? { colour: hex, alpha: 1 } : colourOf(hex);
};

// The grid and the labels of an axis beside `area`, the part of the picture with the curves.
const axisMarks = (plot, axis, index, area) => {
  const isAcross = axis.side % 2 === 0;
  const fill = paint(axis.stroke(plot, index));
  const marks = [];
  axis._splits.forEach((value, place) => {
    const at = plot.valToPos(value, axis.scale);
    const x = area.x + at;
    const y = area.y + at;
    if (axis.grid.show && !isAcross)
      marks.push({
        path: `M${round(area.x)} ${round(y)}h${round(area.width)}`,
        stroke: paint(axis.grid.stroke(plot, index)),
        width: 1,
      });
    const text = axis._values[place];
    if (text === null || text === undefined) return;
    if (isAcross) marks.push(label(`${text}`, x, area.y + area.height + axis.gap, fill, 0.5, "top"));
    else if (axis.side === 3) marks.push(label(`${text}`, area.x - axis.gap, y, fill, 1, "middle"));
    else marks.push(label(`${text}`, area.x + area.width + axis.gap, y, fill, 0, "middle"));
  });
  return marks;
};

// The points of a curve, and no more of them than can be told apart.
const pointsOf = (plot, series, values, area) => {
  const found = [];
  for (let index = 0; index < plot.data[0].length; index += 1) {
    const value = values[index];
    if (value === null || value === undefined) continue;
    const x = area.x + plot.valToPos(plot.data[0][index], "x");
    found.push([x, area.y + plot.valToPos(value, series.scale)]);
  }
  if (found.length <= MAX_POINTS * area.width) return found;
  const kept = [];
  for (const [x, y] of found) {
    const [highest, lowest] = kept.slice(-2);
    if (highest && x - highest[0] < 0.5) {
      highest[1] = Math.min(highest[1], y);
      lowest[1] = Math.max(lowest[1], y);
    } else kept.push([x, y], [x, y]);
  }
  return kept;
};


const seriesMarks = (plot, index, area) => {
  const series = plot.series[index];
  const points = pointsOf(plot, series, plot.data[index], area);
  if (!series.show || !points.length) return [];
  const curve = `M${points.map((point) => point.map(round).join(" ")).join("L")}`;
  const { width, dash } = series;
  const line = { path: curve, stroke: paint(series.stroke(plot, index)), width, dash };
  const marks = [{ group: [line], clip: outlineOf(area) }];
  const dots = series.points;
  if (!dots.show(plot, index, 0, points.length)) return marks;
  const radius = (dots.size - dots.width) / 2;
  const seen = points.filter(([, y]) => y >= area.y && y <= area.y + area.height);
  marks.push({
    path: seen.map(([x, y]) => circleOf(x, y, radius)).join(""),
    fill: paint(dots.fill(plot, index)),
    stroke: paint(dots.stroke(plot, index)),
    width: dots.width,
  });
  return marks;
};

// The curves of past runs.
const pastMarks = (plot, area) => {
  const curveOf = (points, scale) => {
    const found = [];
    along(plot, points, scale, false, (x, y) => found.push(`${round(area.x + x)} ${round(area.y + y)}`));
    return `M${found.join("L")}`;
  };
  const group = pastOf(plot).flatMap(({ losses, accuracy, colour, width, dash }) => {
    const line = { path: curveOf(losses, "y"), stroke: paint(colour), width, dash };
    if (!accuracy || !plot.scales.percent) return [line];
    return [line, { path: curveOf(accuracy, "percent"), stroke: paint(colour), width: 1 }];
  });
  return group.length ? [{ group, clip: outlineOf(area) }] : [];
};

// The band of several runs.
const bandMarks = (plot, area) => {
  const band = bandOf(plot, false);
  if (!band) return [];
  const style = getComputedStyle(document.documentElement);
  const ink = (name) => paint(style.getPropertyValue(`--${name}`).trim());
  const pathOf = (points) => `M${points.map(([x, y]) => `${round(area.x + x)} ${round(area.y + y)}`).join("L")}`;
  const group = [
    { path: `${pathOf(band.outline)}Z`, fill: { ...ink("ink"), alpha: BAND_ALPHA } },
    { path: pathOf(band.median), stroke: ink("ink"), width: MEDIAN_WIDTH },
  ];
  return [{ group, clip: outlineOf(area) }];
};

// Their names.
const nameMarks = (plot, area) => {
  const style = getComputedStyle(document.documentElement);
  return namesOf(plot).map(({ name, x, y, emphasised }) => {
    const fill = paint(style.getPropertyValue(emphasised ? "--ink" : "--ink-soft").trim());
    return label(name, area.x + x, area.y + y - 5, fill, 1, "alphabetic");
  });
};

// `area`: the box of the part with the curves.
export const chartMarks = (plot, area) => {
  const axes = plot.axes.filter((axis) => axis.show && axis._splits);
  return [
    ...axes.flatMap((axis) => axisMarks(plot, axis, plot.axes.indexOf(axis), area)),
    ...plot.series.flatMap((_, index) => [
      ...(index ? seriesMarks(plot, index, area) : []),
      ...(index === SERIES_BELOW_PAST ? [...pastMarks(plot, area), ...bandMarks(plot, area)] : []),
    ]),
    ...nameMarks(plot, area),
    { group: linesMarks(plot), matrix: [1, 0, 0, 1, area.x, area.y] },
  ];
};
