"""From logits to text: how the next token is chosen, and documents written one token at a time.

The module knows engines only by their `Context`, and nothing of characters.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from microgpt.config import SampleConfig
from microgpt.engine import Engine
from microgpt.settings import SettingError

LOWEST_TEMPERATURE = 1e-300  # the inverse of a smaller one is beyond floats; it is next to 0 anyway


@dataclass(frozen=True, slots=True)
class Choice:
    """One token being chosen."""

    position: int  # of the token that the model has just read; 0 is BOS
    tokens: tuple[int, ...]  # written so far, without BOS and without the chosen one
    model: list[float]  # the model's own probabilities (temperature 1), (vocab_size,)
    adjusted: list[float]  # those after temperature, top-k and top-p, (vocab_size,)
    token: int  # the chosen one
    stop: str  # why nothing follows: "end" (BOS was chosen), "context" (no room left) or ""


def softmax(logits: Sequence[float]) -> list[float]:
    """The probabilities of `logits`, (n,) to (n,); added up as microgpt.py does.

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
    k likeliest; top-p the fewest likeliest that together reach p (Holtzman and others, 2020).

    >>> [round(p, 2) for p in adjust([0.0, 1.0], SampleConfig(temperature=0.5))]
    [0.12, 0.88]
    """
    if config.temperature == 0:
        likeliest = max(range(len(logits)), key=logits.__getitem__)
        return [float(token == likeliest) for token in range(len(logits))]
    inverse = max(config.temperature, LOWEST_TEMPERATURE) ** -1
    quotients = [logit * inverse for logit in logits]
    if not all(map(math.isfinite, quotients)):
        return adjust(logits, SampleConfig(temperature=0.0))
    probabilities = softmax(quotients)
    if not config.top_k and config.top_p == 1:
        return probabilities
    order = sorted(range(len(logits)), key=probabilities.__getitem__, reverse=True)
    keep = order[: config.top_k or None]
    if config.top_p < 1:
        mass = 0.0
        wanted = config.top_p * sum(probabilities[token] for token in keep)
        for count, token in enumerate(keep, start=1):
            mass += probabilities[token]
            if mass >= wanted:
                keep = keep[:count]
                break
    kept = sum(probabilities[token] for token in keep)
    result = [0.0] * len(logits)
    for token in keep:
        result[token] = probabilities[token] / kept
    return result


def draw(probabilities: Sequence[float], config: SampleConfig, rng: random.Random) -> int:
    """A token, drawn; at temperature 0 no dice are thrown."""
    if config.temperature == 0:
        return max(range(len(probabilities)), key=probabilities.__getitem__)
    return rng.choices(range(len(probabilities)), weights=probabilities)[0]


class Writer:
    """A document being written, one choice at a time; choices can be taken back.

    Args:
        engine: what answers.
        bos: the token that begins and ends documents.
        prefix: the tokens that the document begins with.

    Raises:
        SettingError: where the prefix leaves no room in the context for another token.
    """

    def __init__(self, engine: Engine, bos: int, prefix: Sequence[int] = ()) -> None:
        self._block_size = engine.config.block_size
        if len(prefix) >= self._block_size:
            raise SettingError(
                f"Prefix must be shorter than the context length of {self._block_size}, "
                f"but has {len(prefix)} tokens."
            )
        self._bos = bos
        self._context = engine.context()
        self.prefix = tuple(prefix)
        self._inputs = [bos, *prefix]  # what the model has read or is to read next
        self._choices: list[Choice] = []

    @property
    def choices(self) -> list[Choice]:
        """What was chosen so far, the prefix not among it."""
        return self._choices[:]

    @property
    def tokens(self) -> tuple[int, ...]:
        """The document so far, with the prefix, without BOS."""
        written = (choice.token for choice in self._choices)
        return (*self.prefix, *(token for token in written if token != self._bos))

    @property
    def stop(self) -> str:
        """Why nothing follows, "" while something does."""
        return self._choices[-1].stop if self._choices else ""

    def logits(self) -> list[float]:
        """The model's logits of the next token, (vocab_size,); call only while `stop` is ""."""
        # Fed again even if nothing is new: the weights may have changed since.
        position = len(self._inputs) - 1
        self._context.rewind(position)
        for token in self._inputs[len(self._context) : position]:
            self._context.feed(token)
        return self._context.feed(self._inputs[-1])

    def next(self, config: SampleConfig, rng: random.Random) -> Choice:
        """Let the dice choose the next token."""
        logits = self.logits()
        adjusted = adjust(logits, config)
        return self._append(logits, adjusted, draw(adjusted, config, rng))

    def choose(self, token: int, config: SampleConfig) -> Choice:
        """Write `token` next, whatever its probability."""
        logits = self.logits()
        return self._append(logits, adjust(logits, config), token)

    def back(self) -> None:
        """Take the last choice back, if there is one."""
        if self._choices:
            choice = self._choices.pop()
            if not choice.stop:
                self._inputs.pop()

    def _append(self, logits: list[float], adjusted: list[float], token: int) -> Choice:
        position = len(self._inputs) - 1
        stop = ""
        if token == self._bos:
            stop = "end"
        elif position + 1 >= self._block_size:
            stop = "context"
        choice = Choice(position, self.tokens, softmax(logits), adjusted, token, stop)
        self._choices.append(choice)
        if not stop:
            self._inputs.append(token)
        return choice


def generate(
    engine: Engine,
    bos: int,
    config: SampleConfig,
    rng: random.Random,
    prefix: Sequence[int] = (),
) -> Iterator[Choice]:
    """Write one document; yield every choice, the last with the reason to stop in `stop`.

    Args as of `Writer`; one `choices` is drawn from `rng` a token.
    """
    writer = Writer(engine, bos, prefix)
    while not writer.stop:
        yield writer.next(config, rng)
