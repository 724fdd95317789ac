"""What a tab keeps in the browser's storage, read from outside."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Page

# Reads this tab's records of a table; null where there is nothing yet.
READ = """
const read = async (table) => {
    const session = sessionStorage.getItem("session");
    if (!session) return null;
    const opening = indexedDB.open("microgpt");
    opening.onupgradeneeded = () => opening.transaction.abort(); // the page has to make it
    await new Promise((resolve) => (opening.onsuccess = opening.onerror = resolve));
    if (opening.error) return null;
    const range = IDBKeyRange.bound([session], [session, []]);
    const store = opening.result.transaction(table).objectStore(table);
    const request = table === "runs" ? store.get(session) : store.getAll(range);
    await new Promise((resolve) => (request.onsuccess = resolve));
    opening.result.close();
    return request.result;
};
"""
# Resolves to the losses, raw and smoothed, and the tensors' bytes of the tab's run.
READ_RUN = f"""
async () => {{
    {READ}
    const [run, blocks] = [await read("runs"), await read("losses")];
    const half = (block, which) => [...block.slice(...which(block.length / 2))];
    const bytes = new Uint8Array(await run.checkpoint.arrayBuffer());
    const header = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const digest = await crypto.subtle.digest("SHA-256", bytes.slice(8 + header));
    return {{
        about: JSON.parse(run.about),
        raw: blocks.flatMap((block) => half(block, (n) => [0, n])),
        smooth: blocks.flatMap((block) => half(block, (n) => [n])),
        digest: [...new Uint8Array(digest)].join(),
    }};
}}
"""
# Resolves once a table has what satisfies a condition.
WAIT = f"""
async ([table, condition]) => {{
    {READ}
    const holds = new Function("kept", `return ${{condition}}`);
    for (let tries = 0; tries < 1200; tries += 1) {{
        const kept = await read(table);
        if (holds(kept)) return;
        await new Promise((resolve) => setTimeout(resolve, 100));
    }}
    throw new Error(`${{table}} never has ${{condition}}`);
}}
"""
STEPS_DONE = "JSON.parse(kept.about).checkpoint_step"
# Its lines are judged, too, which is kept last.
JUDGED = "JSON.parse(kept.about).series.learned"
OVER = f"{STEPS_DONE} === JSON.parse(kept.about).series.num_steps"


@dataclass(frozen=True)
class KeptRun:
    """A run as the browser keeps it."""

    about: dict[str, Any]
    raw: list[float]
    smooth: list[float]
    digest: str  # of weights and optimizer state


def read_run(page: Page) -> KeptRun:
    """The run that the tab keeps."""
    return KeptRun(**page.evaluate(READ_RUN))


def wait_kept(page: Page, table: str, condition: str) -> None:
    """Waits until the tab's `kept` records of a table satisfy a condition in JavaScript."""
    page.evaluate(WAIT, [table, f"kept && ({condition})"])


def wait_forgotten(page: Page) -> None:
    """Waits until the tab keeps no run, so that what is kept next is another one."""
    page.evaluate(WAIT, ["runs", "!kept"])
