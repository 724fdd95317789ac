// Everything that the browser keeps of the page as one file, and back. Fetched when it is wanted.
//
// The file: the eight letters of MARK; the length of a JSON text as 8 bytes, little-endian; the text,
// {version, records: [{table, key, value}], texts}; then bytes, which the records name as
// {kind: "blob" or "floats", from, to}.
import { TABLES, asBlob, markKept, readAll, tell, transact } from "./database.mjs";

const MARK = "microgpt";
const VERSION = 3; // from 1 on past runs were added, from 2 on experiments of the Lab
const HEAD_BYTES = 16;
// What is kept outside the database: the model code and the programs of Learn.
const TEXTS = /^(model-code|program-\d+)$/;
// The fields of each table's values, by what they hold. The losses are an array of their own.
const SHAPES = {
  sessions: { fragment: "string", code: "string", text: "string", time: "number" },
  data: { about: "string", blob: "blob" },
  runs: { about: "string", checkpoint: "blob" },
  models: { about: "string", blob: "blob", time: "number" },
  past_runs: { about: "string", curve: "floats", blob: "blob" },
  sweeps: { about: "string", blob: "blob", time: "number" },
};

const attempt = (action, otherwise = null) => {
  try {
    return action();
  } catch {
    return otherwise;
  }
};

// All texts in the browser's storage for all tabs.
const keptTexts = () => {
  const names = attempt(() => Object.keys(localStorage), []).filter((name) => TEXTS.test(name));
  return Object.fromEntries(names.map((name) => [name, localStorage.getItem(name)]));
};

// Resolves to a Blob with everything; null where nothing can be read.
export const exportAll = async () => {
  const [records, parts] = [[], []];
  let end = 0;
  const place = (kind, part, size) => {
    parts.push(part);
    end += size;
    return { kind, from: end - size, to: end };
  };
  const placed = (value, kind) => {
    if (kind === "floats") return place(kind, value, value.byteLength);
    const blob = kind === "blob" ? asBlob(value ?? null) : null;
    if (blob !== null) return place("blob", blob, blob.size);
    return kind === "blob" ? null : value;
  };
  const written = (table, value) => {
    if (table === "losses") return placed(value, "floats");
    const fields = Object.entries(SHAPES[table]);
    return Object.fromEntries(fields.map(([name, kind]) => [name, placed(value[name], kind)]));
  };
  try {
    for (const table of TABLES) {
      const [keys, values] = await readAll(table);
      values.forEach((value, i) => {
        records.push({ table, key: keys[i], value: written(table, value) });
      });
    }
  } catch {
    return null;
  }
  const text = JSON.stringify({ version: VERSION, records, texts: keptTexts() });
  const header = new TextEncoder().encode(text);
  const head = new Uint8Array(HEAD_BYTES);
  head.set(new TextEncoder().encode(MARK));
  new DataView(head.buffer).setBigUint64(8, BigInt(header.length), true);
  return new Blob([head, header, ...parts], { type: "application/octet-stream" });
};

class Damaged extends Error {}
const check = (condition) => {
  if (!condition) throw new Damaged();
};

// The records of a file, checked, with all bytes in place; throws `Damaged`.
const parsed = (bytes) => {
  check(bytes.length >= HEAD_BYTES);
  check(new TextDecoder().decode(bytes.subarray(0, 8)) === MARK);
  const length = Number(new DataView(bytes.buffer).getBigUint64(8, true));
  check(length <= bytes.length - HEAD_BYTES);
  const body = bytes.subarray(HEAD_BYTES + length);
  const header = attempt(() =>
    JSON.parse(new TextDecoder().decode(bytes.subarray(HEAD_BYTES, HEAD_BYTES + length))),
  );
  if (header?.version > VERSION) return { newer: true };
  check(header?.version >= 1 && Array.isArray(header.records));
  const taken = (value, kind) => {
    if (kind === "blob" && value === null) return null;
    check(value?.kind === kind && Number.isInteger(value.from) && Number.isInteger(value.to));
    check(0 <= value.from && value.from <= value.to && value.to <= body.length);
    const part = body.slice(value.from, value.to);
    if (kind === "blob") return new Blob([part]);
    check(part.length % 16 === 0); // as many smoothed losses as raw ones, as many values as steps
    return new Float64Array(part.buffer);
  };
  const records = header.records.map(({ table, key, value }) => {
    const shape = SHAPES[table];
    if (table === "losses") {
      check(isKey(key, Number.isInteger));
      return { table, key, value: taken(value, "floats") };
    }
    check(shape !== undefined && typeof value === "object" && value !== null);
    check(table === "data" ? isKey(key, (kind) => ["own", "run", "checkpoints"].includes(kind)) : typeof key === "string");
    const fields = Object.entries(shape).map(([name, kind]) => {
      if (kind === "blob" || kind === "floats") return [name, taken(value[name], kind)];
      check(typeof value[name] === kind);
      return [name, value[name]];
    });
    return { table, key, value: Object.fromEntries(fields) };
  });
  const texts = Object.entries(header.texts ?? {});
  return { records, texts: texts.filter(([name, text]) => TEXTS.test(name) && typeof text === "string") };
};
const isKey = (key, holds) =>
  Array.isArray(key) && key.length === 2 && typeof key[0] === "string" && holds(key[1]);

