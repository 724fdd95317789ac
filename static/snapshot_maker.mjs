// A worker of its own that makes the snapshot, and keeps it once a Python has started from it.
import { makeSnapshot, restorePython } from "./python.mjs";
import { keepSnapshot } from "./snapshot.mjs";

const make = async () => {
  const snapshot = await makeSnapshot();
  const python = await restorePython(snapshot);
  let ready = false;
  python.pyimport("app.worker.main").start(({ type }) => (ready ||= type === "ready"), null);
  if (!ready) throw new Error("a Python that was restored from it is not ready");
  await keepSnapshot(snapshot);
};

make()
  .catch((error) => console.warn("There is no snapshot of Python for the next visit:", error))
  .then(() => self.postMessage("done"));
