// The worker: starts Python, then passes every message to app/worker/main.py. It posts two events
// itself: "boot" says which stage the start is at, "fatal" that Python has stopped.
import { pyodideFolder } from "./places.mjs";
import { bringUp } from "./snapshot.mjs";

const KEPT = ["checkpoint", "kept"];
const IDLE_MILLISECONDS = 5000; // without a message before a snapshot is made

const STAGES = [
  "Python itself",
  "Python's standard library",
  "the model's code",
  "the playground's code",
];

const early = []; // messages that come before Python is ready
let receive = (message) => early.push(message);
let onActivity = () => {}; // called with each message that is not about whether the worker lives
// A text comes as a handle; Python takes bytes.
const withBytes = (message) => {
  if (!(message.blob instanceof Blob)) return message;
  return { ...message, blob: new Uint8Array(new FileReaderSync().readAsArrayBuffer(message.blob)) };
};
self.onmessage = ({ data }) => {
  if (data.type !== "ping") onActivity();
  receive(withBytes(data));
};
const post = (message, transfer = []) => {
  if (message.type !== "pong") onActivity();
  if (message.blob && KEPT.includes(message.type)) {
    // The page only keeps it: it gets a handle, and the bytes pass its thread by.
    self.postMessage({ ...message, blob: new Blob([message.blob]) });
    return;
  }
  self.postMessage(message, transfer);
};
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

// Passes messages to Python from now on.
const begin = (python) => {
  // Private, but the only way to learn of an error that ends the interpreter.
  python._api.on_fatal = (error) => fatal("Python stopped", error);
  const main = python.pyimport("app.worker.main");
  receive = main.start(post, startPoolWorker); // a proxy that is never destroyed: the worker needs it to its end
  main.destroy();
  for (const message of early.splice(0)) receive(message);
  // The playground itself does not need it, so it is loaded on demand: Python awaits js.micropip.
  let micropip;
  Object.defineProperty(self, "micropip", { get: () => (micropip ??= loadMicropip(python)) });
};

const boot = async () => {
  postStage(1);
  if (await bringUp(begin, postStage)) performance.mark("restored");
  else makeSnapshotWhenIdle();
};

// Starts another of the site's scripts as a worker of this one; `failed` is run if it cannot be loaded.
const startWorker = (name, failed) => {
  // From a blob that imports dynamically, see boot.js. What is behind the # tells it from others.
  const address = JSON.stringify(new URL(name, import.meta.url));
  const code = `
    const early = [];
    onmessage = (event) => early.push(event);
    import(${address}).then(() => early.forEach((event) => onmessage(event)), () => ${failed});`;
  const script = URL.createObjectURL(new Blob([code], { type: "text/javascript" }));
  return new Worker(`${script}#${name}`, { type: "module" });
};

// Starts a worker of the pool; `take` is called with each of its messages.
const startPoolWorker = (take) => {
  const started = startWorker("pool_worker.mjs", 'postMessage({ type: "lost" })');
  started.onmessage = ({ data }) => take(data);
  started.onerror = (event) => {
    event.preventDefault();
    take({ type: "lost" });
  };
  return started;
};

// Has the next visit's snapshot made by another worker. Whatever happens meanwhile goes first: it
// ends that worker, and there is a new one the next time that nothing has happened for a while.
const makeSnapshotWhenIdle = () => {
  let timer, maker;
  const make = () => {
    maker = startWorker("snapshot_maker.mjs", "close()");
    maker.onmessage = maker.onerror = () => {
      maker.terminate();
      onActivity = () => {};
    };
  };
  onActivity = () => {
    maker?.terminate();
    clearTimeout(timer);
    timer = setTimeout(make, IDLE_MILLISECONDS);
  };
  onActivity();
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
