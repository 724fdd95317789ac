// Starts PyScript, and writes the page's Python modules into MicroPython's file system.
import { download, writeBundle } from "./bundle.mjs";
import { hooks, insideModules, insideSheet, insideSizes, modules, sizes } from "./page_places.mjs";

const bytes = download(modules);

let editor = null; // a promise, once it is wanted
let editorTries = 0; // a browser may remember that a script could not be fetched
const fetchEditor = async () => {
  editorTries += 1;
  const { createEditor } = await import(`./editor.mjs#${editorTries}`);
  window.microgpt.createEditor = createEditor;
};
// Fetches the editor once; after it there is `window.microgpt.createEditor`, see editor.mjs.
window.microgpt.loadEditor = () =>
  (editor ??= fetchEditor().catch((error) => {
    editor = null;
    throw error;
  }));

hooks.main.onReady.add(async (pyscript) => {
  const { FS } = pyscript.interpreter;
  let tries = 0;
  // Makes importable what shows the inside of the model; all of it is fetched, or nothing is kept.
  window.microgpt.loadInside = async () => {
    tries += 1; // a browser may remember that a script could not be fetched
    const [content, rules, script] = await Promise.all([
      download(insideModules),
      download(insideSheet),
      import(`./inside.mjs#${tries}`),
    ]);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(new TextDecoder().decode(rules));
    document.adoptedStyleSheets.push(sheet);
    writeBundle(FS, FS.cwd(), content, insideSizes);
    script.begin();
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
