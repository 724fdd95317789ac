// A module worker that runs the core's unit tests inside the site's own Pyodide.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const localUrl = (path) => new URL(path, import.meta.url).href;

async function start() {
  const wheels = await (await fetch(localUrl("wheels.json"))).json();
  const pyodide = await loadPyodide({ indexURL: localUrl("pyodide/") });
  await pyodide.loadPackage("micropip");
  const micropip = pyodide.pyimport("micropip");
  await micropip.install.callKwargs(wheels.map(localUrl), { deps: false });
  const project = await (await fetch(localUrl("project.zip"))).arrayBuffer();
  pyodide.unpackArchive(project, "zip", { extractDir: "/home/pyodide" });
  pyodide.runPython("import sys; sys.path.insert(0, '/home/pyodide/project')");
  return pyodide.pyimport("run_pytest");
}

const runner = start();

onmessage = async ({ data: file }) => {
  try {
    postMessage({ report: JSON.parse(await (await runner).run.callPromising(file)) });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
