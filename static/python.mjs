// Starts Python with the core's and the app's code in it: from nothing, or from a snapshot.
import { download, writeBundle } from "./bundle.mjs";
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
const libraryAddress = async () => {
  const head = await fetch(library, { method: "HEAD" });
  if (head.headers.has("content-encoding")) return library;
  const packed = await fetch(`${library}.gz`);
  if (!packed.ok || packed.headers.has("content-encoding")) return library;
  const inflated = packed.body.pipeThrough(new DecompressionStream("gzip"));
  return URL.createObjectURL(await new Response(inflated).blob());
};

const write = ({ FS, _api }, bytes, { sizes }) => writeBundle(FS, _api.sitePackages, bytes, sizes);

// Starts Python; `onStage` is called with 2 to 4 as it goes on, `options` are Pyodide's own.
export const startPython = async (onStage = () => {}, options = {}) => {
  const address = await libraryAddress();
  const [python, sourceBytes, bytecodeBytes] = await Promise.all([
    loadPyodide({ ...PLACES, stdLibURL: address, fsInit: async () => onStage(2), ...options }),
    download(sources.address),
    download(bytecode.address),
  ]);
  URL.revokeObjectURL(address);
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
  python.runPython("import gc; gc.collect()");
  const memory = python.makeMemorySnapshot();
  const words = new Uint32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  return memory.slice(0, 4 * (words.findLastIndex((word) => word !== 0) + 1));
};

// Starts Python from a snapshot, or the promise of one. A file system is not in it; the modules
// are, so of the files Python needs only the library, and the sources that tracebacks show.
export const restorePython = async (snapshot, onStage = () => {}) => {
  const nothing = URL.createObjectURL(new Blob());
  const address = libraryAddress();
  const [python, stdlib, sourceBytes] = await Promise.all([
    loadPyodide({
      ...PLACES,
      stdLibURL: nothing,
      fsInit: async () => onStage(2),
      _loadSnapshot: snapshot,
    }),
    address.then(download),
    download(sources.address),
  ]);
  URL.revokeObjectURL(nothing);
  URL.revokeObjectURL(await address);
  const [major, minor] = python._api.pyVersionTuple;
  python.FS.writeFile(`/lib/python${major}${minor}.zip`, stdlib);
  onStage(3);
  write(python, sourceBytes, sources);
  onStage(4);
  return python;
};
