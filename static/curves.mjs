// What goes through the values of curves, for app/page/thinning.py. A curve is `values` at `steps`;
// `steps` is null where the index of a value is its step. Bucket i of a grid reaches from bounds[i] to
// bounds[i + 1].

const POINT_REACH = 8; // points of a grid, how far a cursor looks for a value

const stepOf = (steps, index) => (steps ? steps[index] : index);

// The first index from which on `isBehind(index)` holds.
const firstIndex = (size, isBehind) => {
  let [low, high] = [0, size];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isBehind(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
};

// Calls `take(bucket, earlier, later)` with the indices of the extremes in every bucket that has
// values from index `begin` on. `merged` buckets of the grid count as one.
const eachBucket = (values, steps, begin, bounds, merged, take) => {
  if (begin >= values.length) return;
  const beyond = firstIndex(bounds.length, (i) => bounds[i] > stepOf(steps, begin));
  let bucket = Math.floor(Math.max(0, beyond - 1) / merged) * merged;
  let index = firstIndex(values.length, (i) => stepOf(steps, i) >= bounds[bucket]);
  while (index < values.length && bucket < bounds.length - 1) {
    const end = bounds[Math.min(bucket + merged, bounds.length - 1)];
    let [low, high] = [-1, -1];
    for (; index < values.length && stepOf(steps, index) < end; index += 1) {
      const value = values[index];
      if (value === undefined) continue;
      if (low < 0 || value < values[low]) low = index;
      if (high < 0 || value > values[high]) high = index;
    }
    if (low >= 0) take(bucket, Math.min(low, high), Math.max(low, high));
    bucket += merged;
  }
};

// A grid from `first` to `last` and a step beyond: `bounds` of its buckets, and the `steps` of its points.
export const grid = (first, last, logarithmic, maxBuckets) => {
  const least = logarithmic ? 1 : 0;
  const begin = Math.max(least, Math.floor(first) - 1);
  const end = Math.max(begin, Math.ceil(last)) + 1;
  const count = Math.min(maxBuckets, end - begin);
  const bounds = [begin];
  for (let i = 1; i <= count; i += 1) {
    const share = i / count;
    const bound = logarithmic ? begin * (end / begin) ** share : begin + (end - begin) * share;
    bounds.push(Math.max(bounds[i - 1] + 1, Math.round(bound)));
  }
  const ends = bounds.slice(1);
  return { bounds, steps: ends.flatMap((end, i) => [bounds[i], (bounds[i] + end) / 2]) };
};

// Writes the extremes of what came from index `begin` on into `drawn`, which has a place for each of a
// grid's points.
export const thin = (values, steps, begin, bounds, merged, drawn) => {
  eachBucket(values, steps, begin, bounds, merged, (bucket, earlier, later) => {
    drawn[2 * bucket] = values[earlier];
    if (later > earlier && 2 * bucket + merged < drawn.length)
      drawn[2 * bucket + merged] = values[later];
  });
};

// The extremes in all buckets, as steps and values in turn.
export const extremes = (values, steps, bounds) => {
  const found = [];
  eachBucket(values, steps, 0, bounds, 1, (_, ...extremes) => {
    for (const index of new Set(extremes)) found.push(stepOf(steps, index), values[index]);
  });
  return found;
};

// The lowest and, but for a share, the highest.
export const spread = (values, share) => {
  const sorted = Float64Array.from(values.filter((value) => value !== undefined)).sort();
  return sorted.length ? [sorted[0], sorted[Math.floor((1 - share) * (sorted.length - 1))]] : [];
};

// The index of the value at the step nearest to this one; -1 where there is none.
export const nearest = (values, steps, step) => {
  const least = steps ? 0 : 1;
  const after = firstIndex(values.length, (i) => stepOf(steps, i) >= step);
  const places = [after - 1, after].filter((i) => i >= least && i < values.length);
  const distance = (i) => Math.abs(stepOf(steps, i) - step);
  return places.length ? places.reduce((a, b) => (distance(b) < distance(a) ? b : a)) : -1;
};

// MicroPython would pass each value as an argument, and has no room for thousands of them.
export const append = (array, values) => {
  for (const value of values) array.push(value);
};

// For uPlot, which needs a function: MicroPython would release one of its own too early.
export const percents = (plot, values) => values.map((value) => `${value}%`);

// The place of the point that a cursor at `index` is at: a grid has points without a value.
export const nearestPoint = (plot, series, index) => {
  const values = plot.data[series];
  for (let away = 0; away < POINT_REACH; away += 1)
    for (const place of [index - away, index + away]) if (values[place] !== undefined) return place;
  return null;
};

// For uPlot: a scale that reaches from where to where it is set.
export const asSet = (plot, least, most) => [least, most];
