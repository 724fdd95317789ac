"""What comes out of a ready experiment, and what a law says of the runs that are still to come."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from typing import Any

from app.shared.lab import SweptFinding
from app.worker.draws import Draws
from app.worker.lab.plan import Plan
from app.worker.types import Clock
from microgpt.config import ModelConfig
from microgpt.lab.findings import find
from microgpt.lab.fits import Law
from microgpt.lab.results import RunResult
from microgpt.settings import MODEL

FINDING_SECONDS = 1.0  # between two findings, at least
MAX_FINDING_SHARE = 0.05  # of the time that goes into findings
LAW = "scaling-law"  # the experiment that fits a law to its first sweep

Predicted = list[tuple[int, int, float, float]]  # as of `SweptEvent`


class Conclusions:
    """The findings of one ready experiment.

    Args:
        name: of the experiment; "" for one of the user's own, of which there are none.
        plan: its runs.
        documents: of its data.
        clock: as for `Session`.
    """

    def __init__(self, name: str, plan: Plan, documents: Sequence[str], clock: Clock) -> None:
        self._name, self._plan, self._documents = name, plan, documents
        self._clock = clock
        self._results: list[list[RunResult]] = [[] for _ in plan.sweeps]
        self._news, self._not_before = False, 0.0
        self._law: Law | None = None

    def add(self, sweep: int, result: RunResult) -> None:
        """A run has ended."""
        self._results[sweep].append(result)
        self._news = self._news or bool(self._name)

    @property
    def wait(self) -> float | None:
        """The seconds until something may be concluded; None where nothing is new."""
        return max(0.0, self._not_before - self._clock()) if self._news else None

    def conclude(self, first_over: bool) -> tuple[SweptFinding, Law | None] | None:
        """What has come out now, and the law that was fitted; None where it is too early.

        `first_over`: whether the first sweep has ended, which a law is fitted to as a whole.
        """
        if not self._news or (self._name == LAW and not first_over):
            self._news = False
            return None
        self._news = False
        began = self._clock()
        found = find(self._name, self._results, self._documents)
        now = self._clock()
        self._not_before = now + max(FINDING_SECONDS, (now - began) / MAX_FINDING_SHARE)
        ranks = [
            (self._documents[each.document], each.difference, each.error, each.is_clear)
            for each in found.ranks
        ]
        return SweptFinding(sentence=found.sentence, answer=found.answer, ranks=ranks), found.law

    def predict(self, law: Law | None, draws: Draws) -> Generator[None, None, Predicted]:
        """What a law says of all points, unless one did before; yields are yield points."""
        if law is None or self._law is not None:
            return []
        self._law = law
        characters = yield from draws.characters(self._documents)
        told: Predicted = []
        for sweep in range(len(self._plan.sweeps)):
            for place, values in enumerate(self._plan.point_values(sweep)):
                sizes: dict[str, Any] = {row.name: values[row.name] for row in MODEL}
                num_params = ModelConfig(len(characters) + 1, **sizes).num_params
                said = law.predict(num_params, float(values["num_docs"]))
                # Where the law was fitted to the runs it predicts nothing.
                told.append((sweep, place, said.value, 2 * said.error if sweep else 0.0))
        return told
