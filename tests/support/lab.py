"""Experiments in a worker with fake pool workers, and what they come to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.worker.lab.plan import Plan, RunKey
from app.worker.lab.records import Record, read_records
from microgpt.corpus.loading import load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.generators import drain
from microgpt.lab.results import RunResult
from microgpt.lab.runner import SweepRunner
from microgpt.lab.sweep import parse_sweep
from tests.support.fakes import FakeWorker, Message

WORDS = [f"{a}{b}{c}" for a in ("sun", "moon", "star") for b in "aeiou" for c in ("la", "lit", "n")]
TINY_SWEEP = "n_embd=4;n_head=2;block_size=8;num_steps=12;eval_fraction=0.2"
TINY_RATES = f"{TINY_SWEEP};learning_rate=0.001,0.01,0.1;seeds=3"
TINY_SEEDS = f"{TINY_SWEEP};seeds=6"


def lab_worker(documents: Sequence[str] = WORDS, tick: float = 0.001, **options: Any) -> FakeWorker:
    """A worker whose Lab has these documents."""
    worker = FakeWorker(tick)
    give_data(worker, "\n".join(documents).encode(), **options)
    assert worker.of("lab_data_ready")[-1]["problem"] == ""
    return worker


def give_data(worker: FakeWorker, text: bytes, number: int = 1, **options: Any) -> None:
    """Have the Lab load a text."""
    files = [("", len(text))]
    worker.tell("lab_data", number=number, name="own", files=files, options=options, blob=text)
    worker.work(until=lambda: any(m["number"] == number for m in worker.of("lab_data_ready")))


def begin(
    worker: FakeWorker,
    *texts: str,
    number: int = 1,
    ready: str = "",
    paused: bool = False,
    kept: bytes | None = None,
) -> None:
    """Tell the worker to make the runs of an experiment."""
    worker.tell("sweep", number=number, texts=[*texts], ready=ready, paused=paused, blob=kept)


def is_over(worker: FakeWorker, number: int = 1) -> bool:
    """Whether the experiment has ended."""
    return any(m["over"] for m in worker.of("swept") if m["number"] == number)


def run_sweeps(
    worker: FakeWorker, *texts: str, number: int = 1, ready: str = "", kept: bytes | None = None
) -> dict[RunKey, Record]:
    """What comes of all runs of an experiment."""
    begin(worker, *texts, number=number, ready=ready, kept=kept)
    worker.work(until=lambda: is_over(worker, number))
    return records(worker, *texts, number=number)


def told(worker: FakeWorker, number: int = 1) -> list[Message]:
    """What was said of an experiment."""
    return [message for message in worker.of("swept") if message["number"] == number]


def kept_lines(worker: FakeWorker, number: int = 1) -> bytes:
    """All that a page would keep of an experiment."""
    events = [each for each in worker.posted if each.message["type"] == "swept"]
    return b"".join(each.blob or b"" for each in events if each.message["number"] == number)


def records(worker: FakeWorker, *texts: str, number: int = 1) -> dict[RunKey, Record]:
    """The same, read."""
    lines = kept_lines(worker, number)
    return {each.key: each for each in read_records(lines, Plan(texts)) if each is not None}


def one_after_the_other(
    documents: Sequence[str], text: str, **options: Any
) -> dict[int, RunResult]:
    """What the runs of a sweep come to in the core, by their numbers."""
    content = "\n".join(documents).encode()
    corpus = drain(load_corpus([("", content)], CorpusOptions(**options)))
    sweep = parse_sweep(text)
    windowed = corpus.options.windowed
    runner = SweepRunner(corpus.documents, sweep.data, windowed, output=sweep.output)
    runs: list[Mapping[str, Any]] = [*sweep.runs()]
    return {
        number: drain(runner.run(run, sweep.values(run), sweep.measured))
        for number, run in enumerate(runs)
    }


def begun_runs(worker: FakeWorker) -> list[int]:
    """The runs that workers were given."""
    return [run["run"] for each in worker.pool.workers for run in each.runs()]


def newest_points(worker: FakeWorker, number: int = 1) -> dict[tuple[int, int], Message]:
    """What the page knows of each point in the end."""
    points = [point for event in told(worker, number) for point in event["points"]]
    return {(point["sweep"], point["place"]): point for point in points}


def finish(worker: FakeWorker, number: int = 1) -> None:
    """Work until the experiment is over."""
    worker.work(until=lambda: is_over(worker, number))
