// Starts PyScript, and writes the page's Python modules into MicroPython's file system.
import { drawBand } from "./band.mjs";
import { download, writeBundle } from "./bundle.mjs";
import * as curves from "./curves.mjs";
import { hooks, later, modules, sizes } from "./page_places.mjs";
import * as pastCurves from "./past_curves.mjs";

const KEEP_MILLISECONDS = 6000;

const bytes = download(modules);

Object.assign(window.microgpt, curves, pastCurves, { drawBand });

let tries = 0; // a browser may remember that a script could not be fetched
const fetchScript = (name) => import(`./${name}.mjs#${(tries += 1)}`);

// Fetches a script once, however often it is wanted; after a failure once more.
const once = (name) => {
  let module = null; // a promise, once it is wanted
  return () =>
    (module ??= fetchScript(name).catch((error) => {
      module = null;
      throw error;
    }));
};

const editor = once("editor");
// After it there is `window.microgpt.createEditor`, see editor.mjs.
window.microgpt.loadEditor = async () => {
  window.microgpt.createEditor = (await editor()).createEditor;
};

window.microgpt.store = null; // until it is fetched
const store = once("store");
// Fetches what keeps the user's work; after it there is `window.microgpt.store`, see store.mjs.
window.microgpt.loadStore = async () => (window.microgpt.store = await store());

// Resolves to what keeps past runs, see past_runs.mjs.
window.microgpt.loadPastRuns = once("past_runs");

// Resolves to what keeps experiments of the Lab, see sweeps.mjs.
window.microgpt.loadSweeps = once("sweeps");

// Resolves to what makes files of what is shown, see saving.mjs.
window.microgpt.loadSaving = once("saving");

let packing = null; // a promise, once it is wanted
// Fetches what packs and unpacks texts in links, see packing.mjs.
window.microgpt.loadPacking = () =>
  (packing ??= fetchScript("packing").catch((error) => {
    packing = null;
    throw error;
  }));
if (/[#&](text|code|model)=/.test(location.hash)) window.microgpt.loadPacking().catch(() => {});

// What an earlier visit has kept, read while Python starts; null where nothing is.
const recall = async () => {
  try {
    return await (await window.microgpt.loadStore()).recall();
  } catch (error) {
    console.warn("What is kept could not be looked for:", error);
    return null;
  }
};
window.microgpt.recalled = window.microgpt.anyKept() ? recall() : null;

let exchange = null; // a promise, once it is wanted
const fetchExchange = async () => {
  try {
    return await fetchScript("exchange");
  } catch (error) {
    exchange = null;
    throw error;
  }
};
// Fetches what reads and writes a file with everything that is kept, see exchange.mjs.
window.microgpt.loadExchange = () => (exchange ??= fetchExchange());

// The scripts of the later parts; a function that one of them comes to is called when all is there.
const scripts = {
  inside: async () => (await fetchScript("inside")).begin,
  code: window.microgpt.loadEditor,
  lab: async () => {
    const { drawLab } = await fetchScript("lab");
    // MicroPython hands on a module as it is, but of a class in it no more than a function.
    window.microgpt.drawLab = (uPlot, ...rest) => drawLab(uPlot.default, ...rest);
  },
  learn: async () => (await fetchScript("learn")).prepare(),
  share: async () => {
    await window.microgpt.loadPacking();
    window.microgpt.drawQr = (await fetchScript("qr")).draw;
  },
};

// Called when everything is up: a while later, when nothing is delayed by it, the site is kept.
window.microgpt.keepSite = () =>
  window.microgpt.framed ||
  setTimeout(() => import("./offline.mjs").catch(() => {}), KEEP_MILLISECONDS);

hooks.main.onReady.add(async (pyscript) => {
  const { FS } = pyscript.interpreter;
  // Makes importable a later part of the page; all of it is fetched, or nothing is kept.
  window.microgpt.loadPart = async (name) => {
    const part = later[name];
    const [content, rules, begin] = await Promise.all([
      download(part.modules),
      download(part.sheet),
      scripts[name]?.(),
    ]);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(new TextDecoder().decode(rules));
    document.adoptedStyleSheets.push(sheet);
    writeBundle(FS, FS.cwd(), content, part.sizes);
    begin?.();
  };
  writeBundle(FS, FS.cwd(), await bytes, sizes);
  // PyScript's own Python library is among them, as bytecode. PyScript would write its source
  // before it runs the page's code, and MicroPython would compile that at every start.
  pyscript.runAsync = async (code) => {
    try {
      await pyscript.interpreter.runPythonAsync(code);
    } catch (error) {
      pyscript.io.stderr(error);
    }
  };
});
