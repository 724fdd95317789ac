"""How much of a long piece of work is done. The module knows nothing of the work."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from microgpt.generators import map_yields

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a piece of work is. Each one is also a chance to look up, or to stop."""

    share: float  # of the work, 0 to 1; it never falls
    what: str  # what is being done, for people: "Counting characters"


# A piece of work that tells how far it is and returns what came of it.
Work: TypeAlias = Generator[Progress, None, Result]


def part(work: Work[Result], first: float, last: float) -> Work[Result]:
    """Do `work` as the part of a larger one that goes from the share `first` to `last`."""

    def in_the_whole(progress: Progress) -> Progress:
        return Progress(min(last, first + progress.share * (last - first)), progress.what)

    return map_yields(work, in_the_whole)
