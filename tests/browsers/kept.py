"""The run as a browser keeps it, read from outside."""

from __future__ import annotations

from tests.browsers.driver import until
from tests.browsers.page import PlaygroundPage

# The step at which the newest run is kept, and its losses; null as long as none is.
READ_RUN = """
async () => {
  if (localStorage.getItem("kept") === null) return null;
  const opening = indexedDB.open("microgpt");
  await new Promise((resolve) => (opening.onsuccess = resolve));
  const all = (table) => new Promise((resolve) => {
    const request = opening.result.transaction(table).objectStore(table).getAll();
    request.onsuccess = () => resolve(request.result);
  });
  const [runs, blocks] = [await all("runs"), await all("losses")];
  opening.result.close();
  const losses = blocks.flatMap((block) => [...block.slice(0, block.length / 2)]);
  return runs.length ? [JSON.parse(runs.at(-1).about).checkpoint_step, losses] : null;
}
"""


def kept_losses(playground: PlaygroundPage, step: int) -> list[float]:
    """The losses of the run, once it is kept as it is after `step`."""

    def found() -> list[float] | None:
        run = playground.driver.evaluate(READ_RUN)
        return run[1] if run and run[0] == step else None

    losses = until(found, f"the run is kept at step {step}")
    assert len(losses) == step
    return losses
