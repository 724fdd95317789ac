"""What came out of the ready experiments, in words that are true of the numbers measured.

A finding is made of the results that there are, so that an experiment may be broken off. It says
what came out, whatever was expected.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from microgpt.lab.evidence import (
    NEVER,
    Finding,
    Place,
    Results,
    TooFewRunsError,
    at_least,
    counted,
    joined,
    loss_words,
    lowest,
    means,
    spread,
)
from microgpt.lab.fits import fit_scaling_law
from microgpt.lab.influence import influences, training_documents
from microgpt.lab.ready import ready_experiment
from microgpt.lab.statistics import band
from microgpt.lab.task_findings import grokking, induction
from microgpt.verdict import MEMORISING_GAP

TOO_FEW = "Too few runs have ended to say."
NOTICEABLE = 0.01  # of a loss: less makes no difference that matters here
WIDTH, RATE = 16, "learning_rate"


def find(name: str, results: Sequence[Results], documents: Sequence[str] = ()) -> Finding:
    """What came out of the ready experiment called `name`.

    Args:
        name: of the experiment.
        results: for each of its sweeps the results that there are, in any order.
        documents: of its data set, unshuffled; only `influence` needs them.

    Raises:
        SettingError: there is no such experiment.
    """
    ready_experiment(name)
    try:
        return FINDINGS[name](results, documents)
    except TooFewRunsError:
        return Finding(TOO_FEW, "")


def _learning_rate(results: Sequence[Results], _documents: object) -> Finding:
    (runs,) = results
    places = means(runs, ["n_embd", RATE], "held_out_loss")
    best: dict[int, float] = {}
    for width in sorted({int(place[0]) for place in places}):
        own = {place: value for place, value in places.items() if place[0] == width}
        at_least(own, 2)
        best[width] = float(lowest(own)[1])
    if WIDTH not in best:
        raise TooFewRunsError
    rates = [f"{rate:.2g} for {width}" for width, rate in best.items()]
    sentence = f"The best learning rates were {joined(rates)} numbers per token."
    own = {place: value for place, value in places.items() if place[0] == WIDTH}
    ends = [min(own, key=_rate), max(own, key=_rate)]
    above = [own[end].mean - own[lowest(own)].mean for end in ends]
    sentence += (
        f" With {WIDTH}, the loss was {loss_words(above[0])} above the lowest at "
        f"{_rate(ends[0]):.2g}, and {loss_words(above[1])} at {_rate(ends[1]):.2g}."
    )
    ordered = list(best.values())
    if len(ordered) > 1 and ordered == sorted(ordered, reverse=True) and ordered[0] > ordered[-1]:
        sentence += " The wider model needs the smaller steps."
    num_diverged = sum(1 for run in runs if run.diverged)
    if num_diverged:
        sentence += f" {counted(num_diverged, 'run')} diverged."
    return Finding(sentence, best[WIDTH])


def _rate(place: Place) -> float:
    return float(place[1])


def _scaling_law(results: Sequence[Results], _documents: object) -> Finding:
    measured = "lowest_held_out_loss"
    known, further = (
        [run for run in runs if measured in run.measures and not run.diverged] for runs in results
    )
    try:
        law = fit_scaling_law(
            [float(run.num_params) for run in known],
            [float(run.run["num_docs"]) for run in known],
            [run.measures[measured] for run in known],
        )
    except ValueError:
        raise TooFewRunsError from None
    (a, b), (alpha, beta) = law.coefficients, law.exponents
    sentence = (
        f"{counted(len(known), 'model')} follow L(N, D) = {law.floor:.2f} + {a:.2f} / "
        f"N^{alpha:.2f} + {b:.2f} / D^{beta:.2f}, within {law.spread:.3f} as a rule."
    )
    if not further:
        return Finding(sentence, "", law)
    inside = 0
    for run in further:
        expected = law.predict(run.num_params, float(run.run["num_docs"]))
        inside += abs(run.measures[measured] - expected.value) <= 2 * expected.error
    last = max(further, key=lambda run: float(run.run["num_docs"]))
    expected = law.predict(last.num_params, float(last.run["num_docs"]))
    sentence += (
        f" For {counted(last.num_params, 'weight')} and {int(last.run['num_docs']):,} names it "
        f"predicted {expected.value:.3f}, give or take {2 * expected.error:.3f}; measured were "
        f"{last.measures[measured]:.3f}. Of {counted(len(further), 'prediction')}, {inside} came "
        "true within that."
    )
    return Finding(sentence, last.measures[measured], law)


def _memorise(results: Sequence[Results], _documents: object) -> Finding:
    (runs,) = results
    widths = sorted({int(run.run["n_embd"]) for run in runs})
    gaps, losses = (means(runs, ["n_embd", "num_docs"], name) for name in ("gap", "held_out_loss"))
    counts = sorted({int(place[1]) for place in gaps})
    if len(widths) < 2 or any((width, count) not in gaps for width in widths for count in counts):
        raise TooFewRunsError

    def first(width: int) -> str:
        """From how many names on the gap is small, at that number and at all larger ones."""
        enough = NEVER
        for count in reversed(counts):
            if gaps[width, count].mean >= MEMORISING_GAP * losses[width, count].mean:
                break
            enough = f"{count:,}"
        return enough

    def ended(width: int) -> str:
        return "never ended" if first(width) == NEVER else f"ended at {first(width)} names"

    small, large, few, many = widths[0], widths[-1], counts[0], counts[-1]
    at_few, at_many = (
        f"{gaps[large, count].mean:.2f} and {gaps[small, count].mean:.2f}" for count in (few, many)
    )
    sentence = (
        f"With {large} and with {small} numbers per token, the gap was {at_few} on {few:,} names, "
        f"{at_many} on {many:,}. Memorising, which is a gap of {MEMORISING_GAP:.0%} of the loss "
        f"or more, {ended(large)} for the larger model and {ended(small)} for the smaller one."
    )
    return Finding(sentence, first(large))


def _heads_and_depth(results: Sequence[Results], _documents: object) -> Finding:
    (runs,) = results
    places = means(runs, ["n_layer", "n_head"], "held_out_loss")
    layers = means(runs, ["n_layer"], "held_out_loss")
    heads = means(runs, ["n_head"], "held_out_loss")
    at_least(layers, 2)
    at_least(heads, 2)
    if len(places) != len(layers) * len(heads):
        raise TooFewRunsError
    best, worst = lowest(places), max(places, key=lambda place: places[place].mean)
    by_layers, by_heads = spread(layers), spread(heads)
    more = "the layers" if by_layers > by_heads else "the heads"
    best_words, worst_words = (
        f"{counted(int(place[0]), 'layer')} with {counted(int(place[1]), 'head')} "
        f"({loss_words(places[place].mean)})"
        for place in (best, worst)
    )
    sentence = (
        f"Best were {best_words}, worst {worst_words}. On average, the number of layers moved "
        f"the loss by {loss_words(by_layers)}, the number of heads by {loss_words(by_heads)}: "
        f"{more} made more of a difference."
    )
    return Finding(sentence, more)


def _context(results: Sequence[Results], _documents: object) -> Finding:
    (runs,) = results
    places = means(runs, ["window"], "held_out_loss")
    at_least(places, 2)
    windows = sorted(int(place[0]) for place in places)
    losses = {window: places[window,].mean for window in windows}
    best = min(losses.values())
    enough = next(window for window in windows if losses[window] <= best + NOTICEABLE)
    first, last = windows[0], windows[-1]
    helped = losses[first] - losses[last]
    sentence = (
        f"With {counted(first, 'character')} in sight the loss was {loss_words(losses[first])}, "
        f"with {last} {loss_words(losses[last])}: context "
        f"{'helps' if helped > NOTICEABLE else 'did not help here'}. A window of {enough} was "
        f"enough for all but {NOTICEABLE} of the lowest loss, {loss_words(best)}."
    )
    return Finding(sentence, str(enough))


def _byte_pairs(results: Sequence[Results], _documents: object) -> Finding:
    (runs,) = results
    places = means(runs, ["tokenizer", "vocab_limit"], "held_out_loss_per_character")
    at_least(places, 2)
    named = {_tokens(place): value.mean for place, value in places.items()}
    plain = named.get("characters")
    if plain is None:
        raise TooFewRunsError
    best = min(named, key=named.__getitem__)
    listed = [f"{loss_words(loss)} with {name}" for name, loss in named.items()]
    sentence = f"Per character the loss was {joined(listed)}. "
    if best == "characters":
        sentence += "Byte pairs did not help here."
    else:
        sentence += f"Best were {best}, {loss_words(plain - named[best])} below characters."
    return Finding(sentence, best)


def _tokens(place: Place) -> str:
    return "characters" if place[0] == "characters" else f"{place[1]} tokens"


def _luck(results: Sequence[Results], _documents: object) -> Finding:
    (runs,) = results
    losses = [run.measures["held_out_loss"] for run in runs if "held_out_loss" in run.measures]
    if len(losses) < 2:
        raise TooFewRunsError
    apart = max(losses) - min(losses)
    low, middle, high = band(losses)
    sentence = (
        f"Of {counted(len(losses), 'run')} the best came to {loss_words(min(losses))}, the worst "
        f"to {loss_words(max(losses))}: they are {loss_words(apart)} apart, and differ in nothing "
        f"but the seed. The median was {loss_words(middle)}, and 80% lay between "
        f"{loss_words(low)} and {loss_words(high)}: a difference of {loss_words(high - low)} "
        "between two single runs may be luck."
    )
    return Finding(sentence, apart)


def _influence(results: Sequence[Results], documents: Sequence[str]) -> Finding:
    (sweep,) = ready_experiment("influence").sweeps()
    runs = [run for run in results[0] if sweep.measured in run.measures]
    values = sweep.values({})
    trained_on = [
        training_documents(
            len(documents),
            int(run.run["seed"]),
            float(values["eval_fraction"]),
            int(values["num_docs"]),
        )
        for run in runs
    ]
    measured = [run.measures[sweep.measured] for run in runs]
    ranks = influences(len(documents), trained_on, measured)
    if len(ranks) < 2:
        raise TooFewRunsError
    clear = [each for each in ranks if each.is_clear]
    best = ranks[0]
    text, words = documents[best.document], f"“{sweep.output}”"
    ratio = math.exp(abs(best.difference))
    low, high = (math.exp(-best.difference + sign * 2 * best.error) for sign in (-1, 1))
    if not best.is_clear or best.difference > 0:
        sentence = f"After {counted(len(runs), 'run')} no name stands out as what taught {words}."
        return Finding(sentence, "", ranks=ranks)
    others = [documents[each.document] for each in clear[1:4] if each.difference < 0]
    sentence = (
        f"In {counted(len(runs), 'run')}, {text} taught it most: models with it made {words} "
        f"{ratio:,.0f} times as likely as those without (between {low:,.0f} and {high:,.0f} times, "
        "in the geometric mean)."
    )
    if others:
        sentence += f" Then came {joined(others)}."
    sentence += f" {len(clear)} of {len(ranks)} names stand out of the noise."
    return Finding(sentence, text, ranks=ranks)


# By the names of the experiments: from the results of each sweep and the documents to the finding.
FINDINGS: dict[str, Callable[[Sequence[Results], Sequence[str]], Finding]] = {
    "learning-rate": _learning_rate,
    "scaling-law": _scaling_law,
    "memorise-or-generalise": _memorise,
    "heads-and-depth": _heads_and_depth,
    "context": _context,
    "byte-pairs": _byte_pairs,
    "luck": _luck,
    "induction": induction,
    "grokking": grokking,
    "influence": _influence,
}
