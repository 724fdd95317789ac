// The snapshot of Python's memory that is kept in the browser from one visit to the next. It fits
// only the files and the browser that it was made with, so both are in its address. Whatever is
// doubtful about it, there is none, and Python starts from nothing.
import { pyodideVersion } from "./places.mjs";

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
export const findSnapshot = async () => {
  if (pyodideVersion !== TESTED_VERSION) return undefined;
  try {
    return await caches.match(ADDRESS, { cacheName: CACHE });
  } catch {
    return undefined;
  }
};

export const readSnapshot = async (response) => {
  const bytes = await response.arrayBuffer();
  if ((await digest(bytes)) !== response.headers.get(DIGEST)) throw new Error("it is damaged");
  return bytes;
};

// Those of other releases of this site, too.
export const removeSnapshots = async () => {
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
