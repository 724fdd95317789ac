// A worker of the pool: trains compiled models, one run after the other. app/worker/pool/ prepares the
// runs, and says what its messages mean; the loops are those of microgpt/wasm/runtime/.

const SLICE_MILLISECONDS = 10; // between two looks at the messages
const WORD_MILLISECONDS = 500; // between two signs of life
const LOSSES_PER_CALL = 4096; // that `train` has room for
const PAGE_BYTES = 65536;
const NOTHING = new Set();

const models = new Map(); // by name: {module, at, exports}, the latter an instance's
const tables = new Map(); // by name: {starts, countedFrom, tokens}
let dropped = NOTHING; // runs that are no longer wanted
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
  model.exports ??= (await WebAssembly.instantiate(model.module)).exports;
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

// Calls `work(done, count)` until `total` pieces are done, as many at a time as fit into a slice; stops
// where that returns false, or once the run is dropped. Returns how many are done.
const inSlices = async (run, total, most, work) => {
  let [done, count, word] = [0, 1, performance.now()];
  while (done < total && !dropped.has(run)) {
    count = Math.min(count, most, total - done);
    const began = performance.now();
    if (!work(done, count)) break;
    done += count;
    const now = performance.now();
    count = now - began > SLICE_MILLISECONDS ? Math.max(1, count >> 1) : count * 2;
    if (now - word < WORD_MILLISECONDS) {
      if (done < total) await nextTurn();
      continue;
    }
    word = now;
    postMessage({ type: "working", run });
    await nextTurn();
  }
  return done;
};

// Trains until a number overflows; returns the losses of the good steps.
const train = async (model, { run, order, steps, batch }) => {
  const { exports, at } = model;
  const losses = new Float64Array(steps);
  const step = (first, count) => {
    exports.snapshot();
    const good = exports.train(first, count, (first * batch) % order) === count && exports.all_finite();
    if (!good) {
      exports.restore();
      if (count === 1) return false;
      for (let i = first; i < first + count; i += 1) if (!step(i, 1)) return false;
      return true;
    }
    losses.set(new Float64Array(exports.memory.buffer, at.losses, count), first);
    good_steps = first + count;
    return true;
  };
  let good_steps = 0;
  await inSlices(run, steps, LOSSES_PER_CALL, step);
  return losses.subarray(0, good_steps);
};

// The mean loss of the tokens that count in the held-out documents; null where there are none.
const evaluate = async (model, { run, held_out }) => {
  if (!held_out) return null;
  const { exports, at } = model;
  view(model).setFloat64(at.held_out_loss, 0, true);
  view(model).setUint32(at.tokens_seen, 0, true);
  await inSlices(run, held_out, held_out, (done, count) => {
    exports.evaluate(done, done + count);
    return true;
  });
  const loss = view(model).getFloat64(at.held_out_loss, true) / view(model).getUint32(at.tokens_seen, true);
  return Number.isFinite(loss) ? loss : null;
};

const doRun = async (job) => {
  const { run, order, held_out, writes, blob, steps } = job;
  if (dropped.has(run)) return;
  const model = await instantiate(models.get(job.model));
  const { at, exports } = model;
  const table = tables.get(job.table);
  const numbers = new Uint32Array(blob.buffer, 0, order + held_out);
  let begin = numbers.byteLength;
  for (const [address, size] of writes) write(model, address, blob.subarray(begin, (begin += size)));
  new Uint8Array(exports.memory.buffer, at.weights + at.weight_bytes, at.state_bytes).fill(0);
  exports.transpose_weights();
  const end = place(model, table, numbers.subarray(0, order), "documents", at.end);
  place(model, table, numbers.subarray(order), "held_out", end);
  const began = performance.now();
  const losses = await train(model, job);
  const seconds = (performance.now() - began) / 1000;
  const diverged = losses.length < steps;
  const held_out_loss = diverged ? null : await evaluate(model, job);
  if (diverged) model.exports = null; // its memory may hold what is no number
  if (dropped.has(run)) return;
  const weights = new Uint8Array(exports.memory.buffer, at.weights, job.weights ? at.weight_bytes : 0);
  const result = new Uint8Array(losses.byteLength + weights.length);
  result.set(new Uint8Array(losses.buffer, 0, losses.byteLength));
  result.set(weights, losses.byteLength);
  const told = { type: "ended", run, steps: losses.length, seconds, held_out_loss, diverged };
  postMessage({ ...told, blob: result }, [result.buffer]);
};

const handlers = {
  model: async ({ name, at, blob }) => models.set(name, { at, module: new WebAssembly.Module(blob) }),
  table({ name, sequences, blob }) {
    const { buffer } = blob;
    const starts = new Uint32Array(buffer, 0, sequences + 1);
    const countedFrom = new Uint32Array(buffer, starts.byteLength, sequences);
    const tokens = new Uint16Array(buffer, starts.byteLength + countedFrom.byteLength);
    tables.set(name, { starts, countedFrom, tokens });
  },
  forget: ({ name }) => models.delete(name) || tables.delete(name),
  run: (job) =>
    doRun(job).catch((error) => {
      const model = models.get(job.model);
      if (model) model.exports = null;
      postMessage({ type: "failed", run: job.run, reason: String(error) });
    }),
};

self.onmessage = ({ data }) => {
  if (data.type === "drop") dropped = new Set([...dropped, data.run]);
  else queue = queue.then(() => handlers[data.type](data));
};
