// Starts PyScript, and writes the page's Python modules into MicroPython's file system.
import { hooks, modules, sizes } from "./page_places.mjs";

const download = async () => {
  const response = await fetch(modules);
  if (!response.ok) throw new Error(`${modules} is missing (status ${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
};
const bytes = download();

// Cuts the file up into the modules that lie in it one after the other.
const write = (FS, bytes, sizes) => {
  let begin = 0;
  for (const [name, size] of Object.entries(sizes)) {
    const path = `${FS.cwd()}/${name}`;
    FS.mkdirTree(path.slice(0, path.lastIndexOf("/")));
    FS.writeFile(path, bytes.subarray(begin, (begin += size)));
  }
};

hooks.main.onReady.add(async (pyscript) => {
  write(pyscript.interpreter.FS, await bytes, sizes);
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
