"""The explorer: what the model makes of a text, wherever the page puts its caret.

The page owns the text; what is computed of it here can be computed again. It knows nothing of
training but how many steps were done, since the probabilities are others after each.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import nlargest
from itertools import groupby

from app.shared import events
from app.shared.commands import ExploreCommand
from app.shared.models import Probabilities
from app.shared.uniform import uniform
from app.worker.types import Post
from microgpt.config import SampleConfig
from microgpt.engine import LanguageModel
from microgpt.sampler import adjust, draw_at, softmax
from microgpt.settings import SettingError
from microgpt.tokenizer import Tokenizer


class Explorer:
    """The text that the page shows.

    Args:
        engine: the model.
        tokenizer: the model's tokenizer.
        step: returns how many steps the model was trained.
        post: sends an event to the page.
    """

    def __init__(
        self, engine: LanguageModel, tokenizer: Tokenizer, step: Callable[[], int], post: Post
    ) -> None:
        self._tokenizer, self._post = tokenizer, post
        self._number: int | None = None  # of the page's newest command
        self._tokens: list[int] = []
        self._caret = 0
        self._step = step
        self._read_step = 0  # of the weights that have read it
        self.use(engine)

    def use(self, engine: LanguageModel) -> None:
        """Ask this model from now on, which has the same tokens."""
        self._engine = engine
        # What the model has read, with the logits after each token; all from the same weights.
        self._context = engine.context()
        self._read: list[int] = []
        self._logits: list[list[float]] = []

    def act(self, command: ExploreCommand, config: SampleConfig) -> None:
        """Carries out a command and posts what the model makes of the text.

        Raises `SettingError` for an invalid action, caret or token.
        """
        tokens, caret = self._encode(command)
        if command["action"] == "next":
            tokens = self._with_next(tokens[:caret], command["seed"], config)
            caret = len(tokens)
        elif command["action"] != "show":
            raise SettingError(f"The explorer has no action '{command['action']}'.")
        self._number, self._tokens, self._caret = command["number"], tokens, caret
        self.refresh(config)

    def refresh(self, config: SampleConfig) -> None:
        """Posts what the model makes of the text now, if there is one."""
        if self._number is None:
            return
        tokens = self._tokens
        logits = self._read_tokens(tokens)
        adjusted = [adjust(logits[place], config) for place in range(len(tokens))]
        upcoming = None
        if not self._is_full(tokens[: self._caret]):
            # Behind the end of a text stands the beginning of another.
            place = 0 if tokens[: self._caret][-1:] == [self._tokenizer.bos] else self._caret
            probs = adjusted[place] if place < len(adjusted) else adjust(logits[place], config)
            following = tokens[self._caret] if self._caret < len(tokens) else None
            upcoming = _probabilities(softmax(logits[place]), probs, following)
        self._post(
            events.ExplorationEvent(
                type="exploration",
                number=self._number,
                tokens=tokens,
                probabilities=[probs[token] for token, probs in zip(tokens, adjusted, strict=True)],
                ranks=[_rank(probs, token) for token, probs in zip(tokens, adjusted, strict=True)],
                caret=self._caret,
                upcoming=upcoming,
            )
        )

    @property
    def moment(self) -> tuple[int, list[int]] | None:
        """The number of the newest command, and what the model reads, BOS first.

        None where there was no command, or nothing can follow.
        """
        tokens = self._tokens[: self._caret]
        if self._number is None or self._is_full(tokens):
            return None
        closed = tokens[-1:] == [self._tokenizer.bos]
        return self._number, [self._tokenizer.bos, *([] if closed else tokens)]

    def logits(self, tokens: list[int], position: int) -> list[float]:
        """The logits, (vocab_size,), of what follows the first `position` of the tokens."""
        read = [self._tokenizer.bos, *tokens[:position]]
        if self._read_step != self._step() or self._read[: len(read)] != read:
            self._read_tokens(tokens)
        return self._logits[position]

    def _encode(self, command: ExploreCommand) -> tuple[list[int], int]:
        """The command's text with all that was typed encoded, cut to the context; the caret."""
        tokens, typed, caret = command["tokens"], command["typed"], command["caret"]
        bos = self._tokenizer.bos
        if (
            not all(0 <= token < bos for token in tokens[:-1])
            or not 0 <= max(tokens[-1:], default=0) <= bos
        ):
            raise SettingError("There is no such token.")
        if not 0 <= caret <= len(tokens) == len(typed):
            raise SettingError("There is no such place in the text.")
        # What is typed next stands at the caret, so no token goes across it.
        before = self._encode_typed(tokens[:caret], typed[:caret])
        after = self._encode_typed(tokens[caret:], typed[caret:])
        tokens = (before + after)[: self._engine.config.block_size]
        return tokens, min(len(before), len(tokens))

    def _encode_typed(self, tokens: list[int], typed: list[bool]) -> list[int]:
        """The tokens with every run of typed characters encoded as one text."""
        encoded: list[int] = []
        for is_typed, run in groupby(zip(tokens, typed, strict=True), key=lambda pair: pair[1]):
            ids = [token for token, _ in run]
            encoded += (
                self._tokenizer.encode_prefix(self._tokenizer.decode(ids)) if is_typed else ids
            )
        return encoded

    def _with_next(self, tokens: list[int], seed: int, config: SampleConfig) -> list[int]:
        """The text with a sampled token behind it, where there is room for one."""
        if tokens[-1:] == [self._tokenizer.bos]:
            tokens = []
        if self._is_full(tokens):
            return tokens
        probs = adjust(self._read_tokens(tokens)[len(tokens)], config)
        return [*tokens, draw_at(probs, uniform(seed, len(tokens)))]

    def _is_full(self, tokens: list[int]) -> bool:
        closed = tokens[-1:] == [self._tokenizer.bos]
        return not closed and len(tokens) >= self._engine.config.block_size

    def _read_tokens(self, tokens: list[int]) -> list[list[float]]:
        """The logits after BOS and after each of the tokens, as far as the context goes."""
        if self._read_step != self._step():
            self._read_step = self._step()
            self._read = []
        read = [self._tokenizer.bos, *tokens][: self._engine.config.block_size]
        same = 0
        while same < min(len(read), len(self._read)) and read[same] == self._read[same]:
            same += 1
        self._context.rewind(same)
        del self._logits[same:]
        for token in read[same:]:
            self._logits.append(self._context.feed(token))
        self._read = read
        return self._logits


def _rank(probabilities: Sequence[float], token: int) -> int:
    """1 for the likeliest token, 2 for the next...; equals share a rank."""
    return 1 + sum(map(probabilities[token].__lt__, probabilities))


def _probabilities(
    model: Sequence[float], adjusted: Sequence[float], following: int | None
) -> Probabilities:
    """All probabilities, (vocab_size,); of a large vocabulary the highest, and the chosen one."""
    if len(model) <= events.MAX_TOLD_TOKENS:
        return Probabilities(model=list(model), adjusted=list(adjusted))
    tokens = nlargest(events.MAX_TOLD_TOKENS, range(len(model)), key=model.__getitem__)
    if following is not None and following not in tokens:
        tokens.append(following)
    return Probabilities(
        model=[model[token] for token in tokens],
        adjusted=[adjusted[token] for token in tokens],
        tokens=tokens,
    )
