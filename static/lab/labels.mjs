// The names of lines at their right ends, moved apart where they would lie on each other.
import { CHART_FONT, widthOf } from "../pictures/texts.mjs";

const LINE_PIXELS = 15; // that a name needs for itself
const LEADER = 14; // from the end of a line to its name
const MOST_MOVED = 42; // pixels, further away than which a name no longer belongs to its line
const ROUNDS = 60; // of moving them apart
const WIDEST_SHARE = 0.3; // of the picture, which names take at its side
const BARE = 16; // pixels at the side where there are none

const shorten = (name, room) => {
  let words = name;
  while (words.length > 1 && widthOf(CHART_FONT, `${words}…`) > room) words = words.slice(0, -1);
  return `${words.trimEnd()}…`;
};
const fitting = (name, room) => (widthOf(CHART_FONT, name) <= room ? name : shorten(name, room));

// How many pixels the names of `series` take beside a picture that is `width` wide.
export const labelSpace = (series, width) => {
  const named = series.filter(({ name, points }) => name && points.length);
  const widest = Math.max(0, ...named.map(({ name }) => widthOf(CHART_FONT, name)));
  return widest ? Math.ceil(Math.min(WIDEST_SHARE * width, widest + LEADER + 10)) : BARE;
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
// colour, end, x, y, width}]; they begin at x, and y is their middle. `room` is the space for names at the
// side, `height` that of the picture.
export const labelsOf = (lines, room, height) => {
  const labels = lines
    .map(({ name, colour, end }) => {
      const words = fitting(name, room - LEADER - 4);
      return { name: words, colour, end, x: end.x + LEADER, y: end.y, width: widthOf(CHART_FONT, words) };
    })
    .sort((one, other) => one.end.y - other.end.y);
  for (let round = 0; round < ROUNDS; round += 1)
    for (let i = 1; i < labels.length; i += 1) moveApart(labels[i - 1], labels[i], height);
  const kept = [];
  for (const label of labels)
    if (Math.abs(label.y - label.end.y) <= MOST_MOVED && !kept.some((other) => meet(label, other))) kept.push(label);
  return kept;
};
