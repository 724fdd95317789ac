// A module worker that runs the core's unit tests inside the site's own Pyodide.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const here = (path) => new URL(path, import.meta.url).href;

async function start() {
  const wheels = await (await fetch(here("wheels.json"))).json();
  const pyodide = await loadPyodide({ indexURL: here("pyodide/") });
  await pyodide.loadPackage("micropip");
  const micropip = pyodide.pyimport("micropip");
  await micropip.install.callKwargs(wheels.map(here), { deps: false });
  const project = await (await fetch(here("project.zip"))).arrayBuffer();
  pyodide.unpackArchive(project, "zip", { extractDir: "/home/pyodide" });
  pyodide.runPython("import sys; sys.path.insert(0, '/home/pyodide/project')");
  return pyodide.pyimport("inside");
}

const inside = start();

onmessage = async ({ data: file }) => {
  try {
    postMessage({ report: JSON.parse(await (await inside).run.callPromising(file)) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
