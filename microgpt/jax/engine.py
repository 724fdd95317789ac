"""The engine that computes with JAX, behind the Engine protocol.

With several processes each makes the same calls in the same order; of a batch it prepares those
rows alone that lie on its devices.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import partial
from itertools import takewhile
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from microgpt.activations import Activations, Patches
from microgpt.config import ModelConfig, TrainConfig
from microgpt.jax.context import ArrayContext
from microgpt.jax.layout import DeviceLayout, collected
from microgpt.jax.optimizers import ARRAY_OPTIMIZERS
from microgpt.jax.step import (
    BATCH_HEAD,
    Matrices,
    StepConstants,
    TrainState,
    last_logits,
    loss_sum,
    random_weights,
    train_step,
)
from microgpt.model import Weights
from microgpt.operation_count import step_operations
from microgpt.optimizer import ADAM, OPTIMIZERS, Optimizer, OptimizerState
from microgpt.segments import Segment, first_segment
from microgpt.settings import SettingError
from microgpt.wasm.compiler.trace import trace

DTYPES: dict[str, Any] = {"f32": jnp.float32, "bf16": jnp.bfloat16}
# Several small steps are given to the devices before their losses are fetched. How many depends on
# nothing but the run, so that all processes come to the same losses at the same time.
MAX_STEPS_AT_ONCE = 32
OPERATIONS_AT_ONCE = 1e9
TOKENS_AT_ONCE = 2**15  # about, in an evaluation

Flat = np.ndarray[Any, np.dtype[np.float32]]


class JaxEngine:
    """A model whose weights are arrays, in 32 bits.

    Args:
        config: the architecture.
        layout: the devices.
        weights: the initial weights, or the seed and the spread of those that `jax.random` draws.
        precision: what the vectors are computed with, `f32` or `bf16`.
        optimizer: how the weights are updated at first.
    """

    name = "jax"

    def __init__(
        self,
        config: ModelConfig,
        layout: DeviceLayout,
        weights: Weights | tuple[int, float],
        precision: str = "f32",
        optimizer: Optimizer = ADAM,
    ) -> None:
        if precision not in DTYPES:
            raise SettingError(f"The engine jax computes with f32 or bf16, not {precision}.")
        trace(config)  # model code that does not fit together is told of in one sentence
        self.config, self.layout, self.precision = config, layout, precision
        self._dtype = DTYPES[precision]
        self._shardings = layout.of_weights(config)
        self.tokens_done = 0  # in all steps so far
        self._documents: Sequence[Sequence[int]] = ()
        self._counted_from: Sequence[int] = ()
        self._loss_sum = jax.jit(
            partial(loss_sum, config, self._dtype), out_shardings=layout.everywhere
        )
        self._last_logits = jax.jit(
            partial(last_logits, config, self._dtype), out_shardings=layout.everywhere
        )
        self._set_optimizer(optimizer)
        if isinstance(weights, tuple):
            seed, init_std = weights
            draw = jax.jit(partial(random_weights, config, init_std), out_shardings=self._shardings)
            matrices = draw(jax.random.key(seed))
        else:
            matrices = self._placed(weights)
        self._state = TrainState(matrices, self._fresh_slots(), self._true())
        self.begin_segment(first_segment(TrainConfig(optimizer=optimizer.name)))

    def prepare(
        self,
        documents: Sequence[Sequence[int]],
        training: TrainConfig,
        counted_from: Sequence[int] = (),
    ) -> None:
        self.set_documents(documents, counted_from)
        self.begin_segment(first_segment(training))
        self._state = self._state._replace(slots=self._fresh_slots())

    def set_documents(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> None:
        self._documents, self._counted_from = documents, counted_from

    def begin_segment(self, segment: Segment) -> None:
        optimizer = OPTIMIZERS[segment.training.optimizer]
        if optimizer is not self.optimizer:
            self._set_optimizer(optimizer)
            self._state = self._state._replace(slots=self._fresh_slots())
        self._segment = segment
        operations = step_operations(self.config, segment.training.batch_size)
        self._steps_at_once = max(1, min(MAX_STEPS_AT_ONCE, int(OPERATIONS_AT_ONCE / operations)))

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        end = first + count
        batch = self._training_batch(first)
        for start in range(first, end, self._steps_at_once):
            losses, sizes = [], []
            for step in range(start, min(start + self._steps_at_once, end)):
                self._state, loss, size = self._train_step(
                    self._state, batch, self._constants(step)
                )
                losses.append(loss)
                sizes.append(size)
                if step + 1 < end:  # while the devices compute
                    batch = self._training_batch(step + 1)
            self.tokens_done += sum(map(int, sizes))
            yield from self._finite(start, list(map(float, losses)))

    def evaluate(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> Generator[None, None, float]:
        rows = self._rows_at_once(len(documents))
        total, count = 0.0, 0
        for start in range(0, len(documents), rows):
            chosen = range(start, min(start + rows, len(documents)))
            batch = self._batch(rows, chosen, documents, counted_from)
            total += float(self._loss_sum(self._state.weights, batch))
            ends = (self._num_predictions(documents[number]) for number in chosen)
            firsts = (counted_from[number] if counted_from else 0 for number in chosen)
            count += sum(ends) - sum(firsts)
            yield
        if not math.isfinite(total):
            raise FloatingPointError("evaluation: the loss is not a finite number")
        return total / count

    def context(self) -> ArrayContext:
        return ArrayContext(lambda tokens: next(self.logits_after([tokens])))

    def logits_after(self, documents: Sequence[Sequence[int]]) -> Iterator[list[float]]:
        rows = self._rows_at_once(len(documents))
        # What is still to be predicted after the last token counts; which token it is does not.
        continued = [[*document, 0] for document in documents]
        for start in range(0, len(documents), rows):
            chosen = range(start, min(start + rows, len(documents)))
            batch = self._batch(rows, chosen, continued)
            logits = np.asarray(self._last_logits(self._state.weights, batch))
            yield from logits[: len(chosen)].tolist()

    def activations(self, tokens: Sequence[int]) -> Activations:  # noqa: ARG002 - the protocol's
        raise self._only_trains()

    def patched(self, patches: Patches) -> JaxEngine:
        if patches:
            raise self._only_trains()
        return self

    def weights(self) -> Weights:
        return {name: flat.tolist() for name, flat in self.matrices(self._state.weights)}

    def optimizer_state(self) -> OptimizerState:
        return tuple(
            [number for _, flat in self.matrices(slot) for number in flat.ravel().tolist()]
            for slot in self._state.slots
        )

    def restore(self, weights: Weights, state: OptimizerState | None) -> None:
        slots: list[Mapping[str, Any]] = []
        for flat in state or ():
            start, slot = 0, {}
            for name, (rows, columns) in self.config.shapes:
                numbers = np.array(flat[start : start + rows * columns], np.float32)
                slot[name] = numbers.reshape(rows, columns)
                start += rows * columns
            slots.append(slot)
        self.restore_arrays(weights, slots if state is not None else None)

    def restore_arrays(
        self, weights: Mapping[str, Any], slots: Sequence[Mapping[str, Any]] | None
    ) -> None:
        """Continue from these matrices by name, and from the optimizer's (None: fresh ones).

        Of an array in a file those parts alone are read that lie on the devices of this process.
        """
        placed = self._fresh_slots() if slots is None else tuple(map(self._placed, slots))
        self._state = TrainState(self._placed(weights), placed, self._true())

    @property
    def state_format(self) -> str:
        return f"{self.name} {self.precision} {self.config.num_params}"

    def saved_state(self) -> bytes:
        return b"".join(
            flat.tobytes()
            for matrices in (self._state.weights, *self._state.slots)
            for _, flat in self.matrices(matrices)
        )

    def load_state(self, state: bytes) -> None:
        numbers, start = np.frombuffer(state, np.float32), 0
        parts: list[dict[str, Any]] = []
        for _ in range(1 + len(self.optimizer.slots)):
            part = {}
            for name, (rows, columns) in self.config.shapes:
                part[name] = numbers[start : start + rows * columns].reshape(rows, columns)
                start += rows * columns
            parts.append(part)
        self.restore_arrays(parts[0], parts[1:])

    def matrices(self, matrices: Matrices) -> Iterator[tuple[str, Flat]]:
        """The name and the numbers of one matrix after the other; each process must ask."""
        for name, _ in self.config.shapes:
            yield name, collected(matrices[name])

    @property
    def state(self) -> TrainState:
        """The weights and the optimizer's state, as they lie on the devices."""
        return self._state

    def _set_optimizer(self, optimizer: Optimizer) -> None:
        self.optimizer = optimizer
        self._form = ARRAY_OPTIMIZERS[optimizer.name]
        everywhere = self.layout.everywhere
        slots = tuple(self._shardings for _ in optimizer.slots)
        self._train_step = jax.jit(
            partial(train_step, self.config, self._form, self._dtype),
            donate_argnums=0,
            out_shardings=(TrainState(self._shardings, slots, everywhere), everywhere, everywhere),
        )

    def _fresh_slots(self) -> tuple[Matrices, ...]:
        zero = np.float32(0)  # broadcast, so that it takes no memory
        return tuple(
            self._placed({name: np.broadcast_to(zero, shape) for name, shape in self.config.shapes})
            for _ in self.optimizer.slots
        )

    def _placed(self, weights: Mapping[str, Any]) -> Matrices:
        placed = {}
        for name, shape in self.config.shapes:
            matrix = np.asarray(weights[name], np.float32)
            placed[name] = self.layout.place(shape, self._shardings[name], matrix.__getitem__)
        return placed

    def _true(self) -> Array:
        return self.layout.place((), self.layout.everywhere, lambda _: np.array(True))

    def _training_batch(self, step: int) -> Array:
        size, first = self._segment.training.batch_size, self._segment.document(step)
        numbers = [number % len(self._documents) for number in range(first, first + size)]
        return self._batch(self.layout.padded(size), numbers, self._documents, self._counted_from)

    def _batch(
        self,
        rows: int,
        numbers: Sequence[int],
        documents: Sequence[Sequence[int]],
        counted_from: Sequence[int] = (),
    ) -> Array:
        """The batch of the documents with these numbers; see `BATCH_HEAD`."""
        width = BATCH_HEAD + self.config.block_size + 1

        def part(index: tuple[slice, ...]) -> np.ndarray[Any, Any]:
            begin, end, _ = index[0].indices(rows)
            array = np.zeros((end - begin, width), np.int32)
            for row, number in zip(array, numbers[begin:end], strict=False):
                document = documents[number][: self.config.block_size + 1]
                row[0] = counted_from[number] if counted_from else 0
                row[1] = len(document) - 1
                row[BATCH_HEAD : BATCH_HEAD + len(document)] = document
            return array

        return self.layout.place((rows, width), self.layout.by_row, part)

    def _num_predictions(self, document: Sequence[int]) -> int:
        return min(len(document) - 1, self.config.block_size)

    def _rows_at_once(self, count: int) -> int:
        """The rows of an evaluation's batches, for `count` documents."""
        most = max(1, TOKENS_AT_ONCE // self.config.block_size)
        # Of few sizes, since each is compiled.
        return self.layout.padded(min(most, 1 << (count - 1).bit_length()))

    def _constants(self, step: int) -> StepConstants:
        segment = self._segment
        training = segment.training
        settings = {name: getattr(training, name) for name in self.optimizer.hyperparameters}
        age = step - segment.optimizer_begin
        numbers = self._form.begin_step(settings, segment.learning_rate(step), age)
        return StepConstants(
            np.float32(1 / training.batch_size),
            np.float32(training.clip),
            {name: np.float32(number) for name, number in numbers.items()},
        )

    def _finite(self, start: int, losses: list[float]) -> Iterator[list[float]]:
        """The losses from step `start` on, as `steps` yields them."""
        good = list(takewhile(math.isfinite, losses))
        if good:
            yield good
        if len(good) < len(losses):
            self._state = self._state._replace(finite=self._true())
            raise FloatingPointError(f"step {start + len(good) + 1}: a number is not finite")

    def _only_trains(self) -> SettingError:
        return SettingError(
            "The engine jax trains and writes; to look inside, save the model and open it with "
            "another engine."
        )
