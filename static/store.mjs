// What this browser keeps of the page: one database, in which each tab has a session of its own. Fetched
// when there is something to keep, or on the way up where something is kept.
//
// Every function that writes resolves to what went wrong, as `tell` of database.mjs says; "" where
// nothing did. A write that fails leaves what was kept before.

import {
  OF_SESSIONS,
  TABLES,
  asBlob,
  markKept,
  read,
  readAll,
  tell,
  transact,
  write,
} from "./database.mjs";

const LOSSES_PER_BLOCK = 4096;
const MAX_ENDED_SESSIONS = 3; // of tabs that are gone
const DAY_MILLISECONDS = 86_400_000;
const RELOAD_MILLISECONDS = 3000; // that the page of before a reload may take to let go of its session
const RECALL_MILLISECONDS = 5000; // after which the page does not wait for what is kept

// In the tab's own storage.
const SESSION = "session";
const HANDED = "handed-over"; // its session was another's until now
// All that the page keeps there; other pages of the same site may have something, too.
const OURS = /^(session|handed-over|kept|theme|shortcuts|model-code|program-\d+)$/;

const attempt = (action) => {
  try {
    return action();
  } catch {
    return null; // storage is forbidden
  }
};

let id = null; // of this tab's session, once there is one
let offered = null; // the id of a kept session that is not shown
let forgotten = false; // whether all is, so that this page keeps nothing until it is loaded again

const everyKey = (session, first = 0) => IDBKeyRange.bound([session, first], [session, []]);

// ---- which tab has which session -----------------------------------------------------------------

const lockName = (session) => `microgpt session ${session}`;

// Takes a session for this tab as long as it lives; resolves to false if another tab has it.
const hold = (session, milliseconds) => {
  // A site that comes neither from this machine nor over https has no locks: then only a reload is
  // sure to be the same tab.
  if (!navigator.locks) return milliseconds !== undefined && window.microgpt.reloaded;
  const options = milliseconds
    ? { signal: AbortSignal.timeout(milliseconds) }
    : { ifAvailable: true };
  return new Promise((resolve) => {
    const held = (lock) => {
      resolve(lock !== null);
      return lock && new Promise(() => {});
    };
    navigator.locks.request(lockName(session), options, held).catch(() => resolve(false));
  });
};

const sessionsByTime = async () => {
  const [keys, found] = await readAll("sessions");
  const all = found.map((session, i) => ({ ...session, id: keys[i] }));
  return all.sort((one, other) => other.time - one.time);
};

const isAlive = async () => {
  if (!navigator.locks) return ({ time }) => Date.now() - time < DAY_MILLISECONDS;
  const names = new Set((await navigator.locks.query()).held.map(({ name }) => name));
  return (session) => names.has(lockName(session.id));
};

// This tab's session from now on.
const use = (session) => {
  id = session;
  attempt(() => sessionStorage.setItem(SESSION, session));
  markKept();
};

const begin = () => {
  use(`${Date.now()} ${Math.random()}`);
  hold(id);
};

const forgetOld = async () => {
  const [all, alive] = [await sessionsByTime(), await isAlive()];
  const isOld = (session) => session.id !== id && !session.imported && !alive(session);
  const ended = all.filter(isOld);
  for (const session of ended.slice(MAX_ENDED_SESSIONS)) await forgetSession(session.id);
};

// Removes a session.
export const forgetSession = (session) =>
  transact(OF_SESSIONS, "readwrite", ({ sessions, data, runs, losses }) => {
    sessions.delete(session);
    runs.delete(session);
    data.delete(IDBKeyRange.bound([session], [session, []]));
    losses.delete(everyKey(session));
  });

// ---- what an earlier visit has kept --------------------------------------------------------------

