"""Past runs as the page draws and keeps them, read and changed from outside."""

from __future__ import annotations

# The names of the curves that stand in the chart, the newest first.
DRAWN = "() => document.querySelector('#chart').past.map(({ name }) => name).filter(Boolean)"
# What is kept of past runs: the name that the user has given each, and how many bytes it takes.
KEPT = """
async () => {
    const opening = indexedDB.open("microgpt");
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const request = opening.result.transaction("past_runs").objectStore("past_runs").getAll();
    await new Promise((resolve) => (request.onsuccess = resolve));
    opening.result.close();
    return request.result.map(({ about, blob }) => [JSON.parse(about).title, blob.size]);
}
"""
WAIT_KEPT = f"async (count) => (await ({KEPT})()).length === count"
EMPTY_PAGE = '<!doctype html><link rel="icon" href="data:,">'
# A database as the page made it before there were past runs, with a model in it.
OLD_DATABASE = """
() => new Promise((resolve) => {
    const opening = indexedDB.open("microgpt", 1);
    opening.onupgradeneeded = () => {
        for (const name of ["sessions", "data", "runs", "losses", "models"])
            opening.result.createObjectStore(name);
    };
    opening.onsuccess = () => {
        const { result } = opening;
        const facts = { num_params: 9, data: "us-names", step: 5, held_out: null, has_code: false };
        const about = JSON.stringify(facts);
        const writing = result.transaction("models", "readwrite");
        writing.objectStore("models").put({ about, blob: new Blob(["x"]), time: 1 }, "of before");
        writing.oncomplete = () => {
            result.onversionchange = () => result.close();
            localStorage.setItem("kept", "1");
            resolve();
        };
    };
})
"""


# Keeps the one past run as that number of runs, the oldest as a pinned one.
MULTIPLY = """
async (count) => {
    const opening = indexedDB.open("microgpt");
    await new Promise((resolve) => (opening.onsuccess = resolve));
    const writing = opening.result.transaction("past_runs", "readwrite");
    const store = writing.objectStore("past_runs");
    const request = store.getAll();
    request.onsuccess = () => {
        const [run] = request.result;
        for (let number = 1; number < count; number += 1) {
            const about = { ...JSON.parse(run.about), pinned: number === 1 };
            const key = `1${String(number).padStart(12, "0")}`;
            store.put({ ...run, about: JSON.stringify(about) }, key);
        }
    };
    await new Promise((resolve) => (writing.oncomplete = resolve));
    opening.result.close();
}
"""
