"""A walk through one document, token by token, as the page sees it.

It turns a `Writer`'s choices into messages; it knows nothing of training.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from heapq import nlargest
from typing import Any

from app.shared import events
from microgpt.config import SampleConfig
from microgpt.engine import Engine
from microgpt.sampler import Choice, Writer, adjust, softmax
from microgpt.settings import SettingError
from microgpt.tokenizer import Tokenizer, UnknownCharacterError


class Explorer:
    """The document being walked through.

    Args:
        engine: the model that answers.
        tokenizer: its tokens.
        post: called with each event.
    """

    def __init__(self, engine: Engine, tokenizer: Tokenizer, post: Callable[..., None]) -> None:
        self._engine, self._tokenizer, self._post = engine, tokenizer, post
        self._rng = random.Random()
        self._writer = Writer(engine, tokenizer.bos)

    def act(
        self,
        action: str,
        config: SampleConfig,
        prefix: str,
        position: int | None,
        token: int | None,
    ) -> None:
        """Carry one command of `commands.explore` out and tell the page where the walk is.

        Raises `SettingError` or `UnknownCharacterError` for a prefix, position or token that
        cannot be; the walk is then as it was.
        """
        if action == "start":
            self._start(config, prefix)
        elif action == "reset":
            self._writer = self._begun_with(prefix)
        elif action == "next":
            if not self._writer.stop:
                self._writer.next(config, self._rng)
        elif action == "back":
            self._writer.back()
        elif action == "choose":
            self._choose(config, position, token)
        else:
            raise SettingError(f"The walk knows no '{action}'.")
        self._tell(config)

    def _start(self, config: SampleConfig, prefix: str) -> None:
        """Begin with the prefix; where the model cannot take it, without, and complain."""
        try:
            self._writer = self._begun_with(prefix)
        except (SettingError, UnknownCharacterError):
            self._writer = self._begun_with("")
            self._tell(config)
            raise

    def _begun_with(self, prefix: str) -> Writer:
        tokens = self._tokenizer.encode_prefix(prefix)
        return Writer(self._engine, self._tokenizer.bos, tokens)

    def renew(self, config: SampleConfig) -> None:
        """Tell the first token's odds again, if none is chosen yet."""
        if not self._writer.choices:
            self._tell(config)

    def _choose(self, config: SampleConfig, position: int | None, token: int | None) -> None:
        made = len(self._writer.choices)
        if position is None or not 0 <= position <= made:
            raise SettingError("There is no such place in the document.")
        if token is None or not 0 <= token < self._tokenizer.vocab_size:
            raise SettingError("There is no such token.")
        for _ in range(made - position):
            self._writer.back()
        if not self._writer.stop:
            self._writer.choose(token, config)

    def _tell(self, config: SampleConfig) -> None:
        writer = self._writer
        choices = writer.choices
        upcoming = None
        if not choices:
            logits = writer.logits()
            upcoming = _odds(softmax(logits), adjust(logits, config))
        self._post(
            events.exploration(
                list(writer.prefix),
                len(choices),
                _fields(choices[-1]) if choices else None,
                upcoming,
                writer.stop,
            )
        )


def _fields(choice: Choice) -> dict[str, Any]:
    odds = _odds(choice.model, choice.adjusted, choice.token)
    return {"position": choice.position, "token": choice.token, **odds}


def _odds(model: list[float], adjusted: list[float], chosen: int | None = None) -> dict[str, Any]:
    """All probabilities; of very many those of the likeliest tokens, and of the chosen one."""
    if len(model) <= events.MOST_TOLD:
        return {"model": model, "adjusted": adjusted}
    tokens = nlargest(events.MOST_TOLD, range(len(model)), key=model.__getitem__)
    if chosen is not None and chosen not in tokens:
        tokens.append(chosen)
    return {
        "tokens": tokens,
        "model": [model[token] for token in tokens],
        "adjusted": [adjusted[token] for token in tokens],
    }
