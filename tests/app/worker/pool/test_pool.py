"""The pool: its runs are those of the core, and what becomes of them when workers fail."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest

from app.worker.draws import Draws
from app.worker.pool.jobs import PoolRun, with_seed
from app.worker.pool.pool import IDLE_SECONDS, RUN_LEFT_OUT, SILENT_WORKER_SECONDS, Pool
from app.worker.pool.result import PoolResult
from microgpt.config import TrainConfig
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.engine import create_engine
from microgpt.generators import drain
from microgpt.model_code.gallery import GALLERY
from microgpt.optimizer import OPTIMIZERS
from microgpt.run import prepare_run
from microgpt.trainer import DivergedError
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import TEXT, FakeClock, Message, run_settings
from tests.support.pool import FakePool

pytestmark = pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")

SUMS = b"\n".join(b"%d+%d=%d" % (a, b, a + b) for a in range(6) for b in range(6))


def corpus(text: bytes = TEXT, **options: Any) -> Corpus:
    """A text, loaded."""
    return drain(load_corpus([("", text)], CorpusOptions(**options)))


def settings(**changes: Any) -> Message:
    """Those of a tiny run of the compiled engine."""
    return run_settings(engine="wasm", **{"eval_fraction": 0.2, "num_steps": 20, **changes})


class Work:
    """A pool with fake workers, and what comes of its runs."""

    def __init__(self, num_workers: int = 2) -> None:
        self.clock, self.host = FakeClock(0.001), FakePool()
        self.reports: list[str] = []
        self.results: list[PoolResult] = []
        arguments = (num_workers, self.clock, self.reports.append, Draws())
        self.pool = Pool(self.host.start, *arguments)

    def submit(self, runs: Iterable[PoolRun], data: Corpus | None = None) -> Any:
        """Submit runs whose results are collected."""
        return self.pool.submit(data or corpus(), runs, self.results.append)

    def go(self, seconds: float = 0.0) -> None:
        """Work until nothing can be done at once, then let time pass."""
        while self.pool.work(self.clock() + 1.0) == 0.0:
            pass
        self.clock.now += seconds
        self.pool.work(self.clock() + 1.0)

    def seeds(self) -> list[int]:
        """The seeds of all results, in the order in which they came."""
        return [int(str(result.run.settings["seed"])) for result in self.results]


def seeded(*seeds: int, **changes: Any) -> list[PoolRun]:
    """Runs with these seeds."""
    return [with_seed(PoolRun(settings(**changes), weights=True), seed) for seed in seeds]


# ---- what comes of a run -------------------------------------------------------------------------

SHAPE = ("n_embd", "n_head", "n_layer", "block_size")


@pytest.mark.parametrize(
    ("changes", "text", "options"),
    [
        ({}, TEXT, {}),
        ({"eval_fraction": 0.0, "batch_size": 3, "optimizer": "sgd"}, TEXT, {}),
        ({"precision": "f64", "schedule": "cosine", "warmup": 0.1, "clip": 1.0}, TEXT, {}),
        ({"tokenizer": "bpe", "vocab_limit": 64}, TEXT, {}),
        ({"mask": "=", "init_std": 0.05}, SUMS, {}),
        ({"block_size": 4}, b"a long text about nothing, again and again " * 9, {"cut": "windows"}),
        ({"learning_rate": 10.0, "init_std": 0.5, "num_steps": 60}, TEXT, {}),
    ],
)
def test_a_run_is_that_of_the_core_to_the_last_bit(
    changes: Message, text: bytes, options: Message
) -> None:
    work, data = Work(), corpus(text, block_size=changes.get("block_size", 8), **options)
    work.submit(seeded(3, 4, **changes), data)
    work.go()
    for result in work.results:
        assert not result.failure
        values: Any = result.run.settings
        run = prepare_run(
            data.documents,
            TrainConfig.of(values),
            *("wasm", values["precision"], values["tokenizer"], values["vocab_limit"]),
            windowed=data.options.windowed,
            **{name: values[name] for name in SHAPE},
        )
        losses: list[float] = []
        held_out = None
        with suppress(DivergedError):
            for part in run.train():
                losses += part.losses
                held_out = held_out if part.held_out_loss is None else part.held_out_loss
        assert (
            result.diverged == (len(losses) < values["num_steps"]) == ("learning_rate" in changes)
        )
        assert result.losses.tolist() == losses
        assert result.held_out_loss == held_out
        engine = create_engine(
            "wasm",
            run.engine.config,
            run.engine.weights(),
            values["precision"],
            OPTIMIZERS[values["optimizer"]],
        )
        engine.load_state(result.state)
        assert engine.weights() == run.engine.weights()


def test_model_code_of_ones_own_is_trained() -> None:
    work = Work()
    source = GALLERY[0].source
    work.submit([PoolRun(settings(), code=source), PoolRun(settings(), code="x = 1")])
    work.go()
    well, badly = sorted(work.results, key=lambda result: result.number)
    assert well.loss is not None
    assert "parameter_shapes" in badly.failure


def test_fewer_documents_may_be_evaluated() -> None:
    work = Work()
    work.submit([PoolRun(settings(), max_held_out=limit) for limit in (None, 1)])
    work.go()
    (run_a, run_b) = (run for worker in work.host.workers for run in worker.runs())
    assert {run_a["evaluated"], run_b["evaluated"]} == {2, 1}


def test_a_run_is_measured_on_the_way_without_a_change_of_its_bits() -> None:
    """The evaluations are those of training, and so are the weights that are kept."""
    work, data = Work(), corpus()
    plain = PoolRun(settings(num_steps=250), weights=True)
    measured = replace(plain, curve_documents=1, tested=True, with_gap=True)
    work.submit([plain, measured], data)
    work.go()
    one, other = sorted(work.results, key=lambda result: result.number)
    assert one.losses == other.losses
    assert (one.held_out_loss, one.weights) == (other.held_out_loss, other.weights)
    assert (one.curve, one.known_loss, one.snapshots) == ([], None, [])
    values: Any = measured.settings
    shape = {name: values[name] for name in SHAPE}
    run = prepare_run(data.documents, TrainConfig.of(values), "wasm", **shape)
    drain(run.evaluate_on(1))
    evaluated = [part for part in run.train() if part.held_out_loss is not None]
    curve = [(part.step, part.held_out_loss) for part in evaluated if not part.held_out_count]
    assert other.curve == curve
    assert [step for step, _ in curve] == [100, 200, 250]
    gap = drain(run.gap())
    assert gap is not None
    assert (other.known_loss, other.held_out_loss) == gap
    assert [step for step, _ in other.snapshots] == [100, 200]
    early = prepare_run(data.documents, TrainConfig.of(values), "wasm", **shape)
    for _ in early.train(stop=200):
        pass
    again = prepare_run(data.documents, TrainConfig.of(values), "wasm", **shape).engine
    again.load_state(other.state_of(other.snapshots[1][1]))
    assert again.weights() == early.engine.weights()


# ---- what is done when ---------------------------------------------------------------------------


def test_what_runs_have_in_common_is_sent_once() -> None:
    work = Work(num_workers=1)
    work.submit(seeded(*range(5)) + seeded(1, n_embd=8) + seeded(1, n_embd=16) + seeded(1))
    work.go()
    (worker,) = work.host.workers
    kinds = [message["type"] for message in worker.posted]
    assert (kinds.count("table"), kinds.count("run")) == (1, 8)
    assert (kinds.count("model"), kinds.count("forget")) == (4, 2)  # two are held at a time


def test_a_batch_is_paused_and_goes_on() -> None:
    work = Work()
    batch = work.submit(seeded(*range(6)))
    batch.pause()
    work.go()
    assert work.results == []
    batch.resume()
    work.go()
    assert sorted(work.seeds()) == [*range(6)]
    assert batch.over


def test_nothing_comes_of_a_batch_that_was_stopped() -> None:
    work = Work(num_workers=1)
    work.host.held = True
    batch = work.submit(seeded(*range(6)))
    work.go()
    batch.stop()
    (worker,) = work.host.workers
    begun = {run["run"] for run in worker.runs()}
    assert {m["run"] for m in worker.posted if m["type"] == "drop"} == begun
    work.host.held = False
    work.submit(seeded(9))
    work.go()
    assert work.seeds() == [9]


def test_the_newest_batch_goes_first() -> None:
    work = Work(num_workers=1)
    work.submit(seeded(1, 2, 3))
    work.submit(seeded(4, 5))
    work.go()
    assert work.seeds() == [4, 5, 1, 2, 3]


def test_a_patient_batch_goes_behind_all_others() -> None:
    work = Work(num_workers=1)
    work.submit(seeded(1, 2))
    work.pool.submit(corpus(), seeded(3, 4), work.results.append, patient=True)
    work.submit(seeded(5))
    work.go()
    assert work.seeds() == [5, 1, 2, 3, 4]


def test_workers_are_started_with_the_first_run_and_end_when_idle() -> None:
    work = Work()
    work.go()
    assert work.host.workers == []
    work.submit(seeded(1))
    work.go()
    (worker,) = work.host.workers
    assert not worker.ended
    work.go(IDLE_SECONDS + 1)
    assert worker.ended


# ---- workers that fail ---------------------------------------------------------------------------


def test_the_runs_of_a_silent_worker_are_given_to_another() -> None:
    work = Work(num_workers=1)
    work.host.held = True
    work.submit(seeded(1, 2, 3))
    work.go()
    work.host.held = False
    work.go(SILENT_WORKER_SECONDS + 1)
    work.go()
    first, second = work.host.workers
    assert first.ended
    assert not second.ended
    assert sorted(work.seeds()) == [1, 2, 3]
    assert not any(result.failure for result in work.results)


def test_a_worker_that_speaks_is_left_alone() -> None:
    work = Work(num_workers=1)
    work.host.held = True
    work.submit(seeded(1))
    work.go(SILENT_WORKER_SECONDS - 1)
    (worker,) = work.host.workers
    worker.receive({"type": "working", "run": worker.runs()[0]["run"]})
    work.go(SILENT_WORKER_SECONDS - 1)
    assert not worker.ended


@pytest.mark.parametrize("kind", ["lost", "failed"])
def test_a_run_that_fails_twice_ends_with_a_sentence(kind: str) -> None:
    work = Work(num_workers=1)
    work.host.held = True
    work.submit(seeded(1))
    for _ in range(2):
        work.go()
        worker = work.host.workers[-1]
        worker.receive({"type": kind, "run": worker.runs()[-1]["run"], "reason": "broken"})
    work.go()
    (result,) = work.results
    assert result.failure == RUN_LEFT_OUT
    assert result.loss is None
    assert work.reports == (["broken"] * 2 if kind == "failed" else [])
