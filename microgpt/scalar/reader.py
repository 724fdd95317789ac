"""A model of plain floats that is asked: losses, contexts, logits and activations."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import repeat

from microgpt.config import ModelConfig
from microgpt.model import Weights
from microgpt.scalar.activations import NamedOperations, ScalarActivations, named_operations
from microgpt.scalar.operations import (
    Caches,
    FloatArithmetic,
    ScalarOperations,
    empty_caches,
)

# What Python raises when numbers grow too large: a logarithm of 0 is a ValueError.
ARITHMETIC_ERRORS = (ValueError, OverflowError, ZeroDivisionError)


class ScalarReader:
    """What can be asked of a model under the scalar engine.

    Args:
        config: the architecture.
    """

    name = "scalar"
    precision = "f64"

    def __init__(self, config: ModelConfig) -> None:
        self.config = config
        self._inference_ops = ScalarOperations(FloatArithmetic())
        self._recent: dict[tuple[int, ...], ScalarContext] = {}  # of the last `logits_after`

    def evaluate(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> Generator[None, None, float]:
        ops, losses = self._inference_ops, []
        for document, first in zip(documents, counted_from or repeat(0), strict=False):
            context = self.context()
            for position, (token, target) in enumerate(self.pairs(document)):
                try:
                    logits = context.feed(token)
                    if position >= first:
                        losses.append(ops.cross_entropy(logits, target))
                except ARITHMETIC_ERRORS as error:
                    raise FloatingPointError(f"evaluation: {error}") from error
                yield
        return ops.mean(losses)

    def context(self) -> ScalarContext:
        return ScalarContext(self)

    def logits_after(self, documents: Sequence[Sequence[int]]) -> Iterator[list[float]]:
        # Most are documents of the last call with one more token.
        recent, self._recent = self._recent, {}
        for document in documents:
            *read, token = document
            context = recent.pop(tuple(read), None)
            if context is None:
                context = self.context()
                for known in read:
                    context.feed(known)
            self._recent[tuple(document)] = context
            yield context.feed(token)

    def activations(self, tokens: Sequence[int]) -> ScalarActivations:
        ops = self.named_operations()
        caches: Caches[float] = empty_caches()
        made, weights = [], []
        for position, token in enumerate(tokens):
            ops.restart()
            self.run(ops, token, position, caches)
            made.append(ops.made)
            weights.append(ops.weights)
        return ScalarActivations(ops.names, made, weights)

    def logits(self, token: int, position: int, caches: Caches[float]) -> list[float]:
        """The logits of the token after `token`, as plain floats, (vocab_size,)."""
        return self.run(self._inference_ops, token, position, caches)

    @property
    def floats(self) -> Weights:
        """The weights as plain floats; a new dictionary after every change."""
        raise NotImplementedError

    def run(
        self,
        ops: ScalarOperations[float],
        token: int,
        position: int,
        caches: Caches[float],
    ) -> list[float]:
        """The logits after `token`, computed with these operations, (vocab_size,)."""
        raise NotImplementedError

    def named_operations(self) -> NamedOperations:
        """Operations that keep what they make, by name."""
        return named_operations(self.config, {})

    def pairs(self, document: Sequence[int]) -> list[tuple[int, int]]:
        """(token, next token) at each position, up to the context length."""
        inputs = document[: self.config.block_size]
        return list(zip(inputs, document[1:], strict=False))


class ScalarContext:
    """A document under the scalar engine, with its key/value cache."""

    def __init__(self, model: ScalarReader) -> None:
        self._model = model
        self._tokens: list[int] = []
        self._caches: Caches[float] = empty_caches()
        self._floats: Weights | None = None

    def __len__(self) -> int:
        return len(self._tokens)

    def feed(self, token: int) -> list[float]:
        if self._floats is not self._model.floats:
            self._start_over()
        logits = self._model.logits(token, len(self._tokens), self._caches)
        self._tokens.append(token)
        return logits

    def rewind(self, position: int) -> None:
        del self._tokens[position:]
        for cache in self._caches.values():
            cache.rewind(position)

    def _start_over(self) -> None:
        """Recompute the cache, because the weights have changed."""
        self._floats = self._model.floats
        self._caches = empty_caches()
        for position, token in enumerate(self._tokens):
            self._model.logits(token, position, self._caches)