const find = async () => {
  const remembered = attempt(() => sessionStorage.getItem(SESSION));
  const all = await sessionsByTime();
  let session = all.find((each) => each.id === remembered);
  // A duplicated tab remembers the session of the other.
  let mine = session !== undefined && (await hold(remembered, RELOAD_MILLISECONDS));
  const handed = attempt(() => sessionStorage.getItem(HANDED)) !== null;
  attempt(() => sessionStorage.removeItem(HANDED));
  const [{ type }] = performance.getEntriesByType("navigation");
  const stayed = mine && type !== "navigate" && !handed;
  if (!mine) {
    session = all[0];
    if (session === undefined) return null;
    mine = session.id !== remembered && (await hold(session.id));
  }
  const [kept, losses, checkpoints, ...data] = await Promise.all([
    read("runs", session.id),
    transact(["losses"], "readonly", (stores) => stores.losses.getAll(everyKey(session.id))),
    read("data", [session.id, "checkpoints"]),
    read("data", [session.id, "run"]),
    // A tab that has never had data of its own begins with the newest.
    ...[session, ...all].map((each) => read("data", [each.id, "own"])),
  ]);
  const [runData, ...own] = data;
  if (mine) offered = session.id;
  const run = () => ({
    about: kept.about,
    checkpoint: asBlob(kept.checkpoint),
    data: withBlob(runData),
    checkpoints: withBlob(checkpoints),
    ...joined(losses),
  });
  return {
    mine, // whether this tab may go on with it
    stayed, // whether it has been this tab's all the time
    fragment: session.fragment,
    code: session.code,
    text: session.text,
    own: withBlob(own.find(Boolean)),
    run: mine && kept ? run() : null,
  };
};

const withBlob = (data) => (data ? { about: data.about, blob: asBlob(data.blob) } : null);

const joined = (blocks) => {
  const count = blocks.reduce((sum, block) => sum + block.length / 2, 0);
  const [raw, smooth] = [new Float64Array(count), new Float64Array(count)];
  let begins = 0;
  for (const block of blocks) {
    raw.set(block.subarray(0, block.length / 2), begins);
    smooth.set(block.subarray(block.length / 2), begins);
    begins += block.length / 2;
  }
  return { raw, smooth };
};

// What is kept for this tab, or could be; null where nothing is, or it cannot be read.
export const recall = () => {
  const patience = new Promise((resolve) => setTimeout(resolve, RECALL_MILLISECONDS, null));
  const found = find().catch((error) => {
    console.warn("What is kept cannot be read:", error);
    return null;
  });
  return Promise.race([found, patience]);
};

// Goes on with the session that `recall` has found.
export const resume = () => {
  use(offered);
  offered = null;
};

// Has the next page that is loaded in this tab go on with this session, that which is offered unless
// another is named.
export const handOver = (session = offered) =>
  attempt(() => {
    sessionStorage.setItem(SESSION, session);
    sessionStorage.setItem(HANDED, "1");
  });

// Has what this tab keeps from now on go to another session; that of before is offered.
export const leave = () => {
  offered = id;
  id = null;
};

// Milliseconds since 1970 as the user writes them. (As a number they do not fit into MicroPython's.)
const inWords = (time) => new Date(time).toLocaleString([], { dateStyle: "medium", timeStyle: "short" });

// Resolves to the kept sessions that no other tab has, the newest first: {id, fragment, when, about},
// `about` of its run, null where there is none. Null where nothing can be read.
export const listSessions = async () => {
  try {
    const [all, alive] = [await sessionsByTime(), await isAlive()];
    const mine = [id, offered];
    const listed = all.filter((each) => each.id !== id && (mine.includes(each.id) || !alive(each)));
    const runs = await Promise.all(listed.map((each) => read("runs", each.id)));
    return listed.map(({ id: session, fragment, time }, i) => {
      return { id: session, fragment, when: inWords(time), about: runs[i]?.about ?? null };
    });
  } catch {
    return null;
  }
};

// Removes the session that `recall` has found.
export const forgetOffered = () => tell(forgetSession(offered));

// ---- what this tab keeps -------------------------------------------------------------------------

