// Marks on a canvas.
import { cssFont } from "./texts.mjs";

const SCALE = 2; // pixels for each of the page
const MAX_PIXELS = 16_000_000; // more no canvas has everywhere

const style = (context, fill) => {
  if (!fill.stops) return fill.colour;
  const gradient = context.createLinearGradient(...fill.line);
  for (const [share, { colour, alpha }] of fill.stops) {
    const byte = Math.round(255 * alpha).toString(16).padStart(2, "0");
    gradient.addColorStop(share, `${colour}${byte}`);
  }
  return gradient;
};

const drawPath = (context, { path, fill, stroke, width, dash, matrix }) => {
  const drawn = new Path2D(path);
  if (matrix) context.transform(...matrix);
  if (fill) {
    context.globalAlpha *= fill.alpha ?? 1;
    context.fillStyle = style(context, fill);
    context.fill(drawn);
    context.globalAlpha /= fill.alpha ?? 1;
  }
  if (stroke && width) {
    context.globalAlpha *= stroke.alpha;
    Object.assign(context, { strokeStyle: stroke.colour, lineWidth: width, lineJoin: "round" });
    context.setLineDash(dash ?? []);
    context.stroke(drawn);
  }
};

const drawText = (context, { text, x, y, font, fill, xs }) => {
  context.globalAlpha *= fill.alpha;
  context.fillStyle = fill.colour;
  context.font = cssFont(font);
  if (!xs) return context.fillText(text, x, y);
  [...new Intl.Segmenter().segment(text)].forEach(({ segment }, index) =>
    context.fillText(segment, xs[index], y),
  );
};

const drawGroup = (context, { group, clip, alpha, matrix }) => {
  if (matrix) context.transform(...matrix);
  if (clip) context.clip(new Path2D(clip));
  context.globalAlpha *= alpha ?? 1;
  for (const mark of group) draw(context, mark);
};

const draw = (context, mark) => {
  context.save();
  if (mark.group) drawGroup(context, mark);
  else if (mark.path) drawPath(context, mark);
  else if (mark.image) {
    context.imageSmoothingEnabled = false;
    context.drawImage(mark.image, mark.x, mark.y, mark.wide, mark.high);
  } else drawText(context, mark);
  context.restore();
};

// Draws marks with a context whose units are pixels of the page.
export const drawMarks = (context, marks) => {
  context.save();
  Object.assign(context, { textAlign: "left", textBaseline: "alphabetic" });
  for (const mark of marks) draw(context, mark);
  context.restore();
};

// A canvas with a picture, which `marksOf` has made.
export const canvasOf = ({ width, height, marks }) => {
  const scale = Math.min(SCALE, Math.sqrt(MAX_PIXELS / (width * height)));
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: Math.floor(scale * width), height: Math.floor(scale * height) });
  const context = canvas.getContext("2d");
  context.scale(scale, scale);
  drawMarks(context, marks);
  return canvas;
};
