"""The compiled engine: `gpt` as a WebAssembly module, behind the Engine protocol.

It decides when to compute and how much per call; the module does the rest. It knows hosts only by
their protocol.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from functools import partial

from microgpt.activations import Patches, check_patches
from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights
from microgpt.optimizer import ADAM, OPTIMIZERS, Optimizer, OptimizerState
from microgpt.segments import Segment, first_segment
from microgpt.wasm.compiler.interface import MAX_LOSSES_PER_CALL
from microgpt.wasm.runtime.context import check_counted, check_documents
from microgpt.wasm.runtime.hosts import Host
from microgpt.wasm.runtime.loaded import LoadedModel
from microgpt.wasm.runtime.pace import Pace
from microgpt.wasm.runtime.patched import PatchedWasmModel
from microgpt.wasm.runtime.reader import WasmReader, is_large


class WasmEngine(WasmReader):
    """A model whose weights lie in the memory of a WebAssembly module.

    Args:
        config: the architecture.
        weights: the initial weights, in the shapes of `config.shapes`.
        host: what runs the module.
        precision: "f32" or "f64".
        optimizer: how the weights are updated at first.
        clock: a monotonic clock, in seconds.

    Raises:
        SettingError: the model does not fit into memory, or the optimizer is not compiled.
    """

    def __init__(
        self,
        config: ModelConfig,
        weights: Weights,
        host: Host,
        precision: str = "f32",
        optimizer: Optimizer = ADAM,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._optimizer, self._clock = optimizer, clock
        self._load = partial(LoadedModel, config, precision, host, clock)
        self._half_done = False  # whether a step has begun and not ended
        self._segment: Segment | None = None  # none before `prepare`
        self._num_documents = self._longest = 0  # of training; the latter in predictions
        self._version = 0  # of the weights
        self._patchable: LoadedModel | None = None  # made when it is first needed
        self._patchable_version = -1  # of the weights in it
        super().__init__(config, precision, self._load(optimizer))
        self._bind()
        self.restore(weights, None)

    def prepare(
        self,
        documents: Sequence[Sequence[int]],
        training: TrainConfig,
        counted_from: Sequence[int] = (),
    ) -> None:
        check_documents(documents, self.config)
        check_counted(documents, counted_from, self.config)
        self.begin_segment(first_segment(training))
        self._place_documents(documents, counted_from)
        self._loaded.storage.reset_optimizer()

    def set_documents(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> None:
        check_documents(documents, self.config)
        check_counted(documents, counted_from, self.config)
        self._place_documents(documents, counted_from)

    def begin_segment(self, segment: Segment) -> None:
        if segment == self._segment:
            return
        self._abandon_step()
        optimizer = OPTIMIZERS[segment.training.optimizer]
        if optimizer is not self._optimizer:
            self._change_module(optimizer)
        self._loaded.storage.set_segment(segment, optimizer)
        self._segment = segment

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        step, stop = first, first + count
        batch_size = self._segment.training.batch_size if self._segment else 1
        large_step = is_large(6 * self.config.num_params * self._longest * batch_size)
        while step < stop:
            if large_step:
                yield from self._step_in_parts(step)
                step += 1
                continue
            wanted = self._step_pace.fitting(min(MAX_LOSSES_PER_CALL, stop - step))
            with self._step_pace.timed(wanted):
                self._snapshot()
                good = self._run_steps(step, wanted)
            self._weights_changed()
            if good:
                yield self._loaded.storage.losses(wanted)
            else:
                yield from self._retry_one_by_one(step, wanted)
            step += wanted

    def weights(self) -> Weights:
        self._abandon_step()
        return self._loaded.storage.weights()

    def optimizer_state(self) -> OptimizerState:
        self._abandon_step()
        return self._loaded.storage.optimizer_state()

    def restore(self, weights: Weights, state: OptimizerState | None) -> None:
        self._abandon_step()
        self._loaded.storage.set_state(weights, state)
        self._loaded.transpose_weights()
        self._weights_changed()

    @property
    def state_format(self) -> str:
        return f"{self.name} {self.precision} {self._loaded.storage.layout_number()}"

    def saved_state(self) -> bytes:
        self._abandon_step()
        return self._loaded.storage.saved_state()

    def load_state(self, state: bytes) -> None:
        self._abandon_step()
        self._loaded.storage.load_state(state)
        self._loaded.transpose_weights()
        self._weights_changed()

    def patched(self, patches: Patches) -> WasmReader:
        if not patches:
            return self
        if self._patchable is None:
            self._patchable = self._load(None)  # a module that does not train
        check_patches(patches, self._patchable.storage.patch_sizes())
        args = (self.config, self.precision, self._patchable, patches, self._refresh_patchable)
        return PatchedWasmModel(*args)

    def _bring_up_to_date(self) -> None:
        self._abandon_step()

    def _place_documents(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int]
    ) -> None:
        self._abandon_step()
        loaded, storage = self._loaded, self._loaded.storage
        loaded.documents_end = storage.place_documents(
            "documents", documents, counted_from, loaded.interface.end
        )
        storage.set("document_count", len(documents))
        loaded.held_out = None
        self._num_documents = len(documents)
        self._longest = min(max(map(len, documents)) - 1, self.config.block_size)

    def _refresh_patchable(self) -> None:
        """Bring the weights in the module of the patched models up to date."""
        loaded = self._patchable
        if loaded is None or self._patchable_version == self._version:
            return
        # In the middle of a step the weights are half-way: those of the last version are kept.
        loaded.storage.set_weight_bytes(self._loaded.storage.weight_bytes(self._half_done))
        loaded.transpose_weights()
        loaded.take_rows()
        self._patchable_version = self._version

    def _weights_changed(self) -> None:
        self._version += 1
        self._loaded.take_rows()

    def _change_module(self, optimizer: Optimizer) -> None:
        """Go on in the module of another optimizer, with the weights and the documents."""
        before, weights = self._loaded, self.weights()
        self._optimizer = optimizer
        self._loaded = self._load(optimizer)
        self._bind()
        self.restore(weights, None)
        if self._num_documents:
            loaded = self._loaded
            loaded.documents_end = loaded.storage.copy_documents(
                before.storage, before.documents_end, loaded.interface.end
            )

    def _bind(self) -> None:
        bind = self._loaded.instance.bind
        self._train, self._backward = bind("train"), bind("backward")
        self._accumulate, self._end_step = bind("accumulate"), bind("end_step")
        self._snapshot, self._restore = bind("snapshot"), bind("restore")
        self._all_finite, self._step_pace = bind("all_finite"), Pace(self._clock)
        self._row_pace = Pace(self._clock)

    def _run_steps(self, first: int, count: int) -> bool:
        """Run steps in one call; returns whether all numbers in them are finite."""
        done = self._train(first, count, self._document(first))
        return bool(done == count and self._all_finite())

    def _document(self, step: int) -> int:
        """The number of the first document that a step trains on, of those in memory."""
        assert self._segment is not None
        return self._segment.document(step) % self._num_documents

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
            self._abandon_step()
            self._weights_changed()
        yield [loss]

    def _parts_of(self, step: int) -> Generator[list[float], None, float | None]:
        """Run a step and return its loss; None if somebody abandoned it in between."""
        loaded, storage = self._loaded, self._loaded.storage
        batch_size, taken, document = storage.get("batch_size"), 0, self._document(step)
        large_pass = is_large(6 * self.config.num_params * loaded.interface.capacity)
        storage.set("step_loss", 0.0)
        while taken < batch_size and math.isfinite(storage.get("step_loss")):
            loaded.take_rows()
            if large_pass:
                taken = loaded.fill_rows(document, taken, batch_size, 1)
                yield from self._pass_in_parts(storage.get("rows"))
            else:
                # How many are left is estimated, so that a short last call tells how long one is.
                left = -(-(batch_size - taken) * self._longest // loaded.interface.capacity)
                passes = self._row_pace.fitting(max(1, left))
                with self._row_pace.timed(passes):
                    taken = self._accumulate(document, taken, passes)
                yield []
            if not self._half_done:
                return None
        self._end_step(step)
        return float(storage.get("step_loss"))

    def _pass_in_parts(self, rows: int) -> Iterator[list[float]]:
        """Forward and backward pass of the rows in memory, a few nodes per call."""
        loaded, storage = self._loaded, self._loaded.storage
        for _ in loaded.in_parts(loaded.forward, loaded.interface.nodes["forward"], 0, rows):
            yield []
            if not self._half_done:
                return
        loss = loaded.loss(rows)
        storage.set("step_loss", storage.get("step_loss") + loss)
        if not math.isfinite(loss):
            return
        for _ in loaded.in_parts(self._backward, loaded.interface.nodes["backward"], rows):
            yield []
            if not self._half_done:
                return

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
            good = self._run_steps(step, 1)
            self._weights_changed()
            if not good:
                self._restore()
                raise FloatingPointError(f"step {step + 1}: the numbers are not finite")
            yield self._loaded.storage.losses(1)
