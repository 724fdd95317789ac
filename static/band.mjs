// Draws the band of several runs into a chart of uPlot's: between which losses most of them lie, and the
// median. The element around the chart has it as `band`: Float64Arrays of steps, lower ends, medians and
// upper ends; null where there is none.
import { SERIES_BELOW_PAST } from "./past_curves.mjs";

export const BAND_ALPHA = 0.22;
export const MEDIAN_WIDTH = 1.5; // pixels

// Its outline and its median as points [x, y] in the chart's own pixels, or those of its canvas.
export const bandOf = (plot, onCanvas) => {
  const band = plot.root.parentElement?.band;
  if (!band) return null;
  const [steps, low, median, high] = band;
  const along = (losses) =>
    Array.from(steps, (step, i) => [plot.valToPos(step, "x", onCanvas), plot.valToPos(losses[i], "y", onCanvas)]);
  return { outline: [...along(low), ...along(high).reverse()], median: along(median) };
};

// For uPlot's hook `drawSeries`: what follows is drawn above.
export const drawBand = (plot, series) => {
  const band = series === SERIES_BELOW_PAST ? bandOf(plot, true) : null;
  if (!band) return;
  const { ctx } = plot;
  const style = getComputedStyle(document.documentElement);
  const trace = (points) => {
    ctx.beginPath();
    for (const point of points) ctx.lineTo(...point);
  };
  ctx.save();
  const { left, top, width, height } = plot.bbox;
  ctx.beginPath();
  ctx.rect(left, top, width, height);
  ctx.clip();
  ctx.fillStyle = style.getPropertyValue("--ink");
  ctx.globalAlpha = BAND_ALPHA;
  trace(band.outline);
  ctx.fill();
  ctx.globalAlpha = 1;
  ctx.strokeStyle = style.getPropertyValue("--ink");
  ctx.lineWidth = MEDIAN_WIDTH * devicePixelRatio;
  trace(band.median);
  ctx.stroke();
  ctx.restore();
};
