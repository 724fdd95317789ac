// The names of lines at their right ends, moved apart where they would lie on each other.
import { CHART_FONT, widthOf } from "../pictures/texts.mjs";

const LINE_PIXELS = 15; // that a name needs for itself
const LEADER = 14; // from the end of a line to its name
const MOST_MOVED = 60; // pixels, further away than which a name no longer belongs to its line
const ROUNDS = 60; // of moving them apart
const WIDEST_SHARE = 0.3; // of the picture, which names take at its side
const BARE = 16; // pixels at the side where there are none
const EDGE = 8; // from the widest name to the edge

const widestOf = (series) =>
  Math.max(0, ...series.map(({ name, points }) => (points.length ? widthOf(CHART_FONT, name) : 0)));

// Whether the names of `series` find room beside a picture that is `width` wide.
export const fitBeside = (series, width) => widestOf(series) + LEADER + EDGE <= WIDEST_SHARE * width;

// How many pixels they take there.
export const labelSpace = (series, width) => {
  const widest = widestOf(series);
  return widest && fitBeside(series, width) ? Math.ceil(widest + LEADER + EDGE) : BARE;
};

const areBelow = (one, other) => one.x < other.x + other.width && other.x < one.x + one.width;
const meet = (one, other) => areBelow(one, other) && Math.abs(one.y - other.y) < LINE_PIXELS - 1;

const moveApart = (upper, lower, height) => {
  const lacking = LINE_PIXELS - (lower.y - upper.y);
  if (lacking <= 0 || !areBelow(upper, lower)) return;
  upper.y = Math.max(0, upper.y - lacking / 2);
  lower.y = Math.min(height, lower.y + lacking / 2);
};

// The names that have room, of `lines`, [{name, colour, end}] with the place where each ends: [{name,
// colour, end, x, y, width}]; they begin at x, and y is their middle. `height` is that of the picture.
export const labelsOf = (lines, height) => {
  const labels = lines
    .map((line) => ({
      ...line,
      x: line.end.x + LEADER,
      y: line.end.y,
      width: widthOf(CHART_FONT, line.name),
    }))
    .sort((one, other) => one.end.y - other.end.y);
  for (let round = 0; round < ROUNDS; round += 1)
    for (let i = 1; i < labels.length; i += 1) moveApart(labels[i - 1], labels[i], height);
  const kept = [];
  for (const label of labels)
    if (Math.abs(label.y - label.end.y) <= MOST_MOVED && !kept.some((other) => meet(label, other))) kept.push(label);
  return kept;
};
