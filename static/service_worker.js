// The service worker: keeps every file of the site in the browser, so that the playground starts at
// once, and without a network. The build writes in front of it what there is to keep:
//   RELEASE: the folder of this release, as `r-3fa9c1d2`
//   PAGE: the digest of the page
//   FOLDERS: the digests of all other files, by folder, then by path in it
//
// A folder's name holds a hash of its contents, and each has a cache of its own. So a page that is
// open goes on with the files of its release, whatever has been published since then, and nothing is
// ever mixed. The page of this release is what the next start shows. It is kept last: where it is
// kept, everything is.
"use strict";

const SCOPE = self.registration.scope;
const FOLDER = /^(?:r-[0-9a-f]+|vendor\/[^/]+)(?=\/|$)/; // where files are kept from
const STORED = { ignoreVary: true }; // what is kept is not compressed

// ---- keeping ------------------------------------------------------------------------------------

const isWhole = async (response, digest) => {
  if (!response) return false;
  const hash = await crypto.subtle.digest("SHA-256", await response.clone().arrayBuffer());
  const digits = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0"));
  return digits.join("").startsWith(digest);
};

// Hosts rarely compress archives. From one that does not, the worker has got the copy that the build
// compressed, see python.mjs; so that is what the browser has at hand.
const load = async (address, cache) => {
  const response = await fetch(address, { cache });
  if (!address.endsWith(".zip") || response.headers.has("content-encoding")) return response;
  const packed = await fetch(`${address}.gz`, { cache });
  if (!packed.ok || packed.headers.has("content-encoding")) return response;
  await response.body.cancel();
  const inflated = packed.body.pipeThrough(new DecompressionStream("gzip"));
  return new Response(inflated, { headers: { "content-encoding": "gzip" } });
};

// Fetches a file: out of the browser's own cache, unless that holds something else.
const fetchWhole = async (address, digest) => {
  for (const cache of ["default", "reload"]) {
    const response = await load(address, cache);
    if (!response.ok || !(await isWhole(response, digest))) continue;
    // A page that the host has redirected could not be shown as the page that was asked for.
    return response.redirected ? new Response(response.body, response) : response;
  }
  throw new Error(`${address} is not what was built`);
};

const keep = async (folder, path, digest) => {
  const cache = await caches.open(SCOPE + folder);
  const address = SCOPE + path;
  if (await isWhole(await cache.match(address, STORED), digest)) return;
  await cache.put(address, await fetchWhole(address, digest));
};

// Keeps what is not kept yet, and anew what is damaged.
const keepAll = async () => {
  for (const [folder, files] of Object.entries(FOLDERS))
    for (const [path, digest] of Object.entries(files)) await keep(folder, `${folder}/${path}`, digest);
  await keep(RELEASE, "", PAGE);
};

// Those of this site; there may be others on the same host. The newest come last.
const cacheNames = async () =>
  (await caches.keys()).filter(
    (name) => name.startsWith(SCOPE) && FOLDER.test(name.slice(SCOPE.length)),
  );

// Earlier releases go when no page uses them: each holds a lock, see boot.js.
const removeEarlier = async () => {
  const { held } = await navigator.locks.query();
  if (held.some(({ name }) => name.startsWith(`${SCOPE}r-`) && name !== `${SCOPE}${RELEASE}/`)) return;
  const names = await cacheNames();
  for (const name of names.slice(0, names.indexOf(SCOPE + RELEASE)))
    if (!(name.slice(SCOPE.length) in FOLDERS)) await caches.delete(name);
};

// Where the site no longer has this script, it wants no service worker.
const isWithdrawn = async () => {
  const { status } = await fetch(self.location.href, { cache: "no-store" });
  return status === 404 || status === 410;
};

const tend = async () => {
  if (!(await isWithdrawn())) {
    await keepAll();
    await removeEarlier();
    return;
  }
  await self.registration.unregister();
  for (const name of await cacheNames()) await caches.delete(name);
};

// ---- answering ----------------------------------------------------------------------------------

const answer = async (request, folder, path) => {
  const kept = await caches.match(SCOPE + path, { cacheName: SCOPE + folder, ...STORED });
  if (!kept || (path === "" && !(await isWhole(kept, PAGE)))) return fetch(request);
  return request.method === "HEAD" ? new Response(null, { headers: kept.headers }) : kept;
};

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (!request.url.startsWith(SCOPE) || !["GET", "HEAD"].includes(request.method)) return;
  const [path] = request.url.slice(SCOPE.length).split(/[?#]/);
  const [folder] = FOLDER.exec(path) ?? [];
  const isPage = request.mode === "navigate" && ["", "index.html"].includes(path);
  if (!folder && !isPage) return;
  const kept = () => (isPage ? answer(request, RELEASE, "") : answer(request, folder, path));
  // The host says who may show the page for frames in one; that of the kept page forbids it.
  const isEmbedded = isPage && new URL(request.url).searchParams.has("embed");
  const answered = isEmbedded ? fetch(request).catch(kept) : kept();
  event.respondWith(answered.catch(() => fetch(request))); // as if there were nothing here
});

// For browsers that can do most of the above by themselves: they need not start this script first.
const routes = () => {
  const { pathname } = new URL(SCOPE);
  const route = (pattern, folder) => ({
    condition: { urlPattern: { search: "", ...pattern }, requestMethod: "GET" },
    source: { cacheName: SCOPE + folder },
  });
  const folders = Object.keys(FOLDERS);
  return [
    route({ pathname }, RELEASE),
    ...folders.map((folder) => route({ pathname: `${pathname}${folder}/*` }, folder)),
  ];
};

// A new release is taken at the next start, even if other pages are open.
self.addEventListener("install", (event) => {
  event.waitUntil(keepAll().then(() => self.skipWaiting()));
  event.addRoutes?.(routes()).catch((error) => console.warn("Routes are refused:", error));
});
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

// A page is up, see offline.mjs, or something has gone wrong on it, see boot.js.
self.addEventListener("message", (event) => event.waitUntil(tend()));
