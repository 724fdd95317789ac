// The worker of Learn: starts Python, then passes every message to app/learning/main.py. Messages are
// JSON; to the worker they are in `text`, beside the bytes that they are about.
import { download, writeBundle } from "./bundle.mjs";
import { learning } from "./places.mjs";
import { bringUp } from "./snapshot.mjs";

const PULSE_MILLISECONDS = 100;
const SIGINT = 2;
const STAGES = 5;

const early = []; // messages that come before Python is ready
let receive = (...message) => early.push(message);
self.onmessage = ({ data: { text, bytes } }) => receive(text, bytes);

const post = (text) => self.postMessage(text);
const postStage = (stage) => post(JSON.stringify({ type: "boot", stage, of: STAGES }));
const fatal = (what, error) => {
  const reason = String(error?.message ?? error).trim().split("\n").at(-1);
  console.error(error);
  post(JSON.stringify({ type: "fatal", message: `${what}: ${reason}` }));
};

// A program that runs leaves no time for anything else. But Python looks now and then whether a
// signal has come, here: and from time to time one has, whose handler tells of the program.
const pulse = {
  due: 0,
  get 0() {
    const now = performance.now();
    if (now < this.due) return 0;
    this.due = now + PULSE_MILLISECONDS;
    return SIGINT;
  },
  set 0(_) {}, // Python takes the signal away
};

const bundle = download(learning.address);
bundle.catch(() => {}); // reported by `begin`

const begin = async (python) => {
  writeBundle(python.FS, python._api.sitePackages, await bundle, learning.sizes);
  python._api.on_fatal = (error) => fatal("Python stopped", error); // as in worker.mjs
  const main = python.pyimport("app.learning.main");
  receive = main.start(post);
  main.destroy();
  python.setInterruptBuffer(pulse);
  for (const message of early.splice(0)) receive(...message);
};

postStage(1);
bringUp(begin, postStage).catch((error) => fatal("Python could not start", error));
