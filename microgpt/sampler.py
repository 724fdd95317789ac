"""Sampling: the next token drawn from the logits, and documents written one token at a time.

The module knows tokens only as ids, and engines only by their `Context`.
"""

from __future__ import annotations

import math
import random
import sys
from bisect import bisect
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

from microgpt.config import SampleConfig
from microgpt.engine import LanguageModel
from microgpt.settings import SettingError

TOKENS_PER_YIELD = 32  # between two yield points of `write_together`
MIN_TEMPERATURE = 1e-300  # the inverse of a smaller one overflows; it is practically 0 anyway


@dataclass(frozen=True, slots=True)
class Choice:
    """One chosen token, and what it was chosen from."""

    position: int  # of the token before it in the context; 0 is BOS
    tokens: tuple[int, ...]  # the document so far, without BOS and the chosen token
    logits: list[float]  # of the model, (vocab_size,)
    adjusted: list[float]  # after temperature, top-k and top-p, (vocab_size,)
    token: int  # the chosen one
    stop: str  # why it is the last: "end" (BOS was chosen), "context" (is full) or ""

    @property
    def model(self) -> list[float]:
        """The model's own probabilities (temperature 1), (vocab_size,)."""
        return softmax(self.logits)


def softmax(logits: Sequence[float]) -> list[float]:
    """The probabilities of `logits`, (n,) to (n,), summed in the order of microgpt.py.

    >>> softmax([0.0, 0.0])
    [0.5, 0.5]
    """
    highest = max(logits)
    exps = [math.exp(logit - highest) for logit in logits]
    total = 0.0
    for value in exps:
        total += value
    return [value * total**-1 for value in exps]


def adjust(logits: Sequence[float], config: SampleConfig) -> list[float]:
    """The probabilities to draw from, (vocab_size,): temperature, then top-k, then top-p.

    At temperature 0 the likeliest token has probability 1 (the first of several). Top-k keeps the
    k likeliest tokens; top-p the fewest likeliest whose probabilities sum to p (Holtzman et al.,
    2020).

    >>> [round(p, 2) for p in adjust([0.0, 1.0], SampleConfig(temperature=0.5))]
    [0.12, 0.88]
    """
    if config.temperature == 0:
        likeliest = max(range(len(logits)), key=logits.__getitem__)
        return [float(token == likeliest) for token in range(len(logits))]
    inverse = max(config.temperature, MIN_TEMPERATURE) ** -1
    quotients = [logit * inverse for logit in logits]
    if not all(map(math.isfinite, quotients)):
        return adjust(logits, SampleConfig(temperature=0.0))
    probabilities = softmax(quotients)
    if not config.top_k and config.top_p == 1:
        return probabilities
    return truncated(probabilities, config.top_k, config.top_p)


def truncated(probabilities: Sequence[float], top_k: int, top_p: float) -> list[float]:
    """The probabilities of the likeliest tokens alone, the others 0: top-k, then top-p.

    Args:
        probabilities: of all tokens, (vocab_size,).
        top_k, top_p: as of `SampleConfig`.
    """
    order = sorted(range(len(probabilities)), key=probabilities.__getitem__, reverse=True)
    keep = order[: top_k or None]
    if top_p < 1:
        mass = 0.0
        target = top_p * sum(probabilities[token] for token in keep)
        for count, token in enumerate(keep, start=1):
            mass += probabilities[token]
            if mass >= target:
                keep = keep[:count]
                break
    kept = sum(probabilities[token] for token in keep)
    result = [0.0] * len(probabilities)
    for token in keep:
        result[token] = probabilities[token] / kept
    return result


def draw(probabilities: Sequence[float], config: SampleConfig, rng: random.Random) -> int:
    """A token drawn from `probabilities`; at temperature 0 the likeliest, without using `rng`."""
    if config.temperature == 0:
        return max(range(len(probabilities)), key=probabilities.__getitem__)
    return draw_at(probabilities, rng.random())


def draw_many(
    probabilities: Sequence[float], config: SampleConfig, rngs: Sequence[random.Random]
) -> list[int]:
    """A token for each of `rngs`, as `draw` draws it."""
    if config.temperature == 0:
        return [draw(probabilities, config, rngs[0])] * len(rngs)
    sums = list(accumulate(probabilities))
    last = len(sums) - 1
    return [bisect(sums, rng.random() * sums[-1], 0, last) for rng in rngs]


def draw_at(probabilities: Sequence[float], number: float) -> int:
    """The token that `number`, from 0 to below 1, falls on: with it `rng.choices` takes the same.

    The probabilities lie one behind the other, in the order of their tokens, (vocab_size,).

    >>> draw_at([0.25, 0.0, 0.75], 0.25)
    2
    """
    sums = list(accumulate(probabilities))
    return bisect(sums, number * sums[-1], 0, len(sums) - 1)


def check_prefix(prefix: Sequence[int], block_size: int) -> None:
    """Raise `SettingError` if a prefix leaves no room in the context for another token."""
    if len(prefix) >= block_size:
        raise SettingError(
            f"Prefix must be shorter than the context length of {block_size}, "
            f"but has {len(prefix)} token{'' if len(prefix) == 1 else 's'}."
        )


