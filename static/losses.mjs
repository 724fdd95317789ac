// A run's losses for other programs, in the words of the command line's `train --json`.

// One object for each of its lines: losses step by step, and what was measured behind a step. `run`:
// `raw` and `smooth`, arrays by step, of which index 0 is empty; `heldOut`, `accuracy` and
// `trainAccuracy`, pairs of a step and a value; `allHeldOut`, a loss and over how many documents, or null; `charsPerToken`.
const lines = ({ raw, smooth, heldOut, accuracy, trainAccuracy, allHeldOut, charsPerToken }) => {
  const perCharacter = (name, loss) =>
    charsPerToken > 1 ? { [`${name}_per_character`]: loss / charsPerToken } : {};
  const losses = (name, loss) => ({ [name]: loss, ...perCharacter(name, loss) });
  const [held, right, trained] = [heldOut, accuracy, trainAccuracy].map((pairs) => new Map(pairs));
  const training = (step) => (trained.has(step) ? { train_accuracy: trained.get(step) } : {});
  const found = [];
  for (let step = 1; step < raw.length; step += 1) {
    found.push({ step, ...losses("loss", raw[step]), smoothed_loss: smooth[step] });
    if (held.has(step)) found.push({ step, ...losses("held_out_loss", held.get(step)) });
    if (right.has(step)) found.push({ step, accuracy: right.get(step), ...training(step) });
  }
  if (allHeldOut) {
    const [loss, documents] = allHeldOut;
    found.push({ step: raw.length - 1, ...losses("held_out_loss", loss), documents });
  }
  return found;
};

// As JSON: what is known of the run, and `lines`, one of them on each line of the file.
export const asJson = (about, run) => {
  const head = JSON.stringify(about, null, 2).replace(/\n\}$/, "");
  const written = lines(run).map((line) => `    ${JSON.stringify(line)}`);
  return `${head},\n  "lines": [\n${written.join(",\n")}\n  ]\n}\n`;
};

// As CSV: a row for each step, a column for each thing that was measured. What was measured of all
// held-out documents, after the last step, has columns of its own.
export const asCsv = (run) => {
  const rows = [];
  for (const { step, ...values } of lines(run)) {
    if (rows.at(-1)?.step !== step) rows.push({ step });
    for (const [name, value] of Object.entries(values))
      rows.at(-1)["documents" in values && name !== "documents" ? `all_${name}` : name] = value;
  }
  const columns = [...new Set(["step", "loss", ...rows.flatMap(Object.keys)])];
  return [columns, ...rows.map((row) => columns.map((name) => row[name] ?? ""))].join("\n") + "\n";
};
