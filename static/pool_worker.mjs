// A worker of the pool: trains compiled models, one run after the other. app/worker/pool/ prepares the
// runs, and says what its messages mean; the loops are those of microgpt/wasm/runtime/.

const SLICE_MILLISECONDS = 10; // between two looks at the messages
const SPEAK_MILLISECONDS = 500; // between two signs of life
const LOSSES_PER_CALL = 4096; // that `train` has room for
const PAGE_BYTES = 65536;

const models = new Map(); // by name: {module, at, exports}: its bytes, addresses, and an instance's
const tables = new Map(); // by name: {starts, countedFrom, tokens}
const dropped = new Set(); // runs that are no longer wanted
let queue = Promise.resolve();

const { port1, port2 } = new MessageChannel();
// Resolves when the messages that have come are read.
const nextTurn = () =>
  new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(null);
  });

const view = ({ exports }) => new DataView(exports.memory.buffer);
const write = ({ exports }, address, bytes) => new Uint8Array(exports.memory.buffer).set(bytes, address);

const instantiate = async (model) => {
  model.exports ??= (await WebAssembly.instantiate(model.module)).instance.exports;
  return model;
};

// Writes the sequences with these numbers from `address` on, as the module reads them (Storage's
// `place_documents`), and tells it where they are; returns the address of their end.
const place = (model, table, numbers, field, address) => {
  const starts = new Uint32Array(numbers.length + 1);
  numbers.forEach((number, i) => {
    starts[i + 1] = starts[i] + table.starts[number + 1] - table.starts[number];
  });
  const countedFrom = numbers.map((number) => table.countedFrom[number]);
  const tokens = new Uint16Array(starts.at(-1));
  numbers.forEach((number, i) => {
    tokens.set(table.tokens.subarray(table.starts[number], table.starts[number + 1]), starts[i]);
  });
  let end = Math.ceil(address / 8) * 8;
  const parts = [starts, countedFrom, tokens];
  const size = parts.reduce((sum, { byteLength }) => sum + byteLength, 8);
  const { memory, grow } = model.exports;
  const missing = Math.ceil((end + size - memory.buffer.byteLength) / PAGE_BYTES);
  if (missing > 0 && grow(missing) < 0) throw new Error("there is not enough memory for the documents");
  view(model).setUint32(model.at[field], end, true);
  view(model).setUint32(model.at[field === "documents" ? "document_count" : `${field}_count`], numbers.length, true);
  for (const part of parts) {
    write(model, end, new Uint8Array(part.buffer));
    end += part.byteLength;
  }
  return end + 8;
};

// Calls `work(done, count)` until all pieces from `begin` to `end` are done, as many at a time as fit into
// a slice; stops where that returns less than `count`, or once the run is dropped. Returns what is done.
const inSlices = async (run, begin, end, most, work) => {
  let [done, fits, spoken] = [begin, 1, performance.now()];
  while (done < end && !dropped.has(run)) {
    const count = Math.min(fits, most, end - done);
    const began = performance.now();
    const more = work(done, count);
    done += more;
    if (more < count) break;
    const now = performance.now();
    fits = now - began > SLICE_MILLISECONDS ? Math.max(1, count >> 1) : count * 2;
    if (now - spoken > SPEAK_MILLISECONDS) {
      spoken = now;
      postMessage({ type: "working", run });
    }
    if (done < end) await nextTurn();
  }
  return done;
};

// Trains from step `begin` to `end`, until a number overflows; writes the losses of the good steps.
const train = ({ exports, at }, { run, order, batch }, begin, end, losses) => {
  const good = (first, count) => {
    exports.snapshot();
    const done = exports.train(first, count, (first * batch) % order);
    if (done === count && exports.all_finite()) {
      losses.set(new Float64Array(exports.memory.buffer, at.losses, count), first);
      return count;
    }
    exports.restore();
    if (count === 1) return 0;
    for (let i = 0; i < count; i += 1) if (!good(first + i, 1)) return i;
    return count;
  };
  return inSlices(run, begin, end, LOSSES_PER_CALL, good);
};

// The mean loss of the tokens that count in some of the documents to evaluate; null where there are none.
const evaluate = async (model, run, first, last) => {
  if (first === last) return null;
  const { exports, at } = model;
  view(model).setFloat64(at.held_out_loss, 0, true);
  view(model).setUint32(at.tokens_seen, 0, true);
  await inSlices(run, first, last, last, (done, count) => {
    exports.evaluate(done, done + count);
    return count;
  });
  const loss = view(model).getFloat64(at.held_out_loss, true) / view(model).getUint32(at.tokens_seen, true);
  return Number.isFinite(loss) ? loss : null;
};

const doRun = async (job) => {
  const { run, order, writes, blob, steps } = job;
  const model = await instantiate(models.get(job.model));
  const { at, exports } = model;
  const table = tables.get(job.table);
  const numbers = new Uint32Array(blob.buffer, 0, order + job.evaluated);
  let begin = numbers.byteLength;
  for (const [address, size] of writes) write(model, address, blob.subarray(begin, (begin += size)));
  new Uint8Array(exports.memory.buffer, at.weights + at.weight_bytes, at.state_bytes).fill(0);
  exports.transpose_weights();
  const end = place(model, table, numbers.subarray(0, order), "documents", at.end);
  place(model, table, numbers.subarray(order), "held_out", end);
  const weights = () => new Uint8Array(exports.memory.buffer, at.weights, at.weight_bytes);
  const losses = new Float64Array(steps);
  const [evaluated, kept] = [[], []];
  let [done, milliseconds] = [0, 0];
  for (const [step, first, last, keeps] of job.stages) {
    const began = performance.now();
    done = await train(model, job, done, step, losses);
    milliseconds += performance.now() - began;
    if (done < step) break;
    evaluated.push(await evaluate(model, run, first, last));
    if (keeps) kept.push(weights().slice());
  }
  if (dropped.has(run)) return;
  const diverged = done < steps;
  if (diverged) model.exports = null; // its memory may hold what is no number
  const parts = [new Uint8Array(losses.buffer, 0, 8 * done), ...kept];
  if (job.weights) parts.push(weights());
  const result = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((end, part) => (result.set(part, end), end + part.length), 0);
  const told = { type: "ended", run, steps: done, seconds: milliseconds / 1000, evaluated, diverged };
  postMessage({ ...told, blob: result }, [result.buffer]);
};

const fail = ({ run, model: name }, error) => {
  const model = models.get(name);
  if (model) model.exports = null; // its memory may hold anything
  postMessage({ type: "failed", run, reason: String(error) });
};

const handlers = {
  model: ({ name, at, blob }) => models.set(name, { at, module: blob, exports: null }),
  table({ name, sequences, blob: { buffer } }) {
    const starts = new Uint32Array(buffer, 0, sequences + 1);
    const countedFrom = new Uint32Array(buffer, starts.byteLength, sequences);
    const tokens = new Uint16Array(buffer, starts.byteLength + countedFrom.byteLength);
    tables.set(name, { starts, countedFrom, tokens });
  },
  forget: ({ name }) => models.delete(name) || tables.delete(name),
  async run(job) {
    if (!dropped.has(job.run)) await doRun(job).catch((error) => fail(job, error));
    dropped.delete(job.run);
  },
};

self.onmessage = ({ data }) => {
  if (data.type === "drop") dropped.add(data.run);
  else queue = queue.then(() => handlers[data.type](data));
};
