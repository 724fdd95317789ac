"""What findings are made of: means of the results at each place, and words for numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from microgpt.lab.fits import Law
from microgpt.lab.influence import Influence
from microgpt.lab.results import RunResult, Value, by_point
from microgpt.lab.statistics import MeanError, mean_error

NEVER = "never"  # an answer

Results = Sequence[RunResult]
Place = tuple[Value, ...]


class TooFewRunsError(ValueError):
    """There are not enough results to say anything."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What came out of a ready experiment.

    Args:
        sentence: in words, a sentence or more.
        answer: to what was to be guessed: a number, or one of the options; "" where too few runs
            have ended to say.
        law: the law that was fitted, to be drawn.
        ranks: the documents by their influence.
    """

    sentence: str
    answer: float | str
    law: Law | None = None
    ranks: Sequence[Influence] = field(default_factory=tuple)


def means(results: Results, names: Sequence[str], measured: str) -> dict[Place, MeanError]:
    """The mean at each place over its runs; places where a run diverged are left out.

    Raises `TooFewRunsError` if none is left.
    """
    diverged = {tuple(each.run[name] for name in names) for each in results if each.diverged}
    found = {
        place: mean_error(values)
        for place, values in by_point(results, names, measured).items()
        if place not in diverged
    }
    if not found:
        raise TooFewRunsError
    return found


def lowest(places: Mapping[Place, MeanError]) -> Place:
    """The place with the lowest mean, the first of several."""
    return min(places, key=lambda place: places[place].mean)


def spread(places: Mapping[Place, MeanError]) -> float:
    """How far the means lie apart."""
    values = [each.mean for each in places.values()]
    return max(values) - min(values)


def at_least(places: Mapping[Place, MeanError], count: int) -> None:
    """Raise `TooFewRunsError` unless there is this number of places."""
    if len(places) < count:
        raise TooFewRunsError


def joined(parts: Sequence[str]) -> str:
    """Parts of a sentence as a list.

    >>> joined(["a", "b", "c"])
    'a, b and c'
    """
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def loss_words(loss: float) -> str:
    """A loss in three decimals."""
    return f"{loss:.3f}"


def counted(count: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "layer"), counted(1200, "step")
    ('1 layer', '1,200 steps')
    """
    return f"{count:,} {noun}{'' if count == 1 else 's'}"
