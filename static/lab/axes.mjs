// Scales, ticks and numbers of the Lab's pictures.

const MARGIN = 0.06; // of what an axis reaches over, beyond its first and last value
const GROUPED = new Intl.NumberFormat("en", { maximumFractionDigits: 12 });
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumSignificantDigits: 3 });
const MANTISSAS = [[1, 2, 5], [1, 3], [1]]; // of the ticks of a logarithmic axis, the finest first

// A number as it stands in a text: an integer is exact, of others four digits are said.
export const numberOf = (value) => {
  if (Number.isInteger(value)) return GROUPED.format(value);
  if (value && Math.abs(value) < 1e-4) return value.toExponential(1);
  return GROUPED.format(Number(value.toPrecision(4)));
};

// From where to where an axis reaches so that it takes in all `values`, and what it took in `before`: [low,
// high], or null. A little more is taken than must be, so that a scale that grows does so rarely.
export const grown = (before, values, log) => {
  const usable = values.filter((value) => Number.isFinite(value) && (!log || value > 0));
  if (!usable.length) return before;
  const low = usable.reduce((one, other) => Math.min(one, other));
  const high = usable.reduce((one, other) => Math.max(one, other));
  if (before && before[0] <= low && high <= before[1]) return before;
  const [begin, end] = log ? [Math.log(low), Math.log(high)] : [low, high];
  const margin = MARGIN * (end - begin) || (log ? 0.05 : Math.abs(begin) / 20 || 1);
  let [least, most] = [begin - margin, end + margin];
  if (log) [least, most] = [Math.exp(least), Math.exp(most)];
  else if (low >= 0) least = Math.max(0, least);
  return before ? [Math.min(before[0], least), Math.max(before[1], most)] : [least, most];
};

// The round numbers in a range, `room` of them at most.
const linearTicks = (low, high, room) => {
  const least = (high - low) / Math.max(1, room);
  const power = 10 ** Math.floor(Math.log10(least));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= least) ?? 10);
  const found = [];
  for (let i = Math.ceil(low / step - 1e-9); i * step <= high + 1e-9 * step; i += 1)
    found.push(Number((i * step).toPrecision(12)));
  return found;
};

// Those of a logarithmic axis: powers of ten, and what lies between where there is room.
const logarithmicTicks = (low, high, room) => {
  const [first, last] = [Math.floor(Math.log10(low)), Math.ceil(Math.log10(high))];
  const ticksAt = (mantissas, every) => {
    const found = [];
    for (let power = first; power <= last; power += 1)
      if (power % every === 0)
        found.push(...mantissas.map((mantissa) => Number((mantissa * 10 ** power).toPrecision(12))));
    return found.filter((tick) => tick >= low && tick <= high);
  };
  for (const mantissas of MANTISSAS) {
    const found = ticksAt(mantissas, 1);
    if (found.length > room) continue;
    return found.length > 1 ? found : linearTicks(low, high, room);
  }
  return ticksAt([1], Math.ceil((last - first + 1) / room));
};

export const ticksOf = ([low, high], log, room) =>
  (log ? logarithmicTicks : linearTicks)(low, high, Math.max(2, Math.floor(room)));

// The ticks as words, all with the same number of digits, unless they go by factors.
export const tickWords = (ticks, log, percent) => {
  const byFactors = log && ticks.at(-1) >= 5 * ticks[0];
  const scaled = ticks.map((tick) => (percent ? Number((100 * tick).toPrecision(12)) : tick));
  const unit = percent ? "%" : "";
  const digits = (value) => `${value}`.split(".")[1]?.length ?? 0;
  const most = Math.max(0, ...scaled.map(digits));
  return scaled.map((value) => {
    if (Math.abs(value) >= 1e6) return SHORT.format(value) + unit;
    if (byFactors || `${value}`.includes("e")) return numberOf(value) + unit;
    return value.toLocaleString("en", { minimumFractionDigits: most }) + unit;
  });
};
