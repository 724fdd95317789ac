"""About twenty checkpoints of a run, spread over it, to go back to.

They hold what an engine has in its memory, as it lies there: taking one, and going back to it, is a
matter of copying.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_KEPT = 20  # beside the beginning, the end and the best one
MAX_KEPT_BYTES = 64_000_000  # of all; of a large model there are fewer


@dataclass(frozen=True, slots=True)
class KeptCheckpoint:
    """A run after some of its steps."""

    step: int
    seconds: float  # of computing so far
    smoothed: float | None  # the smoothed loss
    state: bytes  # see `Engine.saved_state`


class KeptCheckpoints:
    """The checkpoints of one run, thinned out as it grows.

    Args:
        num_steps: how many steps the run is meant to have.
        num_bytes: what one of them takes, about.
    """

    def __init__(self, num_steps: int, num_bytes: int) -> None:
        self._most = max(2, min(MAX_KEPT, MAX_KEPT_BYTES // max(1, num_bytes)))
        self._stride = -(-num_steps // self._most)
        self._by_step: dict[int, KeptCheckpoint] = {}
        self._marked: frozenset[int] = frozenset()  # steps that are kept wherever they lie

    @property
    def steps(self) -> list[int]:
        """The steps after which there is one."""
        return sorted(self._by_step)

    @property
    def off_stride(self) -> frozenset[int]:
        """Of these the steps after which none would be due."""
        return frozenset(step for step in self._by_step if step % self._stride)

    def after(self, step: int) -> int:
        """The next step, behind this one, after which one is due."""
        return (step // self._stride + 1) * self._stride

    def is_due(self, step: int) -> bool:
        """Whether one is due after this step."""
        return step % self._stride == 0 and step not in self._by_step

    def add(self, checkpoint: KeptCheckpoint) -> None:
        """Keep one, until those that are kept are thinned out."""
        self._by_step[checkpoint.step] = checkpoint

    def at(self, step: int) -> KeptCheckpoint | None:
        """The one after this step, if it is kept."""
        return self._by_step.get(step)

    def mark(self, steps: frozenset[int]) -> None:
        """Those after these steps stay, though they may lie between the others."""
        self._marked = steps
        self._thin()

    def extend(self, num_steps: int) -> None:
        """The run is meant to have this number of steps by now."""
        # Doubled, so that those which are kept lie where they would be, however it has grown.
        while num_steps > self._most * self._stride:
            self._stride *= 2
        self._thin()

    def truncate(self, step: int) -> None:
        """Forget those behind this step."""
        self._by_step = {each: kept for each, kept in self._by_step.items() if each <= step}

    def _thin(self) -> None:
        for step in self.off_stride - self._marked:
            del self._by_step[step]
