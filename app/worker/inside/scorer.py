"""Scores lines: how surprising each of their tokens is to the model that is shown."""

from __future__ import annotations

from collections.abc import Iterator

from app.shared import events
from app.shared.commands import ScoreCommand
from app.shared.scores import ScoredLine
from app.worker.generation import GeneratingModel, Generation
from app.worker.refreshing import Refreshing
from app.worker.types import Clock, Post
from microgpt.interpret.surprise import token_losses
from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError

MAX_SCORED_LINES = 1000  # of one command
MAX_SCORED_CHARACTERS = 2000  # of a line: the context cuts off the rest anyway


class Scorer:
    """The lines that are scored, and once more when the model has become another one.

    Args:
        post, clock: as for `Session`.
        generation: has the current model.
    """

    def __init__(self, post: Post, clock: Clock, generation: Generation) -> None:
        self._post, self._clock, self._generation = post, clock, generation
        self._refreshing = Refreshing(clock)
        self._command: ScoreCommand | None = None
        self._model: GeneratingModel | None = None
        self._work: Iterator[None] | None = None
        # What is still to be posted, and what was found so far.
        self._lines: list[ScoredLine] = []
        self._first = True
        self._done = self._told = self._of = self._left_out = 0
        self._unknown: dict[str, None] = {}

    def score(self, command: ScoreCommand) -> None:
        """Begins to score, with the model that the command is about if that is the current one.

        Raises `SettingError` for too many lines.
        """
        self._work = self._command = None
        model = self._generation.model_of(command["model"])
        if model is None:
            return
        if max(len(command["lines"]), command["num_own"]) > MAX_SCORED_LINES:
            raise SettingError(f"At most {MAX_SCORED_LINES:,} lines can be scored at once.")
        self._command, self._model = command, model
        self._refreshing.begin(model.step())
        self.restart()

    def restart(self) -> None:
        """Begins anew, if there is anything to score: the model is another one."""
        command, model = self._command, self._model
        if command is None or model is None or model is not self._current(command):
            self._work = None
            return
        self._lines, self._unknown = [], {}
        self._first, self._done, self._told, self._left_out = True, 0, 0, 0
        self._work = self._all_lines(command, model)

    def refresh(self, step: int, running: bool) -> None:
        """Scores anew if the model has been trained; arguments as of `Refreshing.is_due`."""
        if self._command is None or self._work is not None:
            return
        if self._refreshing.is_due(step, running):
            self.restart()

    def work(self, deadline: float) -> bool:
        """Does a slice, until the deadline, and posts it; returns whether there is more."""
        if self._work is None or self._command is None:
            return False
        if self._model is not self._current(self._command):
            self._work = None  # another model has come, which the page asks about
            return False
        work, self._work = self._work, None  # where it raises, it is over
        for _ in work:
            if self._clock() >= deadline:
                self._work = work
                break
        else:
            self._refreshing.end()
        if self._first or self._done > self._told:
            self._tell()
        return self._work is not None

    def _current(self, command: ScoreCommand) -> GeneratingModel | None:
        return self._generation.model_of(command["model"])

    def _all_lines(self, command: ScoreCommand, model: GeneratingModel) -> Iterator[None]:
        documents = model.documents()
        own = documents.held_out[: command["num_own"]]
        self._of = len(command["lines"]) + len(own)
        for number, text in enumerate([*command["lines"], *own]):
            try:
                tokens, *more = documents.encode(text[:MAX_SCORED_CHARACTERS])
            except UnknownCharacterError:
                known = set("".join(model.tokenizer.tokens))
                self._unknown.update((one, None) for one in text if one not in known)
                self._left_out += 1
            else:
                losses = token_losses(model.patched, tokens)
                line = ScoredLine(
                    text=text,
                    own=number >= len(command["lines"]),
                    tokens=tokens[1 : len(losses) + 1],
                    losses=losses,
                    cut=bool(more) or len(tokens) - 1 > len(losses),
                )
                self._lines.append(line)
            self._done += 1
            yield

    def _tell(self) -> None:
        assert self._command is not None
        self._post(
            events.ScoresEvent(
                type="scores",
                number=self._command["number"],
                first=self._first,
                lines=self._lines,
                done=self._done,
                of=self._of,
                unknown=list(self._unknown),
                left_out=self._left_out,
            )
        )
        self._lines, self._first, self._told = [], False, self._done
