// What came of experiments of the Lab, as the browser keeps it. Fetched with the Lab.
//
// Functions that write resolve to what went wrong, as `tell` of database.mjs says.
import { asBlob, markKept, read, readAll, tell, transact, write } from "./database.mjs";

const MAX_KEPT = 30; // experiments; of more the oldest go

const forgetOldest = async () => {
  const [keys, found] = await readAll("sweeps");
  const oldest = keys.map((key, i) => [found[i].time, key]).sort(([one], [other]) => other - one);
  for (const [, key] of oldest.slice(MAX_KEPT)) await forgetSweep(key);
};

// Keeps an experiment under its key: `about` is JSON, `results` a Blob of lines of JSON.
export const keepSweep = async (key, about, results) => {
  const problem = await write(["sweeps"], results, ({ sweeps }, blob) => {
    sweeps.put({ about, blob, time: Date.now() }, key);
  });
  if (problem) return problem;
  markKept();
  return tell(forgetOldest());
};

// Resolves to {about, blob} of an experiment; null where nothing is kept of it, or can be read.
export const recallSweep = async (key) => {
  const found = await read("sweeps", key).catch(() => null);
  return found ? { about: found.about, blob: asBlob(found.blob) } : null;
};

// Resolves to what tells the content of a Blob from others; "" where the browser has nothing for that.
export const digestOf = async (blob) => {
  if (!crypto.subtle) return ""; // neither from this machine nor over https
  const digest = await crypto.subtle.digest("SHA-256", await blob.arrayBuffer());
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

export const forgetSweep = (key) =>
  tell(transact(["sweeps"], "readwrite", ({ sweeps }) => sweeps.delete(key)));
