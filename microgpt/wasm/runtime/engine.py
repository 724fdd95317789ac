"""The compiled engine: `gpt` as a WebAssembly module, behind the Engine protocol.

It decides when to compute and how much per call; the module does the rest. It knows hosts only by
their protocol.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence

from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights
from microgpt.optimizer import ADAM, Optimizer, OptimizerState
from microgpt.settings import SettingError
from microgpt.wasm.compiler.interface import MAX_LOSSES_PER_CALL
from microgpt.wasm.compiler.load import load_module
from microgpt.wasm.runtime.activations import Activation, Activations
from microgpt.wasm.runtime.context import (
    WasmContext,
    check_contexts,
    check_documents,
    common_prefix_length,
    fitting_prefix,
)
from microgpt.wasm.runtime.hosts import Host, HostError
from microgpt.wasm.runtime.pace import Pace
from microgpt.wasm.runtime.storage import Storage

# A step of more operations may take longer than one call should, and is divided into several.
LARGE_STEP_OPERATIONS = 6e7


class WasmEngine:
    """A model whose weights lie in the memory of a WebAssembly module.

    Args:
        config: the architecture.
        weights: the initial weights, in the shapes of `config.shapes`.
        host: what runs the module.
        precision: "f32" or "f64".
        optimizer: how the weights are updated.
        clock: a monotonic clock, in seconds.

    Raises:
        SettingError: the model does not fit into memory, or the optimizer is not compiled.
    """

    name = "wasm"

    def __init__(
        self,
        config: ModelConfig,
        weights: Weights,
        host: Host,
        precision: str = "f32",
        optimizer: Optimizer = ADAM,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.config = config
        self.precision = precision
        self._host, self._clock, self._optimizer = host, clock, optimizer
        self._computed: list[int] = []  # the tokens whose activations are in memory
        self._half_done = False  # whether a step has begun and not ended
        self._held_out: Sequence[Sequence[int]] | None = None  # the held-out documents in memory
        self._documents_end = 0  # the first address after the training documents, or the model
        self._large = False  # whether a step takes several calls
        self._instantiate(batched=False)
        self.restore(weights, None)

    def prepare(self, documents: Sequence[Sequence[int]], training: TrainConfig) -> None:
        check_documents(documents, self.config)
        self._abandon_step()
        batched = training.batch_size > 1
        if batched != self._batched:
            weights = self.weights()
            self._instantiate(batched)
            self.restore(weights, None)
        else:
            self._storage.reset_optimizer()
        storage = self._storage
        hyperparameters = self._optimizer.hyperparameters
        for field in ("num_steps", "learning_rate", *hyperparameters, "batch_size"):
            storage.set(field, getattr(training, field))
        self._documents_end = storage.place_documents("documents", documents, self._interface.end)
        storage.set("document_count", len(documents))
        self._held_out = None
        longest = min(max(map(len, documents)) - 1, self.config.block_size)
        operations = 6 * self.config.num_params * longest * training.batch_size
        self._large = operations > LARGE_STEP_OPERATIONS

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        step, stop = first, first + count
        while step < stop:
            if self._large:
                yield from self._step_in_parts(step)
                step += 1
                continue
            wanted = self._step_pace.fitting(min(MAX_LOSSES_PER_CALL, stop - step))
            with self._step_pace.timed(wanted):
                self._snapshot()
                good = self._train(step, wanted) == wanted and self._all_finite()
            self._computed = []
            if good:
                yield self._storage.losses(wanted)
            else:
                yield from self._retry_one_by_one(step, wanted)
            step += wanted

    def evaluate(self, documents: Sequence[Sequence[int]]) -> Generator[None, None, float]:
        if documents is not self._held_out:
            check_documents(documents, self.config)
            self._storage.place_documents("held_out", documents, self._documents_end)
            self._storage.set("held_out_count", len(documents))
            self._held_out = documents
        loss, tokens, done = 0.0, 0, 0
        while done < len(documents):
            if self._large:
                part = yield from self._loss_in_parts(done)
                loss, tokens, done = loss + part, tokens + self._storage.get("rows"), done + 1
                continue
            wanted = self._document_pace.fitting(len(documents) - done)
            self._storage.set("held_out_loss", loss)
            self._storage.set("tokens_seen", tokens)
            with self._document_pace.timed(wanted):
                self._evaluate(done, done + wanted)
            self._computed = []
            done += wanted
            loss, tokens = self._storage.get("held_out_loss"), self._storage.get("tokens_seen")
            yield
        if not math.isfinite(loss):
            raise FloatingPointError("evaluation: the loss is not a finite number")
        return loss / tokens

    def context(self) -> WasmContext:
        return WasmContext(self.logits, self.activation)

    def logits_after(self, documents: Sequence[Sequence[int]]) -> Iterator[list[float]]:
        check_contexts(documents, self.config)
        done = 0
        while done < len(documents):
            wanted = self._document_pace.fitting(len(documents) - done)
            together = fitting_prefix(documents[done : done + wanted], self._interface.capacity)
            with self._document_pace.timed(len(together)):
                logits = self._logits_of(together)
            yield from logits
            done += len(together)

    def _logits_of(self, documents: Sequence[Sequence[int]]) -> list[list[float]]:
        """The logits after documents whose rows all fit into memory."""
        self._abandon_step()
        ends = self._storage.set_contexts(documents)
        self._forward(0, ends[-1], 0, self._interface.nodes["forward"])
        self._computed = list(documents[0])
        return [self._storage.row(self._interface.logits, end - 1) for end in ends]

    def weights(self) -> Weights:
        self._abandon_step()
        return self._storage.weights()

    def optimizer_state(self) -> OptimizerState:
        self._abandon_step()
        return self._storage.optimizer_state()

    def restore(self, weights: Weights, state: OptimizerState | None) -> None:
        self._abandon_step()
        self._storage.set_state(weights, state)
        self._transpose_weights()
        self._computed = []

    def logits(self, tokens: Sequence[int]) -> list[float]:
        """The logits of the token after `tokens`, (vocab_size,)."""
        self._compute(tokens)
        return self._storage.row(self._interface.logits, len(tokens) - 1)

    def activation(self, name: str, tokens: Sequence[int]) -> Activation:
        """The output of the operation `name` (see `Activations`) for the last of `tokens`."""
        self._compute(tokens)
        return self._activations.read(name, len(tokens))

    @property
    def activations(self) -> list[str]:
        """The names that `activation` takes."""
        return self._activations.names

    def _compute(self, tokens: Sequence[int]) -> None:
        """Make the rows in memory those of `tokens`, with the current weights."""
        check_contexts([tokens], self.config)
        self._abandon_step()
        known = common_prefix_length(self._computed, tokens)
        if known < len(tokens):
            self._storage.set_context(known, tokens[known:])
            self._read_on()
            self._computed = list(tokens)

    def _instantiate(self, batched: bool) -> None:
        self._batched = batched
        module, self._interface = load_module(
            self.config, self.precision, self._host.relaxed, batched, self._optimizer
        )
        self._documents_end = self._interface.end
        try:
            instance = self._host.instantiate(module)
        except HostError as error:
            raise SettingError(str(error)) from error
        self._storage = Storage(self._interface, self.config, instance)
        self._activations = Activations(self._interface, self._storage)
        bind = instance.bind
        self._train, self._evaluate = bind("train"), bind("evaluate")
        self._begin_step, self._end_step = bind("begin_step"), bind("end_step")
        self._fill_rows, self._loss = bind("fill_rows"), bind("loss")
        self._forward, self._backward = bind("forward"), bind("backward")
        self._read_on = bind("read_on")
        self._snapshot, self._restore = bind("snapshot"), bind("restore")
        self._all_finite, self._transpose_weights = bind("all_finite"), bind("transpose_weights")
        self._step_pace, self._document_pace, self._node_pace = (
            Pace(self._clock) for _ in range(3)
        )

    def _step_in_parts(self, step: int) -> Iterator[list[float]]:
        """One step of a large model, in several calls; if it is abandoned, it has no effect."""
        loss = None
        try:
            while loss is None:  # again if somebody abandoned it in between
                self._snapshot()
                self._half_done = True
                loss = yield from self._parts_of(step)
            self._half_done = not (math.isfinite(loss) and self._all_finite())
            if self._half_done:
                raise FloatingPointError(f"step {step + 1}: the numbers are not finite")
        finally:
            self._computed = []
            self._abandon_step()
        yield [loss]

    def _parts_of(self, step: int) -> Generator[list[float], None, float | None]:
        """Run a step and return its loss; None if somebody abandoned it in between."""
        batch_size = self._storage.get("batch_size")
        loss, taken = 0.0, 0
        self._begin_step(step)
        while taken < batch_size and math.isfinite(loss):
            self._computed = []
            taken = self._fill_rows(step * batch_size, taken, batch_size, 1)
            rows = self._storage.get("rows")
            for _ in self._in_parts("forward", 0, rows):
                yield []
                if not self._half_done:
                    return None
            loss += self._loss(rows)
            for _ in self._in_parts("backward", rows) if math.isfinite(loss) else ():
                yield []
                if not self._half_done:
                    return None
        self._end_step(step)
        return loss

    def _loss_in_parts(self, document: int) -> Generator[None, None, float]:
        """The summed loss of a held-out document; the number of its rows stays in memory."""
        while True:
            self._abandon_step()
            self._computed = []
            self._fill_rows(0, document, document + 1, 0)
            rows = self._storage.get("rows")
            for _ in self._in_parts("forward", 0, rows):
                yield
                if self._computed:  # somebody else has used the rows: start again
                    break
            else:
                loss: float = self._loss(rows)
                return loss

    def _in_parts(self, name: str, *arguments: int) -> Iterator[None]:
        """Run the nodes of a pass, a few per call."""
        run = {"forward": self._forward, "backward": self._backward}[name]
        done, nodes = 0, self._interface.nodes[name]
        while done < nodes:
            wanted = self._node_pace.fitting(nodes - done)
            with self._node_pace.timed(wanted):
                run(*arguments, done, done + wanted)
            done += wanted
            yield

    def _abandon_step(self) -> None:
        """Undo the changes of a half-done step; the step then starts again."""
        if self._half_done:
            self._half_done = False
            self._restore()

    def _retry_one_by_one(self, first: int, count: int) -> Iterator[list[float]]:
        """Go back, repeat the good steps one by one, and raise at the first bad one."""
        self._restore()
        for step in range(first, first + count):
            self._snapshot()
            self._computed = []
            if self._train(step, 1) != 1 or not self._all_finite():
                self._restore()
                raise FloatingPointError(f"step {step + 1}: the numbers are not finite")
            yield self._storage.losses(1)
