// Past runs, as the browser keeps them: weights and losses in one file, and the points of the curve.
// Fetched with the first past run.
//
// Functions that write resolve to what went wrong, as `tell` of database.mjs says.
import { asBlob, markKept, readAll, write } from "./database.mjs";

const LENGTH_BYTES = 8;

// A checkpoint without the optimizer's state, in 32 bits: a Blob. What is kept of the header's metadata
// is all that makes the model.
const weightsOf = async (checkpoint) => {
  const bytes = await checkpoint.arrayBuffer();
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const text = new TextDecoder().decode(new Uint8Array(bytes, LENGTH_BYTES, length));
  const { __metadata__: metadata, ...tensors } = JSON.parse(text);
  const header = { __metadata__: metadata };
  const numbers = [];
  let end = 0;
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(tensors)) {
    if (shape.length !== 2) continue; // the optimizer's are vectors
    const part = bytes.slice(LENGTH_BYTES + length + from, LENGTH_BYTES + length + to);
    const values = Float32Array.from(dtype === "F64" ? new Float64Array(part) : new Float32Array(part));
    header[name] = { dtype: "F32", shape, data_offsets: [end, end + values.byteLength] };
    end += values.byteLength;
    numbers.push(values);
  }
  // JSON as Python writes it, whose brackets are counted where it is read.
  let head = new TextEncoder().encode(JSON.stringify(header));
  const padding = " ".repeat(-head.length & (LENGTH_BYTES - 1));
  head = new Uint8Array([...head, ...new TextEncoder().encode(padding)]);
  const size = new DataView(new ArrayBuffer(LENGTH_BYTES));
  size.setBigUint64(0, BigInt(head.length), true);
  return new Blob([size, head, ...numbers]);
};

// What a past run is shown again from. `raw` and `smooth` are by step, of which index 0 is empty; `raw`
// may be of fewer steps by now than `last`. Resolves to {blob, weights}: how many bytes of the blob are
// the model's; the losses, raw and then smoothed, are the rest.
export const contentOf = async (checkpoint, raw, smooth) => {
  const losses = [raw, smooth].map((all) => Float64Array.from(all.slice(1)));
  const weights = checkpoint ? await weightsOf(checkpoint) : new Blob();
  // Padded, so that the losses can be read where they lie.
  const padding = new Uint8Array(-weights.size & (LENGTH_BYTES - 1));
  return { blob: new Blob([weights, padding, ...losses]), weights: weights.size };
};

// The model of such a blob, a blob; null where there is none.
export const modelOf = (blob, weights) => (weights ? blob.slice(0, weights) : null);

// Resolves to {model, raw, smooth} of such a blob, the model as of `modelOf`.
export const partsOf = async (blob, weights) => {
  const begins = weights + (-weights & (LENGTH_BYTES - 1));
  const losses = new Float64Array(await blob.slice(begins).arrayBuffer());
  const count = losses.length / 2;
  return {
    model: modelOf(blob, weights),
    raw: losses.subarray(0, count),
    smooth: losses.subarray(count),
  };
};

// Keeps a past run, or what is said of it by now: `about` is JSON, `curve` a Float64Array.
export const keepPast = async (id, about, curve, content) => {
  const problem = await write(["past_runs"], content, ({ past_runs }, blob) => {
    past_runs.put({ about, curve, blob }, id);
  });
  if (!problem) markKept();
  return problem;
};

export const deletePast = (id) =>
  write(["past_runs"], null, ({ past_runs }) => past_runs.delete(id));

// Resolves to {id, about, curve, blob} of each that is kept, the oldest first; none where nothing can be read.
export const listPast = async () => {
  const [ids, found] = await readAll("past_runs").catch(() => [[], []]);
  return found.map((run, i) => ({ ...run, blob: asBlob(run.blob), id: ids[i] }));
};

// A table of past runs as JSON: `about` of each, with its curve.
export const asJson = (abouts, curves) => {
  const runs = JSON.parse(abouts).map((about, i) => {
    const of = (part) => [...curves[i].filter((_, place) => place % 2 === part)];
    return { ...about, curve: { steps: of(0), smoothed_loss: of(1) } };
  });
  return `${JSON.stringify({ runs }, null, 1)}\n`;
};
