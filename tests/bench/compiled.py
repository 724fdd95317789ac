"""The compiled engine on the default model: a run, a token, and how it is compiled.

What is measured; where and how is in `places.py` and `timing.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from time import perf_counter

from playwright.sync_api import Browser, Page

from app.site.environment import ROOT
from microgpt.config import ModelConfig
from tests.bench.places import SAMPLES, Place, here, in_the_worker, take
from tests.bench.table import Row
from tests.browser.app import Playground
from tests.support.command import call

NAMES = ROOT / "datasets" / "us-names.txt"
ARCHITECTURES = {
    "default model": ModelConfig(vocab_size=27),
    "largest model": ModelConfig(10_000, n_embd=512, n_head=8, n_layer=12, block_size=512),
}
WALKS = 30
WRONG_OPTION = "--bogus"
TRAIN = "train --steps 1000"
COMMANDS = {  # with targets in seconds
    WRONG_OPTION: 0.1,
    TRAIN: 0.2,
    f"{TRAIN} --json": 0.205,
    "generate --samples 1000": 0.4,
}
# The milliseconds of a token, from the worker's taking the message to its having answered: the mean
# of the first three of a name, since the clock of a worker knows tenths only.
WALK = """
() => {
    const tell = (action) =>
        self.onmessage({ data: { type: "explore", action, position: null, token: null } });
    tell("reset");
    const began = performance.now();
    for (let token = 0; token < 3; token++) tell("next");
    return (performance.now() - began) / 3;
}
"""


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    Playground(page).open().wait_worker()
    inside = in_the_worker(page)
    yield from default_run(inside, "Chromium's worker", 15)
    yield from default_run(here, "wasmtime")
    yield from whole_commands()
    yield from ratios(inside)
    yield next_token(page)
    for samples, place in ((inside, "Chromium's worker"), (here, "CPython and wasmtime")):
        yield from compilation(samples, place)
    context.close()


def default_run(samples: Place, place: str, target: float | None = None) -> Iterator[Row]:
    """What 1,000 steps take, hot, in one place; `target` in milliseconds."""
    inside, around = take(samples("default_run", NAMES.read_text(encoding="utf-8")))
    yield Row(f"1,000 steps in {place}, inside the module", in_ms(inside), "ms", target)
    yield Row("the same with Python around it", in_ms(around), "ms", target)


def whole_commands() -> Iterator[Row]:
    """What commands take from their start to their end, in turns, and what `--json` adds."""
    for command in COMMANDS:
        whole_process(command)  # fills the caches
    rounds = [{command: whole_process(command) for command in COMMANDS} for _ in range(SAMPLES)]
    for command, target in COMMANDS.items():
        seconds = [each[command] for each in rounds]
        yield Row(f"python -m microgpt {command}", seconds, "s", target)
    added = [each[f"{TRAIN} --json"] - each[TRAIN] for each in rounds]
    yield Row("of that, for `--json`", in_ms(added), "ms", 5)


def whole_process(command: str) -> float:
    """The seconds that the command line takes, with its cache and with Python's."""
    began = perf_counter()
    done = call(*command.split(), MICROGPT_CACHE="on", PYTHONDONTWRITEBYTECODE="")
    seconds = perf_counter() - began
    assert done.returncode == (2 if command == WRONG_OPTION else 0), done.stderr
    return seconds


def ratios(inside: Place) -> Iterator[Row]:
    """How much slower the same steps are by other ways, all in Pyodide."""
    plain, scalar, wasm = take(inside("step_of_each_engine", NAMES.read_text(encoding="utf-8")))
    slower = [slow / fast for slow, fast in zip(scalar, wasm, strict=True)]
    yield Row("scalar engine to compiled, both in Pyodide", slower, "×", 8000, True)
    slower = [slow / fast for slow, fast in zip(plain, wasm, strict=True)]
    yield Row("plain transcription to compiled, the same way", slower, "×")


def next_token(page: Page) -> Row:
    """What the explorer's next token takes in the worker."""
    worker = Playground(page).worker
    times = [worker.evaluate(WALK) for _ in range(WALKS)]
    return Row("explorer's next token, in the worker", times, "ms", 2)


def compilation(samples: Place, place: str) -> Iterator[Row]:
    """From an architecture to an instance, the very first time too; with the module's size."""
    for name, config in ARCHITECTURES.items():
        emitted, started, sizes = take(samples("compilation", *config.sizes), dropped=0)
        both = [sum(pair) for pair in zip(emitted, started, strict=True)]
        what = f"{name} emitted and compiled ({sizes[0] / 1000:.0f} kB), {place}"
        yield Row(what, in_ms(both), "ms", 100)
        yield Row("of that, compiled and started by the host", in_ms(started), "ms")


def in_ms(seconds: list[float]) -> list[float]:
    """Seconds as milliseconds."""
    return [1000 * each for each in seconds]
