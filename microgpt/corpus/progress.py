"""Progress of long work, reported by generators. The module knows nothing of the work itself."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import TypeAlias

from microgpt.generators import Result, map_yields

CHUNK_SIZE = 1 << 18  # bytes or characters to process between two yield points


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """How far the work has got. The caller may pause or stop whenever one is yielded."""

    fraction: float  # of the work that is done, 0 to 1; never decreases
    activity: str  # what is being done, for the user: "Counting characters"
    package: str = ""  # on PyPI, that what follows would use: the time to install it, if wanted


# Work that yields its progress and returns a result.
WithProgress: TypeAlias = Generator[LoadProgress, None, Result]


def rescale(work: WithProgress[Result], start: float, end: float) -> WithProgress[Result]:
    """Run `work` as the part of a larger task that lies between the fractions `start` and `end`."""

    def rescaled(progress: LoadProgress) -> LoadProgress:
        fraction = min(end, start + progress.fraction * (end - start))
        return replace(progress, fraction=fraction)

    return map_yields(work, rescaled)
