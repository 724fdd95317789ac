"""What an engine is, and which one to take.

An engine holds a model's weights and computes with them. Trainer, sampler, command line and page
use the two protocols here and do not know which engine they have.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from typing import Protocol

from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights
from microgpt.scalar.engine import ScalarEngine
from microgpt.settings import SettingError, setting

Moments = tuple[list[float], list[float]]  # Adam's running means, flat: (num_params,) each


class Context(Protocol):
    """A document that is being read or written, one token at a time."""

    def feed(self, token: int) -> list[float]:
        """Append `token`; return the logits of the one after it, (vocab_size,)."""

    def rewind(self, position: int) -> None:
        """Forget every token from `position` on."""

    def __len__(self) -> int:
        """How many tokens were fed."""


class Engine(Protocol):
    """A model that can be trained and asked."""

    @property
    def name(self) -> str:
        """What to call it (`scalar`)."""

    @property
    def precision(self) -> str:
        """What numbers it computes with: `f32` or `f64`."""

    @property
    def config(self) -> ModelConfig:
        """The architecture."""

    def prepare(self, documents: Sequence[Sequence[int]], training: TrainConfig) -> None:
        """Get ready to train.

        Args:
            documents: as token ids, in the order to take them in. Step k takes those from number
                `k * batch_size` on, beginning again from the first behind the last.
            training: how to train.
        """

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        """Run the steps from number `first` on; yield the losses as they come.

        A document's loss is the mean over its tokens, a step's the mean over its documents.

        A yield may hold no loss: it is then only a chance to look up, so that a caller who has
        other things to do is never kept waiting for long. Closing the iterator in the middle of a
        step leaves the weights as they were before that step. So does the `FloatingPointError`
        that is raised when a step's numbers grow beyond all bounds.
        """

    def evaluate(self, documents: Sequence[Sequence[int]]) -> Generator[None, None, float]:
        """Return the mean loss of a token of `documents`; yields are chances to look up."""

    def context(self) -> Context:
        """An empty document. It always answers with the weights of the moment."""

    def logits_after(self, documents: Sequence[Sequence[int]]) -> Iterator[list[float]]:
        """What comes after each document, in their order: logits, (vocab_size,) each.

        Quicker than a context for each of them. Their tokens begin with BOS, as those of contexts.
        """

    def weights(self) -> Weights:
        """A copy of the weights."""

    def moments(self) -> Moments:
        """A copy of the optimizer's state (zeros before training)."""

    def restore(self, weights: Weights, moments: Moments | None) -> None:
        """Go on from these weights and this state of the optimizer (None: a fresh one)."""


def create_engine(
    name: str, config: ModelConfig, weights: Weights, precision: str = "f32"
) -> Engine:
    """Make an engine.

    Args:
        name: `wasm` (compiled), `scalar`, or `auto` for the fastest that there is here.
        config: the architecture.
        weights: the initial weights, shaped as `config.shapes` says.
        precision: the compiled engine's numbers, `f32` or `f64`; others use 64 bits.

    Raises:
        SettingError: for a name or a precision that is none, or an engine that is not here.
    """
    setting("precision").check(precision)
    if name not in ("auto", "wasm", "scalar"):
        raise SettingError(f"There is no engine called {name!r}; use auto, wasm or scalar.")
    if name == "scalar":
        return ScalarEngine(config, weights)
    # Imported only now, so that whoever does not compile need not wait for the compiler.
    from microgpt.wasm.runtime.engine import WasmEngine
    from microgpt.wasm.runtime.hosts import find_host

    host = find_host()
    if host is not None:
        return WasmEngine(config, weights, host, precision)
    if name == "auto":
        return ScalarEngine(config, weights)
    raise SettingError(
        "The compiled engine needs WebAssembly with SIMD, which is not here: use the scalar "
        "engine, or on the command line install the package wasmtime."
    )


def can_compile() -> bool:
    """Whether the compiled engine can run here."""
    from microgpt.wasm.runtime.hosts import find_host

    return find_host() is not None


async def compile_ahead(
    name: str, config: ModelConfig, precision: str = "f32", batch_size: int = 1
) -> None:
    """Compile what an engine will run, so that making it later on is quick.

    Args:
        name, config, precision: as of `create_engine`; nothing is compiled for `scalar`.
        batch_size: how many documents a step will learn from.

    Raises:
        SettingError: for a model that no compiled module can hold.
        HostError: for one that cannot run here.
    """
    if name == "scalar":
        return
    import asyncio

    from microgpt.wasm.compiler.compile import compile_model
    from microgpt.wasm.runtime.hosts import find_host

    host = find_host()
    if host is None:
        return
    # Every engine is made for one document at a time; `prepare` goes over to several.
    for batched in sorted({False, batch_size > 1}):
        await asyncio.sleep(0)  # what waits for its turn gets it before and between
        await host.compile(compile_model(config, precision, host.relaxed, batched).bytes)
