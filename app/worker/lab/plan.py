"""Which runs an experiment has, in which order the pool makes them, and how much work each is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from app.worker.pool.jobs import PoolRun
from microgpt.lab.measuring import FURTHER_MEASURES
from microgpt.lab.runner import LOWEST_EVAL_DOCUMENTS
from microgpt.lab.sweep import Sweep, parse_sweep
from microgpt.run import MAX_EVAL_DOCUMENTS
from microgpt.settings import MODEL, RUN_SETTINGS
from microgpt.tasks import TASK_CHECKERS

if TYPE_CHECKING:
    from microgpt.lab.sweep import SweepValues

TEST_MEASURES = ("accuracy", "steps_to_solve")  # what comes of tests on a task
LOWEST_MEASURE, GAP_MEASURE = "lowest_held_out_loss", "gap"
# Runs that differ in one of these are trained by different modules.
SHAPING = (
    *(row.name for row in MODEL),
    *("window", "tokenizer", "vocab_limit", "precision", "optimizer"),
)
# Multiplications and such of a step for each weight; a run's work beside its steps, in the same.
STEP_WORK, RUN_WORK = 6, 5e7
GUESSED_VOCABULARY = 32


class RunKey(NamedTuple):
    """Which run it is: of which sweep, and which of `Sweep.runs`."""

    sweep: int
    number: int


class Plan:
    """The runs of an experiment.

    Args:
        texts: of its sweeps.

    Raises:
        SettingError: one of them is none.
    """

    def __init__(self, texts: Iterable[str]) -> None:
        self.sweeps: list[Sweep] = [parse_sweep(text) for text in texts]
        self._points = [sweep.points() for sweep in self.sweeps]
        self._work: dict[tuple[int, int], float] = {}  # of a run at each point
        self._first_seeds = [int(sweep.values({})["seed"]) for sweep in self.sweeps]

    @property
    def num_runs(self) -> int:
        """How many runs there are in all."""
        return sum(sweep.num_runs for sweep in self.sweeps)

    def order(self) -> Iterator[RunKey]:
        """All runs: sweep by sweep, every point with the first seed, and so on.

        Points that are trained by the same module follow each other: workers hold few of them.
        """
        for number, points in enumerate(self._points):
            groups: dict[tuple[object, ...], list[int]] = {}
            for place, point in enumerate(points):
                shape = tuple(point[name] for name in SHAPING if name in point)
                groups.setdefault(shape, []).append(place)
            places = [place for group in groups.values() for place in group]
            for first in range(0, self.sweeps[number].num_runs, len(points)):
                for place in places:
                    yield RunKey(number, first + place)

    def place(self, key: RunKey) -> int:
        """At which point of its sweep a run is."""
        return key.number % len(self._points[key.sweep])

    def is_first(self, key: RunKey) -> bool:
        """Whether it has the first seed of its point."""
        return key.number < len(self._points[key.sweep])

    def seed(self, key: RunKey) -> int:
        """Its seed."""
        return self._first_seeds[key.sweep] + key.number // len(self._points[key.sweep])

    def varied(self, key: RunKey) -> SweepValues:
        """What varies from run to run, as of `Sweep.runs`."""
        return {**self._points[key.sweep][self.place(key)], "seed": self.seed(key)}

    def values(self, key: RunKey) -> SweepValues:
        """All of its settings by name."""
        return self.sweeps[key.sweep].values(self.varied(key))

    def point_values(self, sweep: int) -> list[SweepValues]:
        """The settings at each point of a sweep, with the first seed."""
        return [self.sweeps[sweep].values(point) for point in self._points[sweep]]

    def work(self, key: RunKey) -> float:
        """About how much work it is, to be compared with that of others."""
        at = key.sweep, self.place(key)
        if at not in self._work:
            self._work[at] = work_of(self.values(key))
        return self._work[at]

    def pool_run(self, key: RunKey) -> PoolRun:
        """What the pool is asked for."""
        sweep, values = self.sweeps[key.sweep], self.values(key)
        measured = sweep.measured
        tested = measured in TEST_MEASURES and sweep.data in TASK_CHECKERS
        further = measured in FURTHER_MEASURES and measured != GAP_MEASURE
        curve = LOWEST_EVAL_DOCUMENTS if measured == LOWEST_MEASURE else MAX_EVAL_DOCUMENTS
        return PoolRun(
            {name: values[name] for name in RUN_SETTINGS},
            weights=tested or further or self.is_first(key),
            num_docs=int(values["num_docs"]),
            window=int(values["window"]),
            curve_documents=curve if tested or measured == LOWEST_MEASURE else 0,
            tested=tested,
            with_gap=measured == GAP_MEASURE,
        )


def work_of(values: Mapping[str, int | float | str]) -> float:
    """About how much work a run is, to be compared with that of others."""
    width, layers = int(values["n_embd"]), int(values["n_layer"])
    weights = 12 * layers * width**2 + 2 * GUESSED_VOCABULARY * width
    steps = int(values["num_steps"]) * int(values["batch_size"])
    return RUN_WORK + STEP_WORK * weights * steps * min(int(values["block_size"]), 8)
