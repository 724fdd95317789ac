"""Answers `inspect`: one answer for all views that are open, and again while the model learns."""

from __future__ import annotations

from app.shared import events
from app.shared.commands import InspectCommand, ScoreCommand, SwitchOffCommand
from app.worker.generation import GeneratingModel
from app.worker.inside.choice import choice
from app.worker.inside.moment import Analysis, InspectedMoment
from app.worker.inside.scorer import Scorer
from app.worker.inside.switch_off import switch_off
from app.worker.inside.switches import Switches
from app.worker.refreshing import Refreshing
from app.worker.types import Clock, Post
from microgpt.config import SampleConfig
from microgpt.settings import SettingError

ANALYSES: dict[str, Analysis] = {
    "choice": choice,
    "switch-off": switch_off,
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
        self._switches, self._scorer = Switches(post, clock), Scorer(post, clock)

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

    def switch_off(
        self, command: SwitchOffCommand, model: GeneratingModel, sampling: SampleConfig
    ) -> None:
        """Carries out the command, and shows anew what is shown of the model."""
        if self._switches.switch_off(command, model):
            model.explorer.refresh(sampling)
            self._show_anew()

    def score(self, command: ScoreCommand, model: GeneratingModel) -> None:
        """Begins to carry out the command."""
        self._scorer.score(command, model)

    def lose_model(self) -> None:
        """The model is another one: the page will ask about that."""
        self._asked = None
        self._switches.lose_model()
        self._scorer.lose_model()

    def refresh(self, step: int, running: bool) -> None:
        """Answers the last commands again if the model was trained; as `Refreshing.is_due`."""
        if self._asked is not None and self._refreshing.is_due(step, running):
            self._answer()
            self._refreshing.end()
        self._switches.refresh(step, running)
        self._scorer.refresh(step, running)

    def work(self, deadline: float) -> bool:
        """Does a slice of what takes longer, until the deadline; returns whether there is more."""
        switching, changed = self._switches.work(deadline)
        if changed:
            self._show_anew()
        return self._scorer.work(deadline) or switching

    def _show_anew(self) -> None:
        """Answers once more, and scores once more: the model that is shown is another one."""
        self._scorer.restart()
        if self._asked is not None:
            self._answer()

    def _answer(self) -> None:
        assert self._asked is not None
        command, model, sampling = self._asked
        moment = InspectedMoment(model, sampling, command["tokens"], command["position"])
        results = {name: ANALYSES[name](moment, asked) for name, asked in command["views"].items()}
        event = events.InspectionEvent(type="inspection", number=command["number"], views=results)
        if moment.arrays:
            event["blob"] = moment.arrays.tobytes()
        self._post(event)
