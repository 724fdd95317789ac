"""The scalar engine: `gpt` on Python numbers, behind the Engine protocol.

It knows the model, its gradient and its optimizer; nothing of texts, sampling or the page.
"""

from __future__ import annotations

import gc
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from microgpt.activations import Patches
from microgpt.autograd import Value, backward_in_parts, take_apart
from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights, model_function
from microgpt.optimizer import ADAM, OPTIMIZERS, Optimizer, OptimizerState, clipped
from microgpt.scalar.operations import Caches, ScalarOperations, ValueArithmetic, empty_caches
from microgpt.scalar.patched import PatchedScalarModel
from microgpt.scalar.reader import ARITHMETIC_ERRORS, ScalarReader
from microgpt.segments import Segment, first_segment

PRODUCTS_PER_YIELD = 60_000  # of training, between two yield points: 10 to 30 ms


class ScalarEngine(ScalarReader):
    """A model whose weights are `Value`s.

    Args:
        config: the architecture.
        weights: the initial weights, in the shapes of `config.shapes`.
        optimizer: how the weights are updated at first.
    """

    def __init__(self, config: ModelConfig, weights: Weights, optimizer: Optimizer = ADAM) -> None:
        super().__init__(config)
        self._model = checked_model(config)
        self._optimizer = optimizer
        self._values: dict[str, list[list[Value]]] = {}
        self._documents: Sequence[Sequence[int]] = ()
        self._counted_from: Sequence[int] = ()
        self._segment = first_segment(TrainConfig())
        self._training_ops = ScalarOperations(ValueArithmetic())
        self.restore(weights, None)

    def prepare(
        self,
        documents: Sequence[Sequence[int]],
        training: TrainConfig,
        counted_from: Sequence[int] = (),
    ) -> None:
        self.set_documents(documents, counted_from)
        self.begin_segment(first_segment(training))
        self._state = self._optimizer.initial_state(self.config.num_params)

    def set_documents(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> None:
        self._documents = documents
        self._counted_from = counted_from or [0] * len(documents)

    def begin_segment(self, segment: Segment) -> None:
        optimizer = OPTIMIZERS[segment.training.optimizer]
        if optimizer is not self._optimizer:
            self._optimizer = optimizer
            self._state = optimizer.initial_state(self.config.num_params)
        self._segment = segment

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        for step in range(first, first + count):
            work = self._step(step)
            while True:
                with _collector_paused():
                    losses = next(work, None)
                if losses is None:
                    break
                yield losses

    def patched(self, patches: Patches) -> ScalarReader:
        return PatchedScalarModel(self, patches) if patches else self

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
    def state_format(self) -> str:
        return f"{self.name} {self.precision} {self.config.num_params}"

    def saved_state(self) -> bytes:
        weights = array("d", (value.data for value in self._flat))
        return b"".join([weights.tobytes(), *(array("d", slot).tobytes() for slot in self._state)])

    def load_state(self, state: bytes) -> None:
        numbers, count = array("d", state), len(self._flat)
        for value, weight in zip(self._flat, numbers, strict=False):
            value.data = weight
        self._state = tuple(
            numbers[start : start + count].tolist() for start in range(count, len(numbers), count)
        )
        self._floats = None

    @property
    def floats(self) -> Weights:
        """The weights as plain floats; a new dictionary after every change."""
        if self._floats is None:
            self._floats = {
                name: [[value.data for value in row] for row in matrix]
                for name, matrix in self._values.items()
            }
        return self._floats

    def run(
        self,
        ops: ScalarOperations[float],
        token: int,
        position: int,
        caches: Caches[float],
    ) -> list[float]:
        logits: list[float] = self._model(ops, self.config, self.floats, token, position, caches)
        return logits

    def _step(self, step: int) -> Iterator[list[float]]:
        """One training step: forward and backward for each document, then the update."""
        batch_size, first = self._segment.training.batch_size, self._segment.document(step)
        losses: list[float] = []
        for value in self._flat:
            value.grad = 0.0
        try:
            for index in range(first, first + batch_size):
                if losses:
                    yield []
                number = index % len(self._documents)
                loss = yield from self._backpropagate(number, 1 / batch_size)
                losses.append(loss)
            self._update(step)
        except ARITHMETIC_ERRORS as error:
            raise FloatingPointError(f"step {step + 1}: {error}") from error
        yield [self._inference_ops.mean(losses)]

    def _backpropagate(self, number: int, share: float) -> Generator[list[float], None, float]:
        """Add `share` times the gradient of a document's loss to the weights'; return the loss.

        The loss is the mean over its predictions that count. A document's graph is freed before the
        next one's begins, so a batch needs no more memory.

        Args:
            number: of the document.
            share: of its loss in that of the step.
        """
        document, first = self._documents[number], self._counted_from[number]
        ops, config = self._training_ops, self.config
        caches: Caches[Value] = empty_caches()
        losses: list[Value] = []
        uncounted: list[Value] = []  # kept, since freeing their graphs before the others is deep
        work = 0
        try:
            for position, (token, target) in enumerate(self.pairs(document)):
                logits = self._model(ops, config, self._values, token, position, caches)
                if position >= first:
                    losses.append(ops.cross_entropy(logits, target))
                else:
                    uncounted += logits
                work += config.num_params
                if work >= PRODUCTS_PER_YIELD:
                    work = 0
                    yield []
            loss = ops.mean(losses)
            for _ in backward_in_parts(loss, grad=share):
                yield []
        finally:
            take_apart([*losses, *uncounted])  # of an interrupted step both are left
        return loss.data

    def _update(self, step: int) -> None:
        segment, optimizer = self._segment, self._optimizer
        weights = [value.data for value in self._flat]
        gradients = clipped([value.grad for value in self._flat], segment.training.clip)
        rate, age = segment.learning_rate(step), step - segment.optimizer_begin
        settings = {name: getattr(segment.training, name) for name in optimizer.hyperparameters}
        updates, self._state = optimizer.step(
            self._state, weights, gradients, rate, age, **settings
        )
        for value, update in zip(self._flat, updates, strict=True):
            value.data -= update
        self._floats = None


def checked_model(config: ModelConfig) -> Callable[..., Any]:
    """The model's function; raises `CodeError` for model code that is no model.

    Lists of numbers would let through what is no operation, such as the sum of two lists.
    """
    if config.code:
        # Imported here, so that nobody waits for it who needs it not.
        from microgpt.wasm.compiler.trace import trace

        trace(config)
    return model_function(config)


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
