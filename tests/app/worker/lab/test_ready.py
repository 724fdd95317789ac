"""Every ready experiment, cut down: it comes through, and says what has come out."""

from __future__ import annotations

import pytest

from app.worker.lab.plan import RunKey
from microgpt.lab.axis import Axis
from microgpt.lab.findings import TOO_FEW, find
from microgpt.lab.ready import READY, ready_experiment
from microgpt.lab.sweep import Sweep
from microgpt.wasm.runtime.hosts import find_host
from tests.support.fakes import FakeWorker, Message
from tests.support.imports import ROOT
from tests.support.lab import kept_lines, lab_worker, one_after_the_other, run_sweeps, told

pytestmark = pytest.mark.skipif(find_host() is None, reason="nothing compiled runs here")

MOST_STEPS, MOST_SEEDS, MOST_WIDTH = 110, 4, 16
NUM_LINES = 300  # of the data, where an experiment does not need all of them


def cut_down(sweep: Sweep) -> str:
    """A sweep with the same axes, of small models and few steps."""
    base = {**sweep.base, "num_steps": min(int(sweep.values({})["num_steps"]), MOST_STEPS)}
    axes = []
    for axis in sweep.axes:
        lowest = {"num_steps": MOST_STEPS, "n_embd": MOST_WIDTH}
        places = [
            tuple(
                min(int(value), lowest[name]) if name in lowest else value
                for name, value in zip(axis.names, place, strict=True)
            )
            for place in axis.places
        ]
        axes.append(Axis(axis.names, list(dict.fromkeys(places))))
        if "num_steps" in axis.names:
            del base["num_steps"]
    base["n_embd"] = min(int(base.get("n_embd", MOST_WIDTH)), MOST_WIDTH)
    if any("n_embd" in axis.names for axis in axes):
        del base["n_embd"]
    seeds = min(sweep.seeds, MOST_SEEDS)
    return Sweep(sweep.data, base, axes, seeds, sweep.measured, sweep.output).text()


def lines_of(name: str) -> list[str]:
    """The beginning of a data set."""
    text = (ROOT / "datasets" / f"{name}.txt").read_text(encoding="utf-8")
    return text.splitlines()[:NUM_LINES]


def newest_finding(worker: FakeWorker) -> Message:
    """The last thing that was found."""
    found: Message = [each["finding"] for each in told(worker) if each["finding"] is not None][-1]
    return found


@pytest.fixture(scope="module", params=[row.name for row in READY])
def experiment(request: pytest.FixtureRequest) -> tuple[str, list[str], list[str], FakeWorker]:
    """Its name, its sweeps, its data, and the worker that has made its runs."""
    ready = ready_experiment(request.param)
    texts = [cut_down(sweep) for sweep in ready.sweeps()]
    documents = lines_of(ready.sweeps()[0].data)
    worker = lab_worker(documents)
    run_sweeps(worker, *texts, ready=ready.name)
    return ready.name, texts, documents, worker


def test_it_says_what_has_come_out(
    experiment: tuple[str, list[str], list[str], FakeWorker],
) -> None:
    name, texts, documents, worker = experiment
    last = told(worker)[-1]
    assert last["over"]
    assert last["failure"] == ""
    assert last["done"] == last["of"]
    made = [[*one_after_the_other(documents, text).values()] for text in texts]
    finding = find(name, made, documents)
    found = newest_finding(worker)
    assert (found["sentence"], found["answer"]) == (finding.sentence, finding.answer)
    ranks = [[documents[r.document], r.difference, r.error, r.is_clear] for r in finding.ranks]
    assert found["ranks"] == ranks
    if name != "influence":  # whose four runs are too few
        assert finding.sentence != TOO_FEW


def test_what_is_kept_of_it_is_not_made_again(
    experiment: tuple[str, list[str], list[str], FakeWorker],
) -> None:
    name, texts, documents, worker = experiment
    again = lab_worker(documents)
    assert run_sweeps(again, *texts, ready=name, kept=kept_lines(worker)) == {}
    assert newest_finding(again) == newest_finding(worker)
    assert again.pool.workers == []


def test_curves_of_tasks_are_told() -> None:
    ready = ready_experiment("grokking")
    texts = [cut_down(sweep) for sweep in ready.sweeps()]
    worker = lab_worker(lines_of("modular-addition"))
    run_sweeps(worker, *texts, ready=ready.name)
    curves = [curve for event in told(worker) for curve in event["curves"]]
    assert {curve["name"] for curve in curves} == {"held_out_loss", "accuracy", "train_accuracy"}
    assert {curve["place"] for curve in curves} == {0, 1, 2, 3}


def test_the_law_predicts_before_the_second_sweep_is_made() -> None:
    ready = ready_experiment("scaling-law")
    texts = [cut_down(sweep) for sweep in ready.sweeps()]
    documents = lines_of("us-names")
    worker = lab_worker(documents, tick=0.02)
    made = run_sweeps(worker, *texts, ready=ready.name)
    (event,) = [event for event in told(worker) if event["predicted"]]
    assert event["done"] < event["of"]
    first = [record.result for key, record in made.items() if key.sweep == 0]
    law = find(ready.name, [first, []], documents).law
    assert law is not None
    places = {(0, key.number) if key.sweep == 0 else (1, key.number) for key in made}
    assert {(sweep, place) for sweep, place, *_ in event["predicted"]} == places
    for sweep, place, value, error in event["predicted"]:
        result = made[RunKey(sweep, place)].result
        said = law.predict(result.num_params, float(result.run["num_docs"]))
        assert value == said.value
        assert error == (2 * said.error if sweep else 0)
