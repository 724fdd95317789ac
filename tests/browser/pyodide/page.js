// The page's side of the tests inside Pyodide: hands their files to the worker.
"use strict";
const worker = new Worker("worker.mjs", { type: "module" });

/** Runs one test file in the worker; resolves to {report} or {error}. */
globalThis.run = (file, seconds) =>
  new Promise((resolve) => {
    const error = `${file} did not finish within ${seconds} seconds`;
    setTimeout(() => resolve({ error }), 1000 * seconds);
    worker.onerror = (event) => resolve({ error: event.message || "the worker failed" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage(file);
  });
