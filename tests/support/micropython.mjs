// Checks Python files under MicroPython, the page's interpreter.
// Usage: node micropython.mjs MICROPYTHON ROOT (import|compile) FILE...
import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [interpreter, root, what, ...files] = process.argv.slice(2);
const { loadMicroPython } = await import(pathToFileURL(resolve(interpreter)).href);
const python = await loadMicroPython({ heapsize: 2 ** 23 });
const actions = {
  import: (file) => `import ${file.replace(/\.py$/, "").replaceAll("/", ".")}`,
  compile: (file) => `with open("${file}") as f: compile(f.read(), "${file}", "exec")`,
};

for (const file of files) {
  python.FS.mkdirTree(dirname(file));
  python.FS.writeFile(file, readFileSync(join(root, file)));
}
try {
  for (const file of files) {
    python.runPython(actions[what](file));
    console.log(file);
  }
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
