// Runs bytecode.py inside Pyodide under Node.
// Usage: node precompile.mjs PYODIDE_FOLDER BYTECODE_PY library SOURCE TARGET
//        node precompile.mjs PYODIDE_FOLDER BYTECODE_PY sources TARGET SOURCE...
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [folder, bytecode, what, ...files] = process.argv.slice(2);
const { loadPyodide } = await import(pathToFileURL(resolve(folder, "pyodide.mjs")).href);
const pyodide = await loadPyodide({ indexURL: `${resolve(folder)}/` });

// Mounts the folder of a file in Pyodide; returns the path of the file there.
let mounts = 0;
const inside = (file) => {
  const path = resolve(file);
  const point = `/mounted/${mounts++}`;
  pyodide.mountNodeFS(point, dirname(path));
  return `${point}/${path.slice(dirname(path).length + 1)}`;
};

pyodide.runPython(readFileSync(bytecode, "utf8"));
const python = pyodide.globals;
if (what === "library") {
  const [source, target] = files.map(inside);
  const home = pyodide.runPython("import sys; next(p for p in sys.path if p.endswith('.zip'))");
  python.get("compile_library")(source, target, home);
} else {
  const [target, ...sources] = files.map(inside);
  const tag = pyodide.runPython("import sys; sys.implementation.cache_tag");
  python.get("add_bytecode")(pyodide.toPy(sources), target, tag);
}
