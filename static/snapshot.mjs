// The snapshot of Python's memory that is kept in the browser from one visit to the next. It fits
// only the files and the browser that it was made with, so both are in its address. Whatever is
// doubtful about it, there is none, and Python starts from nothing.
import { pyodideVersion } from "./places.mjs";
import { restorePython, startPython } from "./python.mjs";

const TESTED_VERSION = "314.0.7"; // snapshots are a private function of Pyodide
const CACHE = "python-snapshot";
const DIGEST = "x-sha256";
const SITE = new URL("../../", import.meta.url).href;
const browser = encodeURIComponent(navigator.userAgent);
const ADDRESS = new URL(`../snapshot?${browser}`, import.meta.url).href;

const digest = async (bytes) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toString();

// The response that holds the snapshot, or undefined. Storage may be refused, and there is none where
// the site comes over plain HTTP from another machine.
const findSnapshot = async () => {
  if (pyodideVersion !== TESTED_VERSION) return undefined;
  try {
    return await caches.match(ADDRESS, { cacheName: CACHE });
  } catch {
    return undefined;
  }
};

const readSnapshot = async (response) => {
  const bytes = await response.arrayBuffer();
  if ((await digest(bytes)) !== response.headers.get(DIGEST)) throw new Error("it is damaged");
  return bytes;
};

// Those of other releases of this site, too.
const removeSnapshots = async () => {
  const cache = await caches.open(CACHE);
  for (const { url } of await cache.keys()) {
    if (url.startsWith(SITE)) await cache.delete(url);
  }
};

export const keepSnapshot = async (bytes) => {
  const headers = { [DIGEST]: await digest(bytes) };
  await removeSnapshots();
  await (await caches.open(CACHE)).put(ADDRESS, new Response(bytes, { headers }));
};

// Starts Python from the snapshot where there is one, else from nothing; `begin(python)` is part of
// it: where it fails with the snapshot, there is another try without. Returns whether there was one.
export const bringUp = async (begin, onStage) => {
  const kept = await findSnapshot();
  if (kept) {
    const snapshot = readSnapshot(kept);
    snapshot.catch(() => {}); // reported below, where it may be awaited later than it fails
    try {
      await begin(await restorePython(snapshot, onStage));
      return true;
    } catch (error) {
      console.warn("Python starts from nothing, for its snapshot cannot be used:", error);
      await removeSnapshots();
    }
  }
  await begin(await startPython(onStage));
  return false;
};
