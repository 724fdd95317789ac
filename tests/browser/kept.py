"""What the page keeps in the browser's storage, read and changed from outside."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

# Resolves to the losses, raw and smoothed, and the tensors' bytes of the newest kept run.
READ_RUN = """
async () => {
    const opening = indexedDB.open("microgpt");
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const all = (table) => new Promise((resolve) => {
        const request = opening.result.transaction(table).objectStore(table).getAll();
        request.onsuccess = () => resolve(request.result);
    });
    const [runs, blocks] = [await all("runs"), await all("losses")];
    opening.result.close();
    const half = (block, which) => [...block.slice(...which(block.length / 2))];
    const bytes = new Uint8Array(await runs.at(-1).checkpoint.arrayBuffer());
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const digest = await crypto.subtle.digest("SHA-256", bytes.slice(8 + header));
    return {
        about: JSON.parse(runs.at(-1).about),
        raw: blocks.flatMap((block) => half(block, (n) => [0, n])),
        smooth: blocks.flatMap((block) => half(block, (n) => [n])),
        digest: [...new Uint8Array(digest)].join(),
    };
}
"""
# Resolves once the newest kept run satisfies a condition.
WAIT_RUN = """
async (condition) => {
    const holds = new Function("about", `return ${condition}`);
    for (let tries = 0; tries < 600; tries += 1) {
        if ((await indexedDB.databases()).some(({ name }) => name === "microgpt")) {
            const opening = indexedDB.open("microgpt");
            await new Promise((resolve) => (opening.onsuccess = resolve));
            const request = opening.result.transaction("runs").objectStore("runs").getAll();
            await new Promise((resolve) => (request.onsuccess = resolve));
            opening.result.close();
            const run = request.result.at(-1);
            if (run && holds(JSON.parse(run.about))) return;
        }
        await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`no kept run has ${condition}`);
}
"""


@dataclass(frozen=True)
class KeptRun:
    """A run as the browser keeps it."""

    about: dict[str, object]
    raw: list[float]
    smooth: list[float]
    digest: str  # of weights and optimizer state


def read_run(page: Page) -> KeptRun:
    """The newest run that is kept."""
    return KeptRun(**page.evaluate(READ_RUN))


def wait_run(page: Page, condition: str) -> None:
    """Waits until a run is kept that satisfies a condition, in JavaScript, on its `about`."""
    page.evaluate(WAIT_RUN, condition)
