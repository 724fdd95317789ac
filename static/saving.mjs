// Saves what is shown as files: a part of the page as a picture, the losses of a run as a table.
import { asCsv, asJson } from "./losses.mjs";
import { canvasOf } from "./pictures/canvas.mjs";
import { marksOf } from "./pictures/page.mjs";
import { svgOf } from "./pictures/svg.mjs";

const MARGIN = 16; // around the picture, in pixels of the page
// While it is measured: nothing moves, and what only steers takes no room (but keeps the focus).
const MEASURED = new CSSStyleSheet();
MEASURED.replaceSync(`
  .pictured, .pictured * { transition: none !important; animation: none !important; }
  .pictured {
    align-self: start !important;
    min-height: 0 !important;
    border-color: transparent !important;
  }
  .pictured .unpictured { position: absolute !important; }
  [data-drawn~="::before"]::before, [data-drawn~="::after"]::after { content: none !important; }
`);

const measured = (element) => {
  document.adoptedStyleSheets.push(MEASURED);
  element.classList.add("pictured");
  try {
    return marksOf(element, MARGIN);
  } finally {
    element.classList.remove("pictured");
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== MEASURED);
  }
};

// A name without what means something in one of a file.
const nameOf = (words) => words.replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 80);

// Saves an element as SVG that other programs open, or as PNG twice as large. `title` and
// `description` stand in the SVG.
export const savePicture = async (element, kind, name, title, description) => {
  const picture = measured(element);
  const blob =
    kind === "svg"
      ? new Blob([await svgOf(picture, title, description)], { type: "image/svg+xml" })
      : await new Promise((resolve) => canvasOf(picture).toBlob(resolve, "image/png"));
  window.microgpt.download(`${nameOf(name)}.${kind}`, blob);
};

// Saves losses as CSV or JSON; `raw` and `smooth` are by step, `about` is JSON: the run that they
// are of, and what else was measured.
export const saveLosses = (raw, smooth, kind, name, about) => {
  const { run, evaluations } = JSON.parse(about);
  const losses = { raw, smooth, ...evaluations };
  const text = kind === "csv" ? asCsv(losses) : asJson(run, losses);
  const type = kind === "csv" ? "text/csv" : "application/json";
  window.microgpt.download(`${nameOf(name)}.${kind}`, new Blob([text], { type }));
};
