// The browser's database of the page: opening it, transactions, and what may go wrong. store.mjs says
// what is kept there.

const NAME = "microgpt";
const VERSION = 3; // from 1 on tables were added
// sessions: by id {fragment, code, text, time}
// data: by [id, kind] {about, blob}: "own", the user's own text or files; "run", those of the run where
//   they are others by now; "checkpoints", those that the run can go back to
// runs: by id {about, checkpoint}
// losses: by [id, first step] a block of them, the smoothed ones behind the others
// models: by the name that the user has given {about, blob, time}, of no session
// past_runs: by an id that sorts by time {about, curve, blob}, see past_runs.mjs, of no session
// sweeps: by the experiment's text {about, blob, time}, see sweeps.mjs, of no session
export const OF_SESSIONS = ["sessions", "data", "runs", "losses"];
export const TABLES = [...OF_SESSIONS, "models", "past_runs", "sweeps"];

// A sign, in the storage of all tabs, that there is anything at all. When everything is removed, other
// tabs get an event without it; where the browser has done so, this page gives itself one.
const ANY_KEPT = "kept";
const CLEARED = { key: ANY_KEPT, newValue: null };

// Gives that sign.
export const markKept = () => {
  try {
    localStorage.setItem(ANY_KEPT, "1");
  } catch {
    // storage is forbidden
  }
};

let outdated = false; // whether a newer version of the page has taken the database over

// What went wrong: "newer" (the database is of a newer version), "full", "taken" (there is something
// under that key), or "forbidden".
const KINDS = { VersionError: "newer", QuotaExceededError: "full", ConstraintError: "taken" };
const kindOf = (error) => (outdated ? "newer" : (KINDS[error?.name] ?? "forbidden"));
// Resolves to what went wrong with `work`; "" where nothing did.
export const tell = (work) => work.then(() => "", kindOf);

let opened = null;
const open = () =>
  (opened ??= new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      const { result } = request;
      const missing = TABLES.filter((table) => !result.objectStoreNames.contains(table));
      for (const table of missing) result.createObjectStore(table);
    };
    request.onerror = () => {
      opened = null; // another try may succeed
      reject(request.error);
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onversionchange = () => {
        outdated = true;
        database.close();
      };
      database.onclose = () => {
        opened = null;
        dispatchEvent(new StorageEvent("storage", CLEARED));
      };
      resolve(database);
    };
  }));
open().catch(() => {}); // so that it is there when something is to be kept

// Does something with tables in one transaction; `act` gets an object store by the name of each, and may
// return a request, whose result this resolves to once everything is written.
export const transact = async (tables, mode, act) => {
  const transaction = (await open()).transaction(tables, mode, { durability: "relaxed" });
  const stores = Object.fromEntries(tables.map((name) => [name, transaction.objectStore(name)]));
  return new Promise((resolve, reject) => {
    transaction.onabort = () => reject(transaction.error);
    // WebKit completes a transaction in which a request has failed after `commit`.
    transaction.onerror = ({ target }) => reject(target.error);
    let request;
    try {
      request = act(stores);
    } catch (error) {
      transaction.abort(); // else what it has done so far would stay
      reject(error);
      return;
    }
    transaction.oncomplete = () => resolve(request?.result);
    // At once, so that it is written even if the page is gone before its answer.
    if (mode === "readwrite") transaction.commit?.();
  });
};

export const read = (table, key) =>
  transact([table], "readonly", (stores) => stores[table].get(key));

// All keys and all values of a table, in the same order.
export const readAll = async (table) => {
  let keys;
  const values = await transact([table], "readonly", (stores) => {
    keys = stores[table].getAllKeys();
    return stores[table].getAll();
  });
  return [keys.result, values];
};

// In a private window WebKit keeps bytes, but no blobs.
let takesBlobs = true;

// A blob again, of what was kept of one; null stays.
export const asBlob = (kept) => (kept && !(kept instanceof Blob) ? new Blob([kept]) : kept);

// As `transact`, to write; `act` also gets what is to be kept in place of a blob, or null. Resolves as
// `tell` does.
export const write = async (tables, blob, act) => {
  const given = takesBlobs || !blob ? blob : await blob.arrayBuffer();
  const problem = await tell(transact(tables, "readwrite", (stores) => act(stores, given)));
  if (problem !== "forbidden" || !(given instanceof Blob)) return problem;
  takesBlobs = false;
  return write(tables, blob, act);
};
