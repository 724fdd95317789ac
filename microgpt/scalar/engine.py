"""The scalar engine: `gpt` on Python numbers, behind the Engine protocol.

It knows the model, its gradient and its optimizer; nothing of texts, sampling or the page.
"""

from __future__ import annotations

import gc
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

from microgpt.autograd import Value, backward_in_parts, take_apart
from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights, gpt
from microgpt.optimizer import ADAM, Optimizer, OptimizerState, decayed
from microgpt.scalar.operations import (
    FloatArithmetic,
    LayerCache,
    ScalarOperations,
    ValueArithmetic,
)

PRODUCTS_PER_YIELD = 60_000  # of training, between two yield points: 10 to 30 ms

# What Python raises when training diverges: a logarithm of 0 is a ValueError.
ARITHMETIC_ERRORS = (ValueError, OverflowError, ZeroDivisionError)


class ScalarEngine:
    """A model whose weights are `Value`s.

    Args:
        config: the architecture.
        weights: the initial weights, in the shapes of `config.shapes`.
        optimizer: how the weights are updated.
    """

    name = "scalar"
    precision = "f64"

    def __init__(self, config: ModelConfig, weights: Weights, optimizer: Optimizer = ADAM) -> None:
        self.config = config
        self._optimizer = optimizer
        self._values: dict[str, list[list[Value]]] = {}
        self._documents: Sequence[Sequence[int]] = ()
        self._training = TrainConfig()
        self._training_ops = ScalarOperations(ValueArithmetic())
        self._inference_ops = ScalarOperations(FloatArithmetic())
        self._recent: dict[tuple[int, ...], ScalarContext] = {}  # of the last `logits_after`
        self.restore(weights, None)

    def prepare(self, documents: Sequence[Sequence[int]], training: TrainConfig) -> None:
        self._documents = documents
        self._training = training
        self._state = self._optimizer.initial_state(self.config.num_params)

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        for step in range(first, first + count):
            work = self._step(step)
            while True:
                with _collector_paused():
                    losses = next(work, None)
                if losses is None:
                    break
                yield losses

    def evaluate(self, documents: Sequence[Sequence[int]]) -> Generator[None, None, float]:
        ops, losses = self._inference_ops, []
        for document in documents:
            context = self.context()
            for token, target in self._pairs(document):
                try:
                    losses.append(ops.cross_entropy(context.feed(token), target))
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

    def weights(self) -> Weights:
        return {name: [row[:] for row in matrix] for name, matrix in self.floats.items()}

    def optimizer_state(self) -> OptimizerState:
        return tuple(slot[:] for slot in self._state)

    def restore(self, weights: Weights, state: OptimizerState | None) -> None:
        self._values = {
            name: [[Value(weight) for weight in row] for row in weights[name]]
            for name, _ in self.config.shapes
        }
        self._flat = [value for m in self._values.values() for row in m for value in row]
        if state is None:
            state = self._optimizer.initial_state(self.config.num_params)
        self._state = tuple(slot[:] for slot in state)
        self._floats: Weights | None = None

    @property
    def floats(self) -> Weights:
        """The weights as plain floats; a new dictionary after every change."""
        if self._floats is None:
            self._floats = {
                name: [[value.data for value in row] for row in matrix]
                for name, matrix in self._values.items()
            }
        return self._floats

    def logits(self, token: int, position: int, caches: list[LayerCache[float]]) -> list[float]:
        """The logits of the token after `token`, as plain floats, (vocab_size,)."""
        return gpt(self._inference_ops, self.config, self.floats, token, position, caches)

    def _pairs(self, document: Sequence[int]) -> list[tuple[int, int]]:
        """(token, next token) at each position, up to the context length."""
        inputs = document[: self.config.block_size]
        return list(zip(inputs, document[1:], strict=False))

    def _step(self, step: int) -> Iterator[list[float]]:
        """One training step: forward and backward for each document, then the update."""
        batch_size = self._training.batch_size
        losses: list[float] = []
        for value in self._flat:
            value.grad = 0.0
        try:
            for index in range(step * batch_size, (step + 1) * batch_size):
                if losses:
                    yield []
                document = self._documents[index % len(self._documents)]
                loss = yield from self._backpropagate(document, 1 / batch_size)
                losses.append(loss)
            self._update(step)
        except ARITHMETIC_ERRORS as error:
            raise FloatingPointError(f"step {step + 1}: {error}") from error
        yield [self._inference_ops.mean(losses)]

    def _backpropagate(
        self, document: Sequence[int], share: float
    ) -> Generator[list[float], None, float]:
        """Add `share` times the gradient of a document's loss to the weights'; return the loss.

        Its graph is freed before the next document's begins, so a batch needs no more memory.
        """
        ops, config = self._training_ops, self.config
        caches: list[LayerCache[Value]] = [LayerCache() for _ in range(config.n_layer)]
        losses: list[Value] = []
        work = 0
        try:
            for position, (token, target) in enumerate(self._pairs(document)):
                logits = gpt(ops, config, self._values, token, position, caches)
                losses.append(ops.cross_entropy(logits, target))
                work += config.num_params
                if work >= PRODUCTS_PER_YIELD:
                    work = 0
                    yield []
            loss = ops.mean(losses)
            for _ in backward_in_parts(loss, grad=share):
                yield []
        finally:
            take_apart(losses)  # there is nothing left of them unless the step was interrupted
        return loss.data

    def _update(self, step: int) -> None:
        training = self._training
        gradients = [value.grad for value in self._flat]
        rate = decayed(training.learning_rate, step, training.num_steps)
        settings = {name: getattr(training, name) for name in self._optimizer.hyperparameters}
        updates, self._state = self._optimizer.step(self._state, gradients, rate, step, **settings)
        for value, update in zip(self._flat, updates, strict=True):
            value.data -= update
        self._floats = None


class ScalarContext:
    """A document under the scalar engine, with its key/value cache."""

    def __init__(self, engine: ScalarEngine) -> None:
        self._engine = engine
        self._tokens: list[int] = []
        self._caches: list[LayerCache[float]] = []
        self._floats: Weights | None = None

    def __len__(self) -> int:
        return len(self._tokens)

    def feed(self, token: int) -> list[float]:
        if self._floats is not self._engine.floats:
            self._start_over()
        logits = self._engine.logits(token, len(self._tokens), self._caches)
        self._tokens.append(token)
        return logits

    def rewind(self, position: int) -> None:
        del self._tokens[position:]
        for cache in self._caches:
            cache.rewind(position)

    def _start_over(self) -> None:
        """Recompute the cache, because the weights have changed."""
        self._floats = self._engine.floats
        self._caches = [LayerCache() for _ in range(self._engine.config.n_layer)]
        for position, token in enumerate(self._tokens):
            self._engine.logits(token, position, self._caches)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """Pause the garbage collector: scanning a live graph costs as much as the arithmetic.

    The graph has no cycles, so reference counts alone free it.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
