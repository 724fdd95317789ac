"""A compiled model that is asked: losses, contexts, logits and activations, out of its memory.

It decides how much is computed per call; the module does the rest.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator, Sequence

from microgpt.config import ModelConfig
from microgpt.wasm.runtime.activations import WasmActivations
from microgpt.wasm.runtime.context import (
    WasmContext,
    check_contexts,
    check_counted,
    check_documents,
    common_prefix_length,
    fitting_prefix,
)
from microgpt.wasm.runtime.loaded import LoadedModel

# What takes more operations may take longer than one call should, and is divided into several.
LARGE_OPERATIONS = 6e7


def is_large(operations: float) -> bool:
    """Whether this number of operations is divided into several calls."""
    return operations > LARGE_OPERATIONS


class WasmReader:
    """What can be asked of a model in the memory of a module.

    Args:
        config: the architecture.
        precision: "f32" or "f64".
        loaded: the module.
    """

    name = "wasm"

    def __init__(self, config: ModelConfig, precision: str, loaded: LoadedModel) -> None:
        self.config, self.precision = config, precision
        self._loaded = loaded

    def evaluate(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> Generator[None, None, float]:
        if documents is not self._loaded.held_out:
            check_documents(documents, self.config)
        check_counted(documents, counted_from, self.config)
        loss, tokens, done = 0.0, 0, 0
        while done < len(documents):
            self._bring_up_to_date()
            self._place(documents, counted_from)
            loaded = self._loaded
            if self._large:
                part = yield from self._loss_in_parts(documents, counted_from, done)
                loss, tokens, done = loss + part[0], tokens + part[1], done + 1
                continue
            wanted = loaded.document_pace.fitting(len(documents) - done)
            loaded.storage.set("held_out_loss", loss)
            loaded.storage.set("tokens_seen", tokens)
            loaded.take_rows()
            with loaded.document_pace.timed(wanted):
                loaded.evaluate(done, done + wanted)
            done += wanted
            loss, tokens = loaded.storage.get("held_out_loss"), loaded.storage.get("tokens_seen")
            yield
        if not math.isfinite(loss):
            raise FloatingPointError("evaluation: the loss is not a finite number")
        return loss / tokens

    def context(self) -> WasmContext:
        return WasmContext(self.logits)

    def logits_after(self, documents: Sequence[Sequence[int]]) -> Iterator[list[float]]:
        check_contexts(documents, self.config)
        done = 0
        while done < len(documents):
            loaded = self._loaded
            wanted = loaded.document_pace.fitting(len(documents) - done)
            together = fitting_prefix(documents[done : done + wanted], loaded.interface.capacity)
            with loaded.document_pace.timed(len(together)):
                logits = self._logits_of(together)
            yield from logits
            done += len(together)

    def activations(self, tokens: Sequence[int]) -> WasmActivations:
        self._compute(tokens)
        return WasmActivations(self._ready, tuple(tokens))

    def logits(self, tokens: Sequence[int]) -> list[float]:
        """The logits of the token after `tokens`, (vocab_size,)."""
        self._compute(tokens)
        return self._loaded.storage.row(self._loaded.interface.logits, len(tokens) - 1)

    @property
    def _large(self) -> bool:
        """Whether a document takes several calls."""
        return is_large(2 * self.config.num_params * self.config.block_size)

    def _bring_up_to_date(self) -> None:
        """Make the module's memory that of this model at this moment."""

    def _ready(self, tokens: Sequence[int]) -> LoadedModel:
        """The module, with the activations of `tokens` in its memory."""
        self._compute(tokens)
        return self._loaded

    def _place(self, documents: Sequence[Sequence[int]], counted_from: Sequence[int]) -> None:
        """Make these the held-out documents in memory."""
        loaded = self._loaded
        if documents is not loaded.held_out or counted_from != loaded.held_out_counted_from:
            place = ("held_out", documents, counted_from, loaded.documents_end)
            loaded.storage.place_documents(*place)
            loaded.storage.set("held_out_count", len(documents))
            loaded.held_out, loaded.held_out_counted_from = documents, counted_from

    def _logits_of(self, documents: Sequence[Sequence[int]]) -> list[list[float]]:
        """The logits after documents whose rows all fit into memory."""
        self._bring_up_to_date()
        loaded = self._loaded
        ends = loaded.storage.set_contexts(documents)
        loaded.take_rows(documents[0])
        loaded.forward(0, ends[-1], 0, loaded.interface.nodes["forward"])
        return [loaded.storage.row(loaded.interface.logits, end - 1) for end in ends]

    def _compute(self, tokens: Sequence[int]) -> None:
        """Make the rows in memory those of `tokens`, with the current weights."""
        check_contexts([tokens], self.config)
        self._bring_up_to_date()
        loaded = self._loaded
        known = common_prefix_length(loaded.computed, tokens)
        if known < len(tokens):
            loaded.storage.set_context(known, tokens[known:])
            loaded.take_rows(tokens)
            loaded.read_on()

    def _loss_in_parts(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int], number: int
    ) -> Generator[None, None, tuple[float, int]]:
        """The summed loss of one of the held-out documents, and how many of its tokens count."""
        while True:
            self._bring_up_to_date()
            self._place(documents, counted_from)
            loaded = self._loaded
            use = loaded.take_rows()
            loaded.fill_rows(0, number, number + 1, 0)
            rows = loaded.storage.get("rows")
            for _ in loaded.in_parts(loaded.forward, loaded.interface.nodes["forward"], 0, rows):
                yield
                if loaded.use is not use or loaded is not self._loaded:  # somebody used the rows
                    break
            else:
                loss: float = loaded.loss(rows)
                return loss, loaded.storage.get("counted_rows")
