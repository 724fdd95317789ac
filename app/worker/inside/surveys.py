"""Surveys: what takes longer than a moment to find out about a model, in slices.

A head's scores, the places where a neuron fires most, a mean over documents: each is a generator
that yields between small pieces of work and returns what was found.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any, TypeVar

from app.worker.generation import GeneratingModel
from app.worker.types import Clock

MAX_SURVEY_SHARE = 0.1  # of the time, while a run goes on

Found = TypeVar("Found")


class Surveys:
    """The surveys of the current model.

    Args:
        clock: seconds that never decrease.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._model: GeneratingModel | None = None
        self._found: dict[str, tuple[int, Any]] = {}  # by name: at which step, and what
        self._going_on: dict[str, tuple[int, Generator[None, None, Any]]] = {}
        self._next_work = 0.0  # when there is time again, while a run goes on

    def ask(
        self,
        model: GeneratingModel,
        name: str,
        begin: Callable[[], Generator[None, None, Found]],
    ) -> Found | None:
        """What the survey called `name` has found; None while that is not known.

        Where the model has learned since, it is begun again, and what was found before is returned.

        begin: begins the survey; each of its pieces should take a few milliseconds.
        """
        if model is not self._model:
            self._model, self._found, self._going_on = model, {}, {}
        step, found = self._found.get(name, (None, None))
        if step != model.step() and name not in self._going_on:
            self._going_on[name] = (model.step(), begin())
        return found

    def work(self, model: GeneratingModel | None, deadline: float, running: bool) -> bool:
        """Goes on until the deadline, one piece at least; returns whether one has ended.

        model: the current one. running: whether it is being trained.
        """
        if not self._going_on or model is not self._model:
            return False
        began, ended = self._clock(), False
        if running and began < self._next_work:
            return False
        while self._going_on and not ended:
            name, (step, survey) = next(iter(self._going_on.items()))
            try:
                next(survey)
            except StopIteration as stop:
                self._found[name] = (step, stop.value)
                del self._going_on[name]
                ended = True
            except BaseException:
                del self._going_on[name]
                raise
            if self._clock() >= deadline:
                break
        now = self._clock()
        self._next_work = now + (now - began) / MAX_SURVEY_SHARE
        return ended

    @property
    def busy(self) -> bool:
        """Whether there is more to do."""
        return bool(self._going_on)
