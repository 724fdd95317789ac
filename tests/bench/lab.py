"""Every ready experiment of the Lab in full, here: how long it takes, and whether what it says of
its results is true of them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from statistics import fmean, median, quantiles
from time import perf_counter

from playwright.sync_api import Browser

from app.site.environment import ROOT, say
from microgpt.dataset import split_lines
from microgpt.generators import drain
from microgpt.lab.evidence import Finding
from microgpt.lab.findings import find
from microgpt.lab.ready import READY, ReadyExperiment
from microgpt.lab.results import RunResult
from microgpt.lab.runner import SweepRunner
from tests.bench.table import Row

MAX_EXPERIMENT_SECONDS = {"scaling-law": 40.0}
OTHER_SECONDS = 60.0

Runs = Sequence[RunResult]
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?")


def measure(_browser: Browser, _url: str) -> Iterator[Row]:
    """The rows of the table; no browser is needed."""
    for ready in READY:
        began = perf_counter()
        results, documents = run_in_full(ready)
        seconds = perf_counter() - began
        finding = find(ready.name, results, documents)
        say(f"\n{ready.title} {finding.sentence}")
        CHECKS[ready.name](results, finding)
        count = sum(map(len, results))
        target = MAX_EXPERIMENT_SECONDS.get(ready.name, OTHER_SECONDS)
        yield Row(f"{ready.title} ({count:,} runs)", [seconds], "s", target)


def run_in_full(ready: ReadyExperiment) -> tuple[list[list[RunResult]], list[str]]:
    """The results of all sweeps of an experiment, and the documents that it has."""
    found: list[list[RunResult]] = []
    documents: list[str] = []
    for sweep in ready.sweeps():
        text = (ROOT / "datasets" / f"{sweep.data}.txt").read_text(encoding="utf-8")
        documents = split_lines(text)
        runner = SweepRunner(documents, sweep.data, output=sweep.output)
        runs = sweep.runs()
        found.append([drain(runner.run(run, sweep.values(run), sweep.measured)) for run in runs])
    return found, documents


def holds(true: bool, what: str) -> None:
    """Raises if a finding says what is not so."""
    if not true:
        raise AssertionError(f"What the Lab says is not true of what was measured: {what}.")


def says(finding: Finding, number: float, digits: int) -> None:
    """Raises unless a number, rounded, stands in the sentence."""
    numbers = [float(text.replace(",", "")) for text in NUMBER.findall(finding.sentence)]
    near = any(abs(each - abs(number)) <= 0.5001 * 10**-digits for each in numbers)
    holds(near, f"{number} in “{finding.sentence}”")


def mean_by(runs: Runs, name: str, measured: str, **fixed: object) -> dict[float, float]:
    """The mean of what was measured by the values of one setting, with others fixed."""
    chosen = [run for run in runs if all(run.run[key] == value for key, value in fixed.items())]
    diverged = {run.run[name] for run in chosen if run.diverged}
    values = {run.run[name] for run in chosen} - diverged
    return {
        float(value): fmean(run.measures[measured] for run in chosen if run.run[name] == value)
        for value in values
    }


def check_learning_rate(results: Sequence[Runs], finding: Finding) -> None:
    """The best rate of each width, and what the ends of the U are above it."""
    best = {}
    for width in (8, 16, 32):
        losses = mean_by(results[0], "learning_rate", "held_out_loss", n_embd=width)
        best[width] = min(losses, key=losses.__getitem__)
        holds(f"{best[width]:.2g} for {width}" in finding.sentence, f"the best rate of {width}")
        if width == 16:
            holds(finding.answer == best[width], "the answer")
            says(finding, losses[min(losses)] - min(losses.values()), 3)
            says(finding, losses[max(losses)] - min(losses.values()), 3)
    falls = best[8] >= best[16] >= best[32] and best[8] > best[32]
    holds(falls == ("smaller steps" in finding.sentence), "that the best rate falls")


def check_scaling_law(results: Sequence[Runs], finding: Finding) -> None:
    """The law says what its own numbers come to, and is no worse than the mean of all losses."""
    law, measured = finding.law, "lowest_held_out_loss"
    assert law is not None
    known, further = results
    misses = [
        run.measures[measured] - law.at(run.num_params, float(run.run["num_docs"])) for run in known
    ]
    losses = [run.measures[measured] for run in known]
    error = sum(miss**2 for miss in misses)
    mean = fmean(losses)
    holds(error < sum((loss - mean) ** 2 for loss in losses), "that there is a law")
    says(finding, math.sqrt(error / (len(known) - 5)), 3)
    inside = 0
    for run in further:
        said = law.predict(run.num_params, float(run.run["num_docs"]))
        inside += abs(run.measures[measured] - said.value) <= 2 * said.error
    holds(f", {inside} came true" in finding.sentence, "how many predictions came true")
    says(finding, float(finding.answer), 3)


def check_memorise(results: Sequence[Runs], finding: Finding) -> None:
    """The answer is the first number of names from which on the gap stays below 15%."""
    gaps = mean_by(results[0], "num_docs", "gap", n_embd=32)
    losses = mean_by(results[0], "num_docs", "held_out_loss", n_embd=32)
    learned = [count for count in gaps if gaps[count] < 0.15 * losses[count]]
    staying = [c for c in learned if all(d in learned for d in gaps if d >= c)]
    holds(finding.answer == (f"{min(staying):,.0f}" if staying else "never"), "the answer")
    for count in (min(gaps), max(gaps)):
        says(finding, gaps[count], 2)


def check_heads_and_depth(results: Sequence[Runs], finding: Finding) -> None:
    """The answer is what moves the mean loss more."""
    moved = {}
    for name in ("n_layer", "n_head"):
        losses = mean_by(results[0], name, "held_out_loss").values()
        moved[name] = max(losses) - min(losses)
        says(finding, moved[name], 3)
    more = "the layers" if moved["n_layer"] > moved["n_head"] else "the heads"
    holds(finding.answer == more, "which makes more of a difference")


def check_context(results: Sequence[Runs], finding: Finding) -> None:
    """The answer is the smallest window within 0.01 of the lowest loss."""
    losses = mean_by(results[0], "window", "held_out_loss")
    near = [window for window, loss in losses.items() if loss <= min(losses.values()) + 0.01]
    holds(finding.answer == f"{min(near):.0f}", "the window that is enough")
    helps = losses[min(losses)] - losses[max(losses)] > 0.01
    holds(helps == ("context helps" in finding.sentence), "that context helps")
    says(finding, losses[min(losses)], 3)


def check_byte_pairs(results: Sequence[Runs], finding: Finding) -> None:
    """The answer has the lowest loss per character."""
    measured = "held_out_loss_per_character"
    pairs = mean_by(results[0], "vocab_limit", measured, tokenizer="bpe")
    (plain,) = mean_by(results[0], "vocab_limit", measured, tokenizer="characters").values()
    best = min(pairs, key=pairs.__getitem__)
    right = "characters" if plain <= pairs[best] else f"{best:.0f} tokens"
    holds(finding.answer == right, "which tokens are best")
    says(finding, plain, 3)


def check_luck(results: Sequence[Runs], finding: Finding) -> None:
    """The extremes and the band of the losses."""
    losses = [run.measures["held_out_loss"] for run in results[0]]
    deciles = quantiles(losses, n=10, method="inclusive")
    for number in (min(losses), max(losses), median(losses), deciles[0], deciles[-1]):
        says(finding, number, 3)
    holds(finding.answer == max(losses) - min(losses), "how far they are apart")


def check_induction(results: Sequence[Runs], finding: Finding) -> None:
    """How much is right at the end, when half of it was, and how large the largest jump is."""
    for layers in (1, 2):
        own = [run for run in results[0] if run.run["n_layer"] == layers]
        right = median(run.measures["accuracy"] for run in own)
        count = f"{layers} layer{'' if layers == 1 else 's'}"
        holds(f"{count} {right:.0%} of the values" in finding.sentence, f"what {count} gets right")
        halves = [
            min((step for step, share in run.curves["accuracy"] if share >= 0.5), default=math.inf)
            for run in own
        ]
        never = "never half" in finding.sentence.partition(count)[2].partition(";")[0]
        holds(never == (median(halves) == math.inf), f"when {count} gets half right")
        if layers == 2 and not never:
            holds(finding.answer == median(halves), "the answer")
            shares = [[0.0, *(share for _, share in run.curves["accuracy"])] for run in own]
            jumps = [max(b - a for a, b in pairwise(each)) for each in shares]
            says(finding, 100 * median(jumps), 0)


def check_grokking(results: Sequence[Runs], finding: Finding) -> None:
    """When what is known and what is unknown is right, and which weight decay is first."""
    solved = {}
    for run in results[0]:
        decay = run.run["weight_decay"]
        steps = [step for step, share in run.curves["accuracy"] if share >= 0.9]
        solved[decay] = steps[0] if steps else math.inf
        known = [step for step, share in run.curves["train_accuracy"] if share >= 0.9]
        for step in (*known[:1], *steps[:1]):
            says(finding, step, 0)
    first = min(solved, key=solved.__getitem__)
    right = "none of them" if solved[first] == math.inf else f"{first:g}"
    holds(finding.answer == right, "which weight decay is first")


def check_influence(results: Sequence[Runs], finding: Finding) -> None:
    """The ranks differ from those of the same losses in another order, which mean nothing."""
    losses = [run.measures["output_loss"] for run in results[0]]
    best = finding.ranks[0]
    holds(best.difference == min(each.difference for each in finding.ranks), "which is the first")
    if finding.answer:
        holds(best.difference < -3 * best.error, "that the first one stands out")
        says(finding, math.exp(-best.difference), 0)
    clear = sum(abs(each.difference) > 3 * each.error for each in finding.ranks)
    holds(f"{clear} of {len(finding.ranks)} names" in finding.sentence, "how many stand out")
    spread = max(losses) - min(losses)
    holds(all(abs(each.difference) < spread for each in finding.ranks), "that they are differences")


CHECKS: dict[str, Callable[[Sequence[Runs], Finding], None]] = {
    "learning-rate": check_learning_rate,
    "scaling-law": check_scaling_law,
    "memorise-or-generalise": check_memorise,
    "heads-and-depth": check_heads_and_depth,
    "context": check_context,
    "byte-pairs": check_byte_pairs,
    "luck": check_luck,
    "induction": check_induction,
    "grokking": check_grokking,
    "influence": check_influence,
}
