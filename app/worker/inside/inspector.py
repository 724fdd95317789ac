"""Answers `inspect`: one answer for all views that are open, and again when there is news."""

from __future__ import annotations

from app.shared import events
from app.shared.commands import InspectCommand, ScoreCommand, SwitchOffCommand
from app.worker.generation import GeneratingModel, Generation
from app.worker.inside.arithmetic import arithmetic
from app.worker.inside.attention import attention
from app.worker.inside.choice import choice
from app.worker.inside.lens import lens
from app.worker.inside.model_facts import ModelFacts
from app.worker.inside.moment import Analysis, InspectedMoment
from app.worker.inside.scorer import Scorer
from app.worker.inside.surveys import Surveys
from app.worker.inside.switch_off import switch_off
from app.worker.inside.switches import Switches
from app.worker.inside.votes import votes
from app.worker.refreshing import Refreshing
from app.worker.types import Clock, Post
from microgpt.settings import SettingError

ANALYSES: dict[str, Analysis] = {
    "choice": choice,
    "votes": votes,
    "attention": attention,
    "lens": lens,
    "switch-off": switch_off,
    "arithmetic": arithmetic,
}


class Inspector:
    """The moment that the page's views show.

    Args:
        post, clock: as for `Session`.
        generation: has the current model, and the sampling settings.
    """

    def __init__(self, post: Post, clock: Clock, generation: Generation) -> None:
        self._post, self._clock, self._generation = post, clock, generation
        self._refreshing = Refreshing(clock)
        self._surveys = Surveys(clock)
        self._facts = ModelFacts()
        self._asked: tuple[InspectCommand, GeneratingModel] | None = None
        self._switches = Switches(post, clock, generation)
        self._scorer = Scorer(post, clock, generation)

    def inspect(self, command: InspectCommand) -> None:
        """Carries out the command, and answers, unless it is about another model.

        Raises `SettingError` for an invalid token, position or view.
        """
        self._asked = None
        model = self._generation.model_of(command["model"])
        if model is None or not command["views"]:
            return
        tokens, position = command["tokens"], command["position"]
        if not all(0 <= token < model.tokenizer.bos for token in tokens):
            raise SettingError("There is no such token.")
        if not 0 <= position <= len(tokens) or position >= model.engine.config.block_size:
            raise SettingError("There is no such place in the text.")
        for view in command["views"]:
            if view not in ANALYSES:
                raise SettingError(f"There is no view of the model called '{view}'.")
        self._asked = (command, model)
        self._answer()

    def switch_off(self, command: SwitchOffCommand) -> None:
        """Carries out the command, unless it is about another model."""
        before = self._switches.version
        self._switches.switch_off(command)
        if self._switches.version != before:
            self._show_anew()

    def score(self, command: ScoreCommand) -> None:
        """Begins to carry out the command, unless it is about another model."""
        self._scorer.score(command)

    def take_data(self) -> None:
        """Other data were loaded, which may be those of the model that comes with the page."""
        self._surveys = Surveys(self._clock)
        self._switches.take_data()
        self._show_anew()

    def refresh(self, step: int, running: bool) -> None:
        """Answers again if the model has been trained; arguments as of `Refreshing.is_due`."""
        if self._asked is not None and self._refreshing.is_due(step, running):
            self._answer()
            self._refreshing.end()
        self._switches.refresh(step, running)
        self._scorer.refresh(step, running)

    def work(self, deadline: float, running: bool) -> bool:
        """Does a slice of what takes longer; answers again when that has changed something.

        Returns whether there is more to do at once. running: whether the model is being trained.
        """
        before = self._switches.version
        busy = self._switches.work(deadline)
        if self._switches.version != before:
            self._show_anew()
        busy = self._scorer.work(deadline) or busy
        if self._asked is None:
            return busy
        ended = self._surveys.work(self._asked[1], deadline, running)
        if ended and not running:  # else it will be in the next refresh
            self._answer()
        return busy or (self._surveys.busy and not running)

    def _show_anew(self) -> None:
        """Answers and scores once more."""
        self._scorer.restart()
        if self._asked is not None:
            self._answer()

    def _answer(self) -> None:
        """Posts the answer to the last command, unless another model has come since."""
        assert self._asked is not None
        command, model = self._asked
        if model is not self._generation.model_of(command["model"]):
            self._asked = None
            return
        moment = InspectedMoment(
            model,
            self._generation.sampling()[0],
            command["tokens"],
            command["position"],
            self._surveys,
            self._facts,
        )
        results = {name: ANALYSES[name](moment, asked) for name, asked in command["views"].items()}
        event = events.InspectionEvent(type="inspection", number=command["number"], views=results)
        if moment.arrays:
            event["blob"] = moment.arrays.tobytes()
        self._post(event)
