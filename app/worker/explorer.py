"""The explorer: one document, written token by token as the user says.

It turns the choices of a `Writer` into `exploration` events; it knows nothing of training.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from heapq import nlargest

from app.shared import events
from app.shared.commands import ExploreCommand
from app.worker.types import Post
from microgpt.config import SampleConfig
from microgpt.engine import Engine
from microgpt.sampler import Choice, Writer, adjust, softmax
from microgpt.settings import SettingError
from microgpt.tokenizer import Tokenizer, UnknownCharacterError


class Explorer:
    """The document in the explorer.

    Args:
        engine: the model that writes it.
        tokenizer: the model's tokenizer.
        post: sends an event to the page.
    """

    def __init__(self, engine: Engine, tokenizer: Tokenizer, post: Post) -> None:
        self._engine, self._tokenizer, self._post = engine, tokenizer, post
        self._rng = random.Random()
        self._writer = Writer(engine, tokenizer.bos)

    def act(self, command: ExploreCommand, config: SampleConfig, prefix: str) -> None:
        """Carries out a command and posts the new state of the document.

        Raises `SettingError` or `UnknownCharacterError` for an invalid action, prefix, position or
        token; except for `start`, the document is then unchanged.
        """
        action = command["action"]
        if action == "start":
            self._start(config, prefix)
        elif action == "reset":
            self._writer = self._new_writer(prefix)
        elif action == "next":
            if not self._writer.stop:
                self._writer.next(config, self._rng)
        elif action == "back":
            self._writer.back()
        elif action == "choose":
            self._choose(config, command["position"], command["token"])
        else:
            raise SettingError(f"The explorer has no action '{action}'.")
        self._post_state(config)

    def refresh(self, config: SampleConfig) -> None:
        """Posts the current probabilities of the first token, if none is chosen yet."""
        if not self._writer.choices:
            self._post_state(config)

    def _start(self, config: SampleConfig, prefix: str) -> None:
        """Starts with the prefix; raises where the model cannot take it, and starts without it."""
        try:
            self._writer = self._new_writer(prefix)
        except (SettingError, UnknownCharacterError):
            self._writer = self._new_writer("")
            self._post_state(config)
            raise

    def _new_writer(self, prefix: str) -> Writer:
        tokens = self._tokenizer.encode_prefix(prefix)
        return Writer(self._engine, self._tokenizer.bos, tokens)

    def _choose(self, config: SampleConfig, position: int | None, token: int | None) -> None:
        length = len(self._writer.choices)
        if position is None or not 0 <= position <= length:
            raise SettingError("There is no such place in the document.")
        if token is None or not 0 <= token < self._tokenizer.vocab_size:
            raise SettingError("There is no such token.")
        for _ in range(length - position):
            self._writer.back()
        if not self._writer.stop:
            self._writer.choose(token, config)

    def _post_state(self, config: SampleConfig) -> None:
        writer = self._writer
        choices = writer.choices
        upcoming = None
        if not choices:
            logits = writer.logits()
            upcoming = _probabilities(softmax(logits), adjust(logits, config))
        self._post(
            events.ExplorationEvent(
                type="exploration",
                prefix=list(writer.prefix),
                length=len(choices),
                choice=_explorer_choice(choices[-1]) if choices else None,
                upcoming=upcoming,
                stop=writer.stop,
            )
        )


def _explorer_choice(choice: Choice) -> events.ExplorerChoice:
    probabilities = _probabilities(choice.model, choice.adjusted, choice.token)
    return {"position": choice.position, "token": choice.token, **probabilities}


def _probabilities(
    model: Sequence[float], adjusted: Sequence[float], chosen: int | None = None
) -> events.Probabilities:
    """All probabilities, (vocab_size,); of a large vocabulary the highest, and the chosen one."""
    if len(model) <= events.MAX_TOLD_TOKENS:
        return events.Probabilities(model=list(model), adjusted=list(adjusted))
    tokens = nlargest(events.MAX_TOLD_TOKENS, range(len(model)), key=model.__getitem__)
    if chosen is not None and chosen not in tokens:
        tokens.append(chosen)
    return events.Probabilities(
        model=[model[token] for token in tokens],
        adjusted=[adjusted[token] for token in tokens],
        tokens=tokens,
    )
