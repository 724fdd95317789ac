"""What an engine is, and how to choose one.

An engine holds a model's weights and computes with them. Trainer, sampler, command line and page
use the protocols here and do not know which engine they have.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Protocol

from microgpt.activations import Activations, Patches
from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights
from microgpt.optimizer import ADAM, Optimizer, OptimizerState
from microgpt.segments import Segment
from microgpt.settings import SettingError, setting


class Context(Protocol):
    """A document that is read or written one token at a time."""

    def feed(self, token: int) -> list[float]:
        """Append `token`; return the logits of the next token, (vocab_size,)."""

    def rewind(self, position: int) -> None:
        """Forget every token from `position` on."""

    def __len__(self) -> int:
        """The number of tokens fed."""


class LanguageModel(Protocol):
    """A model that can be asked."""

    @property
    def name(self) -> str:
        """Its name: `scalar`, `wasm` or `jax`."""

    @property
    def precision(self) -> str:
        """The numbers it computes with: `f32`, `f64` or `bf16`."""

    @property
    def config(self) -> ModelConfig:
        """The architecture."""

    def evaluate(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> Generator[None, None, float]:
        """Return the mean loss per token of `documents`; each yield is a yield point.

        Args:
            documents: as token ids.
            counted_from: for each document the position from which on its predictions count, at
                least one; empty if all count.
        """

    def context(self) -> Context:
        """An empty document. Its logits are always those of the current weights."""

    def logits_after(self, documents: Sequence[Sequence[int]]) -> Iterator[list[float]]:
        """The logits of the token after each document, in order, (vocab_size,) each.

        Faster than a context for each. The documents begin with BOS, as in contexts.
        """

    def activations(self, tokens: Sequence[int]) -> Activations:
        """The named results of a forward pass over `tokens`, which begin with BOS."""


class Engine(LanguageModel, Protocol):
    """A model that can be trained as well."""

    def prepare(
        self,
        documents: Sequence[Sequence[int]],
        training: TrainConfig,
        counted_from: Sequence[int] = (),
    ) -> None:
        """Prepare for training with a fresh optimizer, and begin the first segment.

        Args:
            documents: as token ids, in training order; see `set_documents`.
            training: how to train.
            counted_from: for each document the position from which on its predictions count, at
                least one; empty if all count.
        """

    def set_documents(
        self, documents: Sequence[Sequence[int]], counted_from: Sequence[int] = ()
    ) -> None:
        """Train on these documents from now on; arguments as of `prepare`.

        A step takes `batch_size` of them, from the one on that its segment says; after the last
        comes the first again.
        """

    def begin_segment(self, segment: Segment) -> None:
        """Train with the settings of a segment from now on; the weights stay.

        The optimizer's state stays too, unless the segment has another optimizer: that one is
        fresh. Nothing happens if this is the current segment.
        """

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        """Run the steps from number `first` on; yield the losses as they come.

        A document's loss is the mean over its tokens that count, a step's the mean over its
        documents.

        A yield without a loss is only a yield point, so that a caller with other work never waits
        long. Closing the iterator in the middle of a step leaves the weights as they were before
        that step.

        Raises:
            FloatingPointError: training diverged: a number in a step is not finite. The weights are
                those before that step.
        """

    def patched(self, patches: Patches) -> LanguageModel:
        """This model with some activations changed; without patches the model itself.

        It follows the current weights, as contexts do. Making one is cheap after the first.

        Raises:
            KeyError: a patch is of no activation that is a vector.
            ValueError: a patch has not the size of its activation.
            SettingError: there is no memory for a patched model.
        """

    def weights(self) -> Weights:
        """A copy of the weights."""

    def optimizer_state(self) -> OptimizerState:
        """A copy of the optimizer's state (zeros before training)."""

    def restore(self, weights: Weights, state: OptimizerState | None) -> None:
        """Continue from these weights and this state of the optimizer (None: a fresh one)."""

    @property
    def state_format(self) -> str:
        """Equal for engines that can load each other's `saved_state`."""

    def saved_state(self) -> bytes:
        """The weights and the optimizer's state as they lie in memory: a copy, and nothing more."""

    def load_state(self, state: bytes) -> None:
        """Continue from what `saved_state` returned, while the optimizer was this one."""


def create_engine(
    name: str,
    config: ModelConfig,
    weights: Weights,
    precision: str = "f32",
    optimizer: Optimizer = ADAM,
) -> Engine:
    """Make an engine.

    Args:
        name: `wasm` (compiled), `scalar`, or `auto` for the fastest one available.
        config: the architecture.
        weights: the initial weights, in the shapes of `config.shapes`.
        precision: the compiled engine's numbers, `f32` or `f64`; the scalar engine uses 64 bits.
        optimizer: how the weights are updated at first; `prepare` may change that.

    Raises:
        SettingError: the name or the precision does not exist, or the engine is not available.
    """
    if name == "jax":
        raise SettingError(
            "The engine jax trains and writes, and nothing else: use auto, wasm or scalar here."
        )
    setting("precision").check(precision)
    if name not in ("auto", "wasm", "scalar"):
        raise SettingError(f"There is no engine called {name!r}; use auto, wasm or scalar.")
    # Each engine is imported here, so that nobody waits for one that is not used.
    if name != "scalar":
        from microgpt.wasm.runtime.hosts import find_host

        host = find_host()
        if host is not None:
            from microgpt.wasm.runtime.engine import WasmEngine

            return WasmEngine(config, weights, host, precision, optimizer)
        if name == "wasm":
            raise SettingError(
                "The compiled engine needs WebAssembly with SIMD, which is not here: use the "
                "scalar engine, or on the command line install the package wasmtime."
            )
    from microgpt.scalar.engine import ScalarEngine

    return ScalarEngine(config, weights, optimizer)


def can_compile() -> bool:
    """Whether the compiled engine can run here."""
    from microgpt.wasm.runtime.hosts import find_host

    return find_host() is not None


async def compile_ahead(
    name: str, config: ModelConfig, precision: str = "f32", optimizer: Optimizer = ADAM
) -> None:
    """Compile what an engine will run, so that creating it later is fast.

    Args:
        name, config, precision, optimizer: as for `create_engine`; nothing is compiled for
            `scalar`.

    Raises:
        SettingError: the model does not fit into a module.
        HostError: the module cannot run here.
    """
    if name == "scalar":
        return
    from microgpt.wasm.compiler.compile import compile_model
    from microgpt.wasm.runtime.hosts import find_host

    host = find_host()
    if host is not None:
        model = compile_model(config, precision, host.relaxed, optimizer=optimizer)
        await host.compile(model.bytes)