// The records of a file that are not kept yet, be it by this browser itself or by an earlier import, and
// the names of the models that are.
const withoutKept = async (records) => {
  const kept = {};
  for (const table of ["sessions", "runs", "models", "sweeps"]) {
    const [keys, values] = await readAll(table).catch(() => [[], []]);
    kept[table] = values.map((value, i) => ({ ...value, key: keys[i] }));
  }
  const runIn = (all, key) => all.find((each) => each.key === key)?.about;
  const added = Object.fromEntries(
    records.filter(({ table }) => table === "runs").map(({ key, value }) => [key, value.about]),
  );
  const isKept = {
    sessions: (key, { time }) =>
      kept.sessions.some(
        (each) =>
          [each.key, each.imported].includes(key) &&
          each.time === time &&
          runIn(kept.runs, each.key) === added[key],
      ),
    models: (_, { about, time }) =>
      kept.models.some((each) => each.about === about && each.time === time),
    // Of an experiment the newer results have more runs.
    sweeps: (key, { time }) => kept.sweeps.some((each) => each.key === key && each.time >= time),
  };
  const there = records.filter(({ table, key, value }) => isKept[table]?.(key, value));
  const sessions = there.filter(({ table }) => table === "sessions").map(({ key }) => key);
  const isThere = (record) =>
    ["models", "sweeps"].includes(record.table) ? there.includes(record) : sessions.includes([record.key].flat()[0]);
  return {
    records: records.filter((record) => !isThere(record)),
    names: kept.models.map(({ key }) => key),
  };
};

// Adds everything in a file to what is kept: runs as further ones, models beside those of the same name,
// texts where there are none; nothing that is there already. Resolves to {problem, models, runs}: what
// went wrong, see `tell`, or "damaged" or "unreadable" (then nothing is added), and how many were added
// of each.
export const importAll = async (file) => {
  const content = await file.arrayBuffer().catch(() => null);
  if (content === null) return { problem: "unreadable" };
  let found;
  try {
    found = parsed(new Uint8Array(content));
  } catch {
    return { problem: "damaged" };
  }
  if (found.newer) return { problem: "newer-file" };
  const { records, names } = await withoutKept(found.records);
  const newIds = new Map();
  const idOf = (id) => {
    if (!newIds.has(id)) newIds.set(id, `${Date.now()} ${Math.random()}`);
    return newIds.get(id);
  };
  const free = (name) => {
    let [other, number] = [name, 1];
    while (names.includes(other)) other = `${name} (${(number += 1)})`;
    names.push(other);
    return other;
  };
  const keyOf = {
    sessions: idOf,
    runs: idOf,
    data: ([id, kind]) => [idOf(id), kind],
    losses: ([id, first]) => [idOf(id), first],
    models: free,
    past_runs: (id) => id, // one that is here already is the same
    sweeps: (key) => key,
  };
  const problem = await tell(
    transact(TABLES, "readwrite", (stores) => {
      for (const { table, key, value } of records) {
        // A session that nobody has shown yet is not removed as an old one.
        const kept = table === "sessions" ? { ...value, imported: key } : value;
        stores[table].put(kept, keyOf[table](key));
      }
    }),
  );
  if (problem) return { problem };
  for (const [name, text] of found.texts)
    attempt(() => localStorage.getItem(name) ?? localStorage.setItem(name, text));
  markKept();
  const count = (table) => records.filter((record) => record.table === table).length;
  return { problem: "", models: count("models"), runs: count("runs") };
};

// How much storage the page takes and could take, in MB: {used, quota}; null where the browser does not say.
export const storageUsed = async () => {
  const estimate = await attempt(() => navigator.storage.estimate())?.catch(() => null);
  return estimate ? { used: estimate.usage / 1e6, quota: estimate.quota / 1e6 } : null;
};