class Writer:
    """A document being written, one choice at a time; choices can be undone.

    Args:
        engine: the model.
        bos: the token that begins and ends documents.
        prefix: the tokens that the document begins with.

    Raises:
        SettingError: if the prefix leaves no room in the context for another token.
    """

    def __init__(self, engine: LanguageModel, bos: int, prefix: Sequence[int] = ()) -> None:
        self.block_size = engine.config.block_size
        check_prefix(prefix, self.block_size)
        self._bos = bos
        self._context = engine.context()
        self.prefix = tuple(prefix)
        self._inputs = [bos, *prefix]  # the tokens that the model has read, or reads next
        self._choices: list[Choice] = []

    @property
    def choices(self) -> list[Choice]:
        """The choices so far, the prefix excluded."""
        return self._choices[:]

    @property
    def tokens(self) -> tuple[int, ...]:
        """The document so far, prefix included, without BOS."""
        written = (choice.token for choice in self._choices)
        return (*self.prefix, *(token for token in written if token != self._bos))

    @property
    def stop(self) -> str:
        """Why the document is complete, "" while it is not."""
        return self._choices[-1].stop if self._choices else ""

    def logits(self) -> list[float]:
        """The logits of the next token, (vocab_size,); only while `stop` is ""."""
        # The last token is fed again even if nothing is new: the weights may have changed.
        position = len(self._inputs) - 1
        self._context.rewind(position)
        for token in self._inputs[len(self._context) : position]:
            self._context.feed(token)
        return self._context.feed(self._inputs[-1])

    def next(self, config: SampleConfig, rng: random.Random) -> Choice:
        """Draw the next token."""
        logits = self.logits()
        adjusted = adjust(logits, config)
        return self._append(logits, adjusted, draw(adjusted, config, rng))

    def choose(self, token: int, config: SampleConfig) -> Choice:
        """Write `token` next, whatever its probability."""
        logits = self.logits()
        return self._append(logits, adjust(logits, config), token)

    def back(self) -> None:
        """Undo the last choice, if there is one."""
        if self._choices:
            choice = self._choices.pop()
            if not choice.stop:
                self._inputs.pop()

    def _append(self, logits: list[float], adjusted: list[float], token: int) -> Choice:
        position = len(self._inputs) - 1
        stop = ""
        if token == self._bos:
            stop = "end"
        elif position + 1 >= self.block_size:
            stop = "context"
        choice = Choice(position, self.tokens, logits, adjusted, token, stop)
        self._choices.append(choice)
        if not stop:
            self._inputs.append(token)
        return choice


def generate(
    engine: LanguageModel,
    bos: int,
    config: SampleConfig,
    rng: random.Random,
    prefix: Sequence[int] = (),
) -> Iterator[Choice]:
    """Write one document; yield each choice, the last with the reason in `stop`.

    Args as of `Writer`; one number is drawn from `rng` per token.
    """
    writer = Writer(engine, bos, prefix)
    while not writer.stop:
        yield writer.next(config, rng)


@dataclass(frozen=True, slots=True)
class Written:
    """A document that was written."""

    tokens: tuple[int, ...]  # without BOS; with the prefix
    stop: str  # as of `Choice`
    loss: float  # of the tokens behind the prefix, the end counted, summed, in nats


def loss_of_choice(model: Sequence[float], token: int) -> float:
    """Minus the logarithm of the probability that the model itself gave to a token, in nats."""
    return -math.log(max(model[token], sys.float_info.min))


def write_together(
    engine: LanguageModel,
    bos: int,
    config: SampleConfig,
    rngs: Sequence[random.Random],
    prefix: Sequence[int] = (),
) -> Generator[None, None, list[Written]]:
    """Write a document with each of `rngs`, all at once: those that `generate` writes one by one.

    That is several times as fast for small models: what documents have in common is computed once,
    and all the rest in few calls. There is a yield point after every few tokens.

    Args as of `generate`, which see.
    """
    block_size = Writer(engine, bos, prefix).block_size
    tokens = [(bos, *prefix)] * len(rngs)
    losses, stops = [0.0] * len(rngs), [""] * len(rngs)
    unfinished = list(range(len(rngs)))
    while unfinished:
        together: dict[tuple[int, ...], list[int]] = {}
        for number in unfinished:
            together.setdefault(tokens[number], []).append(number)
        unfinished = []
        after = engine.logits_after(list(together))
        for count, (read, numbers) in enumerate(together.items(), start=1):
            logits = next(after)
            model, adjusted = softmax(logits), adjust(logits, config)
            drawn = draw_many(adjusted, config, [rngs[number] for number in numbers])
            for number, token in zip(numbers, drawn, strict=True):
                losses[number] += loss_of_choice(model, token)
                if token == bos:
                    stops[number] = "end"
                    continue
                tokens[number] = (*read, token)
                if len(read) >= block_size:
                    stops[number] = "context"
                else:
                    unfinished.append(number)
            if count % TOKENS_PER_YIELD == 0:
                yield
        yield
    return [Written(*one) for one in zip((t[1:] for t in tokens), stops, losses, strict=True)]
