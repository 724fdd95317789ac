// The worker: brings up Python, then hands every message to app/worker/main.py. Knows no message but
// its own two: "boot" tells how far the start is, "fatal" that Python is gone.
import { archives, library, loadPyodide, lockFile, pyodideFolder } from "./places.mjs";

const STAGES = [
  "Python itself",
  "Python's standard library",
  "the model's code",
  "the playground's code",
];

const early = [];
let receive = (message) => early.push(message);
self.onmessage = ({ data }) => receive(data);

const post = (message, transfer = []) => self.postMessage(message, transfer);
const announce = (stage) =>
  post({ type: "boot", stage, of: STAGES.length, what: STAGES[stage - 1] });
const fatal = (what, error) => {
  const reason = String(error?.message ?? error).trim().split("\n").at(-1);
  post({ type: "fatal", message: `${what}: ${reason}` });
};

const download = async (url) => {
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url} is missing (status ${response.status})`);
  return response.arrayBuffer();
};

// Hosts compress scripts and WebAssembly on their way, but seldom an archive. Then the copy that
// the build compressed, less than half the size, is taken and inflated here.
const libraryAddress = async () => {
  const asked = await fetch(library, { method: "HEAD" });
  if (asked.headers.has("content-encoding")) return library;
  const packed = await fetch(`${library}.gz`);
  if (!packed.ok || packed.headers.has("content-encoding")) return library;
  const inflated = packed.body.pipeThrough(new DecompressionStream("gzip"));
  return URL.createObjectURL(await new Response(inflated).blob());
};

const boot = async () => {
  announce(1);
  const address = await libraryAddress();
  const [python, ...packed] = await Promise.all([
    loadPyodide({
      indexURL: pyodideFolder,
      packageBaseUrl: pyodideFolder,
      lockFileURL: lockFile,
      stdLibURL: address,
      fsInit: async () => announce(2),
    }),
    ...archives.map(download),
  ]);
  URL.revokeObjectURL(address);
  // Private, but the only way to hear of an error that ends the interpreter.
  python._api.on_fatal = (error) => fatal("Python stopped", error);
  announce(3);
  for (const archive of packed) {
    python.unpackArchive(archive, "zip", { extractDir: python._api.sitePackages });
  }
  announce(4);
  receive = python.pyimport("app.worker.main").start(post);
  for (const message of early.splice(0)) receive(message);
  // Not needed by the playground itself, so it comes when it is asked for. Python awaits js.micropip.
  let micropip;
  Object.defineProperty(self, "micropip", { get: () => (micropip ??= bringMicropip(python)) });
};

const bringMicropip = async (python) => {
  await python.loadPackage("micropip", { messageCallback: () => {} });
  const micropip = python.pyimport("micropip");
  // A package asked for by its name is looked for on this site, never on another host.
  micropip.set_index_urls(new URL("packages/{package_name}.json", pyodideFolder).href);
  return micropip;
};

boot().catch((error) => fatal("Python could not start", error));
