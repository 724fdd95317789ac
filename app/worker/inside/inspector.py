"""Answers `inspect`: one answer for all views that are open, and again while the model learns."""

from __future__ import annotations

from app.shared import events
from app.shared.commands import InspectCommand
from app.worker.generation import GeneratingModel
from app.worker.inside.arithmetic import arithmetic
from app.worker.inside.choice import choice
from app.worker.inside.moment import Analysis, InspectedMoment
from app.worker.refreshing import Refreshing
from app.worker.types import Clock, Post
from microgpt.config import SampleConfig
from microgpt.settings import SettingError

ANALYSES: dict[str, Analysis] = {
    "choice": choice,
    "arithmetic": arithmetic,
}


class Inspector:
    """The moment that the page's views show.

    Args:
        post, clock: as for `Session`.
    """

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post = post
        self._refreshing = Refreshing(clock)
        self._asked: tuple[InspectCommand, GeneratingModel, SampleConfig] | None = None

    def inspect(
        self, command: InspectCommand, model: GeneratingModel, sampling: SampleConfig
    ) -> None:
        """Carries out the command, and answers.

        Raises `SettingError` for an invalid token, position or view.
        """
        tokens, position = command["tokens"], command["position"]
        if not all(0 <= token < model.tokenizer.bos for token in tokens):
            raise SettingError("There is no such token.")
        if not 0 <= position <= len(tokens) or position >= model.engine.config.block_size:
            raise SettingError("There is no such place in the text.")
        for view in command["views"]:
            if view not in ANALYSES:
                raise SettingError(f"There is no view of the model called '{view}'.")
        self._asked = (command, model, sampling)
        self._answer()

    def refresh(self, step: int, running: bool) -> None:
        """Answers the last command again if the model has been trained; as `Refreshing.is_due`."""
        if self._asked is not None and self._refreshing.is_due(step, running):
            self._answer()
            self._refreshing.end()

    def work(self, _deadline: float) -> bool:
        """Does a slice of what takes longer, until the deadline; returns whether there is more."""
        return False

    def _answer(self) -> None:
        assert self._asked is not None
        command, model, sampling = self._asked
        moment = InspectedMoment(model, sampling, command["tokens"], command["position"])
        results = {name: ANALYSES[name](moment, asked) for name, asked in command["views"].items()}
        event = events.InspectionEvent(type="inspection", number=command["number"], views=results)
        if moment.arrays:
            event["blob"] = moment.arrays.tobytes()
        self._post(event)
