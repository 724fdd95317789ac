// Starts PyScript, and writes the page's Python modules into MicroPython's file system.
import { download, writeBundle } from "./bundle.mjs";
import { hooks, modules, sizes } from "./page_places.mjs";

const bytes = download(modules);

hooks.main.onReady.add(async (pyscript) => {
  const { FS } = pyscript.interpreter;
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