let tidied = false;
// Does once what can wait until something is kept.
const tidy = () => {
  if (tidied) return;
  tidied = true;
  // Browsers evict what they were not asked to keep; Firefox asks the user.
  navigator.storage?.persist?.().catch(() => {});
  forgetOld().catch((error) => console.warn("Old sessions could not be removed:", error));
};

const keep = async (tables, blob, act) => {
  if (forgotten) return "";
  if (id === null) begin();
  const problem = await write(tables, blob, act);
  if (!problem) tidy();
  return problem;
};

// Everything has been removed, but not by this page: begin again, with another session.
export const beginAnew = () => {
  id = null;
};

// The address's fragment, the model code, and the text being written as JSON.
export const keepSession = (fragment, code, text) =>
  keep(["sessions"], null, ({ sessions }) => {
    sessions.put({ fragment, code, text, time: Date.now() }, id);
  });

// The user's own data, `kind` "own", or those of the run, or the run's "checkpoints" to go back to; no
// `about`: there are none.
export const keepData = (kind, about, content) =>
  keep(["data"], content, ({ data }, blob) => {
    if (about) data.put({ about, blob }, [id, kind]);
    else data.delete([id, kind]);
  });

// The run: what the page knows of it as JSON, its newest checkpoint, and arrays of all losses with
// nothing at index 0, of which the first `kept` are kept already.
export const keepRun = (about, content, raw, smooth, kept) =>
  keep(["runs", "losses"], content, ({ runs, losses }, checkpoint) => {
    runs.put({ about, checkpoint }, id);
    let first = kept - (kept % LOSSES_PER_BLOCK) + 1;
    losses.delete(everyKey(id, first));
    for (; first < raw.length; first += LOSSES_PER_BLOCK) {
      const part = [raw, smooth].map((all) => all.slice(first, first + LOSSES_PER_BLOCK));
      losses.put(Float64Array.from(part.flat()), [id, first]);
    }
  });

// There is no run any more.
export const forgetRun = () =>
  keep(["runs", "losses", "data"], null, ({ runs, losses, data }) => {
    runs.delete(id);
    losses.delete(everyKey(id));
    for (const kind of ["run", "checkpoints"]) data.delete([id, kind]);
  });

// ---- models with names, which all tabs share -----------------------------------------------------

// Resolves to {name, about, size, when} of each model, the newest first: `about` as it was given, the size
// in bytes, and in words when it was saved. Null where models cannot be kept.
export const listModels = async () => {
  const [names, found] = await readAll("models").catch(() => [[], null]);
  const all = found?.map(({ about, blob, time }, i) => {
    return { name: names[i], about, size: asBlob(blob).size, time, when: inWords(time) };
  });
  return all?.sort((one, other) => other.time - one.time) ?? null;
};

// Resolves to the Blob of a model; null where it is not there any more, or cannot be read.
export const loadModel = (name) =>
  read("models", name).then(
    (model) => asBlob(model?.blob ?? null),
    () => null,
  );

// Keeps a model: a string about it, and its file as a Blob. Without `replace` one of the same name stays
// as it is: "taken".
export const saveModel = async (name, about, content, replace) => {
  const problem = await write(["models"], content, ({ models }, blob) => {
    models[replace ? "put" : "add"]({ about, blob, time: Date.now() }, name);
  });
  if (!problem) tidy();
  return problem;
};

// Removes a model.
export const deleteModel = (name) =>
  write(["models"], null, ({ models }) => models.delete(name));

// ----------------------------------------------------------------------------------------------------

// Removes everything, models and what other tabs keep as well; those keep it again with their next change.
// This page keeps nothing any more: it is to be loaded again, without its address's settings.
export const forgetAll = async () => {
  const clear = (stores) => Object.values(stores).forEach((store) => store.clear());
  const problem = await write(TABLES, null, clear);
  if (problem) return problem;
  forgotten = true;
  for (const storage of ["sessionStorage", "localStorage"]) {
    attempt(() => {
      for (const key of Object.keys(window[storage]).filter((each) => OURS.test(each)))
        window[storage].removeItem(key);
    });
  }
  return "";
};
