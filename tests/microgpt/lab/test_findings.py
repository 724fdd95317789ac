"""What the ready experiments say, whichever way they come out; and their table."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from microgpt.lab.evidence import Finding
from microgpt.lab.findings import FINDINGS, TOO_FEW, find
from microgpt.lab.influence import training_documents
from microgpt.lab.ready import CHOICE_GUESS, READY, ready_experiment
from microgpt.lab.results import Curve, RunResult
from microgpt.lab.sweep import parse_sweep
from microgpt.settings import SettingError
from tests.support.imports import ROOT

Run = Mapping[str, Any]
SOON: Curve = [(100, 0.2), (200, 0.95), (300, 1.0)]
LATE: Curve = [(100, 0.1), (200, 0.1), (300, 0.92)]
NOT: Curve = [(100, 0.1), (200, 0.2), (300, 0.3)]


def found(name: str, measured: Callable[[Run], Mapping[str, float]]) -> Finding:
    """What an experiment says if its runs come to what `measured` says."""
    sweeps = ready_experiment(name).sweeps()
    results = [[RunResult(run, measured(run)) for run in sweep.runs()] for sweep in sweeps]
    return find(name, results)


def curves(name: str, curve_of: Callable[[Run], Mapping[str, Curve]]) -> Finding:
    (sweep,) = ready_experiment(name).sweeps()
    results = []
    for run in sweep.runs():
        curve = curve_of(run)
        results.append(RunResult(run, {"accuracy": curve["accuracy"][-1][1]}, curve))
    return find(name, [results])


@pytest.mark.parametrize("ready", READY, ids=lambda ready: ready.name)
def test_the_table(ready: Any) -> None:
    sweeps = ready.sweeps()
    assert 1 <= sum(sweep.num_runs for sweep in sweeps) <= 1000
    assert [parse_sweep(sweep.text()).text() for sweep in sweeps] == [s.text() for s in sweeps]
    assert all((ROOT / "datasets" / f"{sweep.data}.txt").is_file() for sweep in sweeps)
    assert ready.guess.question.endswith("?")
    assert (ready.guess.kind == CHOICE_GUESS) == bool(ready.guess.options)
    assert ready.guess.low <= ready.guess.high
    assert ready.source.endswith(")")


def test_every_experiment_has_a_finding_and_says_when_it_cannot_know() -> None:
    names = [ready.name for ready in READY]
    assert list(FINDINGS) == names
    for ready in READY:
        none: list[list[RunResult]] = [[] for _ in ready.texts]
        assert find(ready.name, none, ["a", "b"]) == Finding(TOO_FEW, "")
        first = [[RunResult(sweep.runs()[0], diverged=3)] for sweep in ready.sweeps()]
        assert find(ready.name, first, ["a", "b"]).answer == ""
    with pytest.raises(SettingError, match="There is no experiment called 'x'; there are learning"):
        find("x", [])


@pytest.mark.parametrize(("falls", "said"), [(True, True), (False, False)])
def test_learning_rate(falls: bool, said: bool) -> None:
    (sweep,) = ready_experiment("learning-rate").sweeps()
    rates = [float(place[0]) for place in sweep.axes[0].places]

    def measured(run: Run) -> dict[str, float]:
        best = rates[5 - (int(run["n_embd"]) // 16 if falls else 0)]
        return {"held_out_loss": 2 + abs(rates.index(run["learning_rate"]) - rates.index(best))}

    finding = found("learning-rate", measured)
    assert finding.answer == rates[4 if falls else 5]
    assert ("smaller steps" in finding.sentence) == said
    assert f"{rates[5]:.2g} for 8" in finding.sentence


def test_a_rate_at_which_a_run_diverges_is_not_the_best() -> None:
    (sweep,) = ready_experiment("learning-rate").sweeps()
    results = []
    for run in sweep.runs():
        high = float(run["learning_rate"]) > 0.1
        bad = high and run["seed"] == 43
        loss = {} if bad else {"held_out_loss": 1.0 if high else 2.0}
        results.append(RunResult(run, loss, diverged=9 if bad else 0))
    finding = find("learning-rate", [results])
    assert isinstance(finding.answer, float)
    assert finding.answer < 0.1
    assert finding.sentence.endswith(" 3 runs diverged.")


@pytest.mark.parametrize("holds", [True, False])
def test_scaling_law(holds: bool) -> None:
    known, further = (sweep.runs() for sweep in ready_experiment("scaling-law").sweeps())
    rng = random.Random(1)

    def result(run: Run, size: int, extra: float) -> RunResult:
        docs = float(run["num_docs"])
        loss = 2 + 5 / size**0.5 + 3 / docs**0.4 + extra + rng.gauss(0, 0.01)
        return RunResult(run, {"lowest_held_out_loss": loss}, num_params=size)

    sizes = {4: 472, 8: 1328, 12: 2568, 16: 4192, 24: 8592, 32: 14528, 48: 31008}
    grid = [result(run, sizes[int(run["n_embd"])], 0.0) for run in known]
    later = [result(run, 53632, 0.0 if holds else 0.5) for run in further]
    finding = find("scaling-law", [grid, later])
    assert finding.law is not None
    assert finding.law.floor == pytest.approx(2, abs=0.1)
    assert finding.answer == later[-1].measures["lowest_held_out_loss"]
    assert f"measured were {finding.answer:.3f}" in finding.sentence
    assert (", 0 came true" in finding.sentence) == (not holds)
    early = find("scaling-law", [grid, []])
    assert (early.law, early.answer) == (finding.law, "")


@pytest.mark.parametrize(("until", "answer"), [(300, "1,000"), (10_000, "never"), (0, "100")])
def test_memorise(until: int, answer: str) -> None:
    finding = found(
        "memorise-or-generalise",
        lambda run: {"held_out_loss": 2.0, "gap": 1.0 if run["num_docs"] <= until else 0.1},
    )
    assert finding.answer == answer
    ended = "never ended" if answer == "never" else f"ended at {answer} names"
    assert finding.sentence.endswith(
        f"{ended} for the larger model and {ended} for the smaller one."
    )


@pytest.mark.parametrize(("name", "answer"), [("n_layer", "the layers"), ("n_head", "the heads")])
def test_heads_and_depth(name: str, answer: str) -> None:
    finding = found("heads-and-depth", lambda run: {"held_out_loss": 2 + run[name] / 100})
    assert finding.answer == answer
    assert finding.sentence.endswith(f"{answer} made more of a difference.")


@pytest.mark.parametrize("helps", [True, False])
def test_context(helps: bool) -> None:
    finding = found(
        "context", lambda run: {"held_out_loss": 2 + (helps and max(0, 4 - run["window"]))}
    )
    assert finding.answer == ("4" if helps else "1")
    assert ("context helps" in finding.sentence) == helps
    assert ("did not help" in finding.sentence) != helps


@pytest.mark.parametrize(("limit", "answer"), [(128, "128 tokens"), (0, "characters")])
def test_byte_pairs(limit: int, answer: str) -> None:
    def measured(run: Run) -> dict[str, float]:
        best = run["tokenizer"] == "bpe" and run["vocab_limit"] == limit
        plain = run["tokenizer"] == "characters"
        return {"held_out_loss_per_character": 2.0 if best else 2.1 if plain else 2.2}

    finding = found("byte-pairs", measured)
    assert finding.answer == answer
    assert ("did not help" in finding.sentence) == (answer == "characters")


def test_luck() -> None:
    finding = found("luck", lambda run: {"held_out_loss": 2 + (run["seed"] - 42) / 99})
    assert finding.answer == pytest.approx(1.0)
    for words in ("best came to 2.000", "worst to 3.000", "median was 2.500", "2.100 and 2.900"):
        assert words in finding.sentence


@pytest.mark.parametrize(
    ("one", "two", "answer"), [(NOT, SOON, 200.0), (SOON, LATE, 300.0), (NOT, NOT, "never")]
)
def test_induction(one: Curve, two: Curve, answer: float | str) -> None:
    finding = curves("induction", lambda run: {"accuracy": one if run["n_layer"] == 1 else two})
    assert finding.answer == answer
    assert finding.sentence.count("never half") == [one, two].count(NOT)
    if two is LATE:
        assert "with 2 layers 92% of the values were right at the end" in finding.sentence
        assert "next was 82%" in finding.sentence


@pytest.mark.parametrize(("best", "answer"), [(0.6, "0.6"), (None, "none of them")])
def test_grokking(best: float | None, answer: str) -> None:
    finding = curves(
        "grokking",
        lambda run: {
            "train_accuracy": SOON,
            "accuracy": LATE if run["weight_decay"] == best else NOT,
        },
    )
    assert finding.answer == answer
    assert finding.sentence.count("by step 200") == 4
    assert ("understood first" in finding.sentence) == (best is not None)


@pytest.mark.parametrize("taught", [True, False])
def test_influence(taught: bool) -> None:
    names = (ROOT / "datasets" / "baby-names.txt").read_text(encoding="utf-8").split()
    (sweep,) = ready_experiment("influence").sweeps()
    rng, lily = random.Random(3), names.index("lily")
    results = []
    for run in sweep.runs()[:300]:
        numbers = training_documents(len(names), int(run["seed"]), 0.0, 25)
        effect = -3.0 if taught and lily in numbers else 0.0
        results.append(RunResult(run, {"output_loss": 20 + effect + rng.gauss(0, 1)}))
    finding = find("influence", [results], names)
    assert len(finding.ranks) == len(names)
    if taught:
        assert finding.answer == "lily"
        assert finding.sentence.startswith("In 300 runs, lily taught it most")
    else:
        assert finding.answer == ""
        assert "no name stands out" in finding.sentence
