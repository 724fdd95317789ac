// For Learn, what Python cannot do: its worker, and the editors of the programs. Their texts stay in
// JavaScript's hands, and edited ones in the browser, as data of one's own do.
import { download } from "./bundle.mjs";
import { begin as beginPointing } from "./inside.mjs";
import { programs } from "./page_places.mjs";

const KEEP_MILLISECONDS = 300; // after the last key

let texts; // of the programs by their names

// ---- the worker ---------------------------------------------------------------------------------

const fatal = (message) => JSON.stringify({ type: "fatal", message });
const NOT_LOADED = fatal("The part of the page that runs Python could not be loaded");
const script = window.microgpt.workerScript(new URL("learning_worker.mjs", import.meta.url), NOT_LOADED);

let worker, take;
const start = () => {
  const mine = new Worker(script, { type: "module" });
  mine.onmessage = ({ data }) => {
    if (mine === worker) take(data);
  };
  mine.onerror = (event) => {
    event.preventDefault();
    if (mine === worker) take(event.message ? fatal(event.message) : NOT_LOADED);
  };
  worker = mine;
};

// ---- the programs -------------------------------------------------------------------------------

const keyOf = (name) => `program-${name}`; // of an edited text in the browser

// Opens the editor of a program in an element; `notes` is JSON, as editor.mjs has them.
//   changed(is edited): it is edited, or again as it was
//   run(): Ctrl and Enter
const openProgram = (parent, name, notes, changed, run) => {
  const original = texts[name];
  const before = texts[name - 1] ?? null;
  let timer;
  const keep = () => {
    if (!timer) return; // it is as it was kept
    clearTimeout(timer);
    timer = 0;
    const text = editor.text();
    window.microgpt.keepOwn(keyOf(name), text === original ? "" : text);
  };
  const editor = window.microgpt.createEditor(parent, {
    text: original,
    label: `Program train${name}.py`,
    original: before,
    notes: JSON.parse(notes),
    changed(text) {
      clearTimeout(timer);
      timer = setTimeout(keep, KEEP_MILLISECONDS);
      changed(text !== original);
    },
    run,
  });
  const kept = window.microgpt.recallOwn(keyOf(name));
  if (kept) editor.setText(kept);
  addEventListener("pagehide", keep);
  return {
    compare: (compared) => editor.setOriginal(compared ? before : null),
    reset: () => editor.setText(original),
    run(command, bytes) {
      const text = JSON.stringify({ ...JSON.parse(command), source: editor.text() });
      worker.postMessage({ text, bytes }, [bytes.buffer]);
    },
    showNote: (number) => editor.showNote(number),
    mark(line, sentence) {
      editor.mark(line, sentence);
      editor.show(line);
    },
    highlight(line) {
      editor.highlight(line);
      if (line) editor.show(line);
    },
    clearMark() {
      editor.clearMark();
      editor.highlight(0);
    },
  };
};

// Fetches what is missing; returns what is to be called when everything is there.
export const prepare = async () => {
  const [bytes] = await Promise.all([download(programs), window.microgpt.loadEditor()]);
  texts = JSON.parse(new TextDecoder().decode(bytes));
  return begin;
};

const begin = () => {
  beginPointing();
  Object.assign(window.microgpt, {
    openProgram,
    // Starts the worker; `receive` is called with each message.
    startLearning(receive) {
      take = receive;
      start();
    },
    askLearning: (text) => worker.postMessage({ text, bytes: null }),
    // Ends the worker whatever it is doing, and starts another.
    restartLearning() {
      worker.terminate();
      start();
    },
  });
};
