"""Attention in words: heads, places, what is read, and the patterns that heads follow."""

from app.page.inside.moment import Moment
from app.page.inside.part_names import part_name
from app.page.views.tiles import percent, spoken
from app.shared.inside import AttentionResult, HeadReading
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

PATTERN_ORDER = ("previous", "first", "same", "induction")  # as they are measured
MAX_TOLD_PLACES = 3
MIN_TOLD_SHARE = 0.02


def noun(moment: Moment) -> str:
    """What the tokens of the model are called."""
    return "letter" if max([len(text) for text in moment.vocabulary]) == 1 else "token"


def pattern_name(pattern: str, moment: Moment) -> str:
    """A pattern as its label is written."""
    if pattern == "first":
        return "beginning"
    return pattern if pattern == "induction" else f"{pattern} {noun(moment)}"


def label_words(head: HeadReading, moment: Moment) -> str:
    """The label of a head with its score; "" as long as none is measured."""
    if not head["scores"]:
        return ""
    if not head["label"]:
        return "no clear pattern"
    return f"{pattern_name(head['label'], moment)} {head['scores'][head['label']]:.2f}"


def scores_words(head: HeadReading, moment: Moment) -> str:
    """All that was measured of a head."""
    scores = head["scores"]
    said = [
        f"{pattern_name(pattern, moment)} {scores[pattern]:.2f}"
        for pattern in PATTERN_ORDER
        if pattern in scores
    ]
    return "Measured: " + " · ".join(said) if said else ""


def head_words(head: HeadReading, moment: Moment) -> str:
    """A head in one sentence: its label, and what it reads most."""
    label = label_words(head, moment)
    name = f"{part_name(head['part'])}: {label}. " if label else f"{part_name(head['part'])}: "
    reads = "Reads" if label else "reads"
    return (
        f"{name}{reads} {place_name(moment, head['place'])}"
        f"{distance(moment.position, head['place'])} most, with {percent(head['share'])}."
    )


def place_name(moment: Moment, place: int) -> str:
    """What stands at a place, inside a sentence."""
    if place == 0:
        return "the beginning"
    return f"“{spoken(moment.vocabulary, moment.tokens[place - 1])}”"


def distance(reader: int, place: int) -> str:
    """How far a place is before the one that reads it, in brackets; the beginning needs none."""
    if place == reader:
        return " (itself)"
    if place == 0:
        return ""
    steps = reader - place
    return " (the place before)" if steps == 1 else f" ({steps} places before)"


def cell_words(part: str, row: int, column: int, share: float, moment: Moment) -> str:
    """What a cell of a heat map shows.

    Args:
        part: the head, "" where it is clear.
        row: the place that reads.
        column: the place that is read.
        share: how much of the attention it gets.
        moment: the text.
    """
    name = f"{part_name(part)}: " if part else ""
    reader = place_name(moment, row)
    if column > row:
        return f"{name}{reader} cannot read {place_name(moment, column)}, which comes later"
    read = f"{place_name(moment, column)}{distance(row, column)}"
    return f"{name}{reader} reads {read} with {percent(share)}"


def reading_words(shares: "Sequence[float]", moment: Moment) -> str:
    """What a head reads most at the moment; `shares` of its attention, (places,)."""
    last = len(shares) - 1
    if last == 0:
        return "Nothing is written yet, so there is only the beginning to read: it gets 100%."
    order = sorted(range(len(shares)), key=lambda place: -shares[place])[:MAX_TOLD_PLACES]
    told = [place for place in order if shares[place] >= MIN_TOLD_SHARE] or order[:1]
    said = []
    for place in told:
        far = distance(last, place)
        said.append(f"{place_name(moment, place)}{far} with {percent(shares[place])}")
    text = said[0] if len(said) == 1 else ", ".join(said[:-1]) + " and " + said[-1]
    rest = 1 - sum([shares[place] for place in told])
    others = ""
    if rest >= MIN_TOLD_SHARE:
        others = f"; all other places get {percent(rest)} together"
    return f"After {place_name(moment, last)}, this head reads {text}{others}."


def measured_words(result: AttentionResult, moment: Moment) -> str:
    """Where the labels come from, or why there are none."""
    state = result["state"]
    if state == "unknown data":
        return (
            "What a head looks for is measured over held-out documents. None are known for this "
            "model: choose the data that it has learned from."
        )
    if state == "measuring":
        return "What each head looks for is being measured over held-out documents…"
    when = " a moment ago" if state == "earlier" else ""
    name = noun(moment)
    return (
        f"Measured{when} over {result['documents']:,} documents that the model has not learned "
        f"from: the share of a head's attention that goes, on average, to the previous {name}, to "
        f"the beginning, to the same {name} earlier in the text, or to what followed it there "
        f"(induction). From 0.50 on, a head is called by it."
    )
