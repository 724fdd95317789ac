"""Seconds a training step of the scalar engine: beside the plain transcription, and in a browser.

The same names, seed and model in all three. The losses of the first two are the same to the last
bit; those in the browser nearly so, since its exponentials and powers round differently now and
then.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from math import isclose
from time import perf_counter

from playwright.sync_api import Browser

from app.shared import commands
from app.shared.experiment import RUN_SETTINGS
from app.site.environment import ROOT
from microgpt.config import TrainConfig
from microgpt.dataset import split_lines
from microgpt.run import prepare_run
from microgpt.settings import setting
from tests.bench.plain import PlainTraining
from tests.bench.table import Row

NAMES = "us-names.txt"
STEPS = 40
WARM_UP = 3  # steps before the measured ones
TARGET = 1.5
# A worker of its own, sent what the page would send. Returns the progress messages.
IN_A_WORKER = """
async ([messages, file, steps]) => {
    const release = document.body.dataset.release;
    const blob = new Uint8Array(await (await fetch(`${release}/datasets/${file}`)).arrayBuffer());
    const worker = new Worker(`${release}/static/worker.mjs`, { type: "module" });
    const progress = [];
    await new Promise((resolve, reject) => {
        worker.onerror = reject;
        worker.onmessage = ({ data }) => {
            if (data.type === "error" || data.type === "fatal") reject(new Error(data.message));
            if (data.type === "progress") {
                const both = [...new Float64Array(data.blob.buffer)];
                const losses = both.slice(0, both.length / 2);  // the smoothed ones follow
                progress.push({ step: data.step, seconds: data.seconds, losses });
            }
            if (data.type === "progress" && data.step >= steps) resolve();
            if (data.type === "ready") worker.postMessage({ ...text, blob });
            if (data.type === "data_loaded") worker.postMessage(start);
        };
        const [text, start] = messages;
    });
    worker.terminate();
    return progress;
}
"""


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    losses, plain, ours = side_by_side()
    yield Row("plain transcription, a step", [1000 * seconds for seconds in plain], "ms")
    yield Row("scalar engine, a step", [1000 * seconds for seconds in ours], "ms")
    ratios = [slow / fast for slow, fast in zip(plain, ours, strict=True)]
    yield Row("how many times faster", ratios, "×", TARGET, higher_is_better=True)
    yield Row("scalar engine", [1 / seconds for seconds in ours], "steps/s")
    inside = in_the_browser(browser, url, losses)
    yield Row("the same in Pyodide", [1 / seconds for seconds in inside], "steps/s")


def side_by_side() -> tuple[list[float], list[float], list[float]]:
    """All losses, and the seconds of each measured step: the plain way, and the engine's."""
    documents = split_lines((ROOT / "datasets" / NAMES).read_text(encoding="utf-8"))
    run = prepare_run(documents, TrainConfig(), "scalar")
    tokens = [run.tokenizer.encode(document) for document in run.dataset.train[: WARM_UP + STEPS]]
    plain = PlainTraining(run.engine.config, run.training, run.engine.weights())
    losses: list[float] = []
    seconds: tuple[list[float], list[float]] = ([], [])
    for step, document in enumerate(tokens):
        times = [perf_counter()]
        expected = plain.step(step, document)
        times.append(perf_counter())
        (loss,) = chain.from_iterable(run.engine.steps(step, 1))
        times.append(perf_counter())
        if loss != expected:
            raise AssertionError(f"step {step + 1}: the losses are {expected!r} and {loss!r}")
        losses.append(loss)
        if step >= WARM_UP:
            seconds[0].append(times[1] - times[0])
            seconds[1].append(times[2] - times[1])
    return losses, *seconds


def in_the_browser(browser: Browser, url: str, losses: list[float]) -> list[float]:
    """The seconds of each measured step in the site's own worker."""
    settings = {name: setting(name).default for name in RUN_SETTINGS}
    settings |= {"engine": "scalar", "pace": "full"}
    size = (ROOT / "datasets" / NAMES).stat().st_size
    messages = [
        commands.LoadDataCommand(
            type="load_data", number=1, name=NAMES, files=[(NAMES, size)], options={}
        ),
        commands.StartCommand(
            type="start",
            settings=settings,
            code="",
            paused=False,
            run=1,
            data=NAMES,
            continued=False,
            stops=[],
        ),
    ]
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    page.goto("")
    progress = page.evaluate(IN_A_WORKER, [messages, NAMES, len(losses)])
    context.close()
    inside = list(chain.from_iterable(message["losses"] for message in progress))
    for step, (here, there) in enumerate(zip(losses, inside, strict=False), start=1):
        if not isclose(here, there, rel_tol=1e-9):
            raise AssertionError(f"step {step}: the losses are {here!r} and, inside, {there!r}")
    result = []
    before = {"step": 0, "seconds": 0.0}
    for message in progress:
        steps = message["step"] - before["step"]
        if before["step"] >= WARM_UP:
            result += [(message["seconds"] - before["seconds"]) / steps] * steps
        before = message
    return result
