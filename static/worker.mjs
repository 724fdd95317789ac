// The worker: starts Python, then passes every message to app/worker/main.py. It posts two events
// itself: "boot" says which stage the start is at, "fatal" that Python has stopped.
import { archives, library, loadPyodide, lockFile, pyodideFolder } from "./places.mjs";

const STAGES = [
  "Python itself",
  "Python's standard library",
  "the model's code",
  "the playground's code",
];

const early = []; // messages that come before Python is ready
let receive = (message) => early.push(message);
self.onmessage = ({ data }) => receive(data);

const post = (message, transfer = []) => self.postMessage(message, transfer);
const postStage = (stage) =>
  post({ type: "boot", stage, of: STAGES.length, what: STAGES[stage - 1] });
const fatal = (what, error) => {
  const reason = String(error?.message ?? error).trim().split("\n").at(-1);
  console.error(error);
  post({ type: "fatal", message: `${what}: ${reason}` });
};

// The page is told when the lock is free again: when this worker is gone, whatever ended it. A site
// that comes neither from this machine nor over https has no locks, and the page relies on pings.
const holdLock = () =>
  navigator.locks?.request(self.name, () => {
    post({ type: "locked" });
    return new Promise(() => {});
  });

const download = async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} is missing (status ${response.status})`);
  return response.arrayBuffer();
};

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

const boot = async () => {
  postStage(1);
  const address = await libraryAddress();
  const [python, ...packed] = await Promise.all([
    loadPyodide({
      indexURL: pyodideFolder,
      packageBaseUrl: pyodideFolder,
      lockFileURL: lockFile,
      stdLibURL: address,
      fsInit: async () => postStage(2),
    }),
    ...archives.map(download),
  ]);
  URL.revokeObjectURL(address);
  // Private, but the only way to learn of an error that ends the interpreter.
  python._api.on_fatal = (error) => fatal("Python stopped", error);
  postStage(3);
  for (const archive of packed) {
    python.unpackArchive(archive, "zip", { extractDir: python._api.sitePackages });
  }
  postStage(4);
  const main = python.pyimport("app.worker.main");
  receive = main.start(post); // a proxy that is never destroyed: the worker needs it to its end
  main.destroy();
  for (const message of early.splice(0)) receive(message);
  // The playground itself does not need it, so it is loaded on demand: Python awaits js.micropip.
  let micropip;
  Object.defineProperty(self, "micropip", { get: () => (micropip ??= loadMicropip(python)) });
};

const loadMicropip = async (python) => {
  await python.loadPackage("micropip", { messageCallback: () => {} });
  const micropip = python.pyimport("micropip");
  // A package requested by name is looked up on this site, never on another host.
  micropip.set_index_urls(new URL("packages/{package_name}.json", pyodideFolder).href);
  return micropip;
};

holdLock();
boot().catch((error) => fatal("Python could not start", error));
