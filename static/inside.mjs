// For the inside of the model, what Python cannot do quickly: lighting up everywhere what is pointed
// at, exact numbers, arrow keys through lists, and heat maps.

const SCOPE = ":is(#inside, #text-row, #probabilities)";
const KINDS = ["token", "part", "place"];
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

let lit = [];
const light = (source) => {
  for (const element of lit) element.classList.remove("lit");
  lit = [];
  for (const kind of KINDS) {
    const value = source?.dataset[kind];
    if (value === undefined) continue;
    lit.push(...document.querySelectorAll(`${SCOPE} [data-${kind}="${CSS.escape(value)}"]`));
  }
  for (const element of lit) element.classList.add("lit");
};

// The line below a view with the exact numbers of what is pointed at.
const tell = (element, words) => {
  const line = element?.closest(".view")?.querySelector(".exact");
  if (line && line.textContent !== words) line.textContent = words;
};

const point = (target) => {
  const source = target.closest?.(`${SCOPE} :is([data-token], [data-part], [data-place])`);
  light(source);
  const exact = target.closest?.("[data-exact]");
  tell(target.closest?.(".view-body"), exact?.dataset.exact ?? "");
};

// A list with `data-walk` is one tab stop; the arrow keys go through what has exact numbers in it.
const walk = (event) => {
  const list = event.target.closest?.("[data-walk]");
  if (list !== event.target || !(event.key in STEPS)) return;
  event.preventDefault(); // it would scroll the page
  const items = [...list.querySelectorAll("[data-exact]")];
  if (!items.length) return;
  const place = Number(list.dataset.walk || -1) + STEPS[event.key];
  list.dataset.walk = (place + items.length) % items.length;
  point(items[list.dataset.walk]);
};

// ---- heat maps ----------------------------------------------------------------------------------

const maps = new Map(); // what is drawn on each canvas

let palette = null; // the colours of the theme: above 0, and below

const channels = (name) => {
  const context = document.createElement("canvas").getContext("2d");
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const number = parseInt(context.fillStyle.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
};

// One pixel a cell, scaled by the style sheet: accent above 0, the second colour below.
const paint = (canvas) => {
  const { numbers, rows, columns, top } = maps.get(canvas);
  palette ??= ["--accent", "--held"].map(channels); // styles are read once, which takes long
  const [above, below] = palette;
  Object.assign(canvas, { width: columns, height: rows });
  const context = canvas.getContext("2d");
  const image = context.createImageData(columns, rows);
  for (let cell = 0; cell < rows * columns; cell += 1) {
    const share = Math.min(1, Math.abs(numbers[cell]) / top);
    image.data.set(numbers[cell] < 0 ? below : above, 4 * cell);
    image.data[4 * cell + 3] = 255 * Math.sqrt(share); // small numbers are to be seen, too
  }
  context.putImageData(image, 0, 0);
};

// Draws rows times columns 32-bit floats of the blob, from number `offset` on; `top` has the full
// colour. `labels` is JSON: the names of the rows, and those of the columns.
const drawHeatmap = (canvas, blob, offset, rows, columns, top, labels) => {
  const numbers = new Float32Array(blob.buffer, blob.byteOffset + 4 * offset, rows * columns);
  for (const drawn of maps.keys()) if (!drawn.isConnected) maps.delete(drawn);
  maps.set(canvas, { numbers, rows, columns, top, labels: JSON.parse(labels) });
  paint(canvas);
};

const pointAtCell = (event) => {
  const map = maps.get(event.target);
  if (!map) return;
  const box = event.target.getBoundingClientRect();
  const row = Math.floor(((event.clientY - box.top) / box.height) * map.rows);
  const column = Math.floor(((event.clientX - box.left) / box.width) * map.columns);
  const value = map.numbers[row * map.columns + column];
  if (row < 0 || column < 0 || row >= map.rows || column >= map.columns) return;
  const [rowNames, columnNames] = map.labels;
  tell(event.target, `${rowNames[row]}, ${columnNames[column]}: ${value.toFixed(3)}`);
};

// Called when everything is there; Learn, which comes with it too, may have called it before.
export const begin = () => {
  if (window.microgpt.drawHeatmap) return;
  window.microgpt.drawHeatmap = drawHeatmap;
  for (const kind of ["pointerover", "focusin"])
    document.addEventListener(kind, ({ target }) => point(target));
  document.documentElement.addEventListener("pointerleave", () => light());
  document.addEventListener("pointermove", pointAtCell);
  document.addEventListener("keydown", walk);
  new MutationObserver(() => {
    palette = null;
    for (const canvas of maps.keys()) if (canvas.isConnected) paint(canvas);
  }).observe(document.documentElement, { attributeFilter: ["data-theme"] });
};
