// Starts Python with the core's and the app's code in it: from nothing, or from a snapshot.
import { download, writeBundle, writeLate } from "./bundle.mjs";
import {
  bytecode,
  library,
  loadPyodide,
  lockFile,
  modules,
  pyodideFolder,
  sources,
} from "./places.mjs";

const PLACES = { indexURL: pyodideFolder, packageBaseUrl: pyodideFolder, lockFileURL: lockFile };

// Hosts compress scripts and WebAssembly in transit, but rarely archives. If this one does not, the
// copy that the build compressed, less than half the size, is loaded and inflated here.
const downloadLibrary = async () => {
  const head = await fetch(library, { method: "HEAD" });
  if (head.headers.has("content-encoding")) return download(library);
  const packed = await fetch(`${library}.gz`);
  if (!packed.ok || packed.headers.has("content-encoding")) return download(library);
  const inflated = packed.body.pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(inflated).arrayBuffer());
};

// Where Python looks for its library: beside the folder of its version.
const libraryFile = (sitePackages) =>
  `${sitePackages.replace("/site-packages", "").replace(".", "")}.zip`;

// Loads Pyodide with an empty file for its library, so that it does not wait for its download first.
const load = async (options) => {
  const stdLibURL = URL.createObjectURL(new Blob());
  const python = await loadPyodide({ ...PLACES, stdLibURL, ...options });
  URL.revokeObjectURL(stdLibURL);
  return python;
};

const write = ({ FS, _api }, bytes, { sizes }) => writeBundle(FS, _api.sitePackages, bytes, sizes);

// Starts Python; `onStage` is called with 2 to 4 as it goes on, `options` are Pyodide's own.
export const startPython = async (onStage = () => {}, options = {}) => {
  const libraryBytes = downloadLibrary();
  const fsInit = async (FS, { sitePackages }) => {
    onStage(2);
    const file = libraryFile(sitePackages);
    const bytes = await libraryBytes;
    // Pyodide writes the empty one meanwhile.
    while (!FS.analyzePath(file).exists) await new Promise((resume) => setTimeout(resume));
    FS.writeFile(file, bytes, { canOwn: true });
  };
  const [python, sourceBytes, bytecodeBytes] = await Promise.all([
    load({ ...options, fsInit }),
    download(sources.address),
    download(bytecode.address),
    libraryBytes, // where it is missing, Pyodide would not say so
  ]);
  onStage(3);
  write(python, sourceBytes, sources);
  write(python, bytecodeBytes, bytecode);
  onStage(4);
  return python;
};

// The memory of a Python that has imported everything, without the zeros at its end.
export const makeSnapshot = async () => {
  const python = await startPython(() => {}, { _makeSnapshot: true });
  for (const name of modules) python.pyimport(name).destroy();
  // It reads the model's source, which a restored Python does not wait for.
  python.pyimport("microgpt.model_code.source").default_source();
  python.runPython("import gc; gc.collect()");
  const memory = python.makeMemorySnapshot();
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  return memory.slice(0, 4 * (words.findLastIndex((word) => word !== 0) + 1));
};

// Starts Python from a snapshot, or the promise of one. A file system is not in it; the modules
// are, so that it need not wait for the library, nor for the sources that tracebacks show.
export const restorePython = async (snapshot, onStage = () => {}) => {
  const python = await load({ fsInit: async () => onStage(2), _loadSnapshot: snapshot });
  onStage(3);
  const complete = writeLate(python.FS, libraryFile(python._api.sitePackages), library);
  for (const part of [
    downloadLibrary().then(complete),
    download(sources.address).then((bytes) => write(python, bytes, sources)),
  ])
    part.catch((error) => console.warn("A part of Python could not be loaded ahead:", error));
  onStage(4);
  return python;
};
