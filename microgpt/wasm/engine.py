"""The compiled engine: `gpt` as a WebAssembly module, behind the Engine protocol.

It says when to compute and how much at a time; the module does the rest. It knows hosts only by
their protocol.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager

from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights
from microgpt.settings import SettingError
from microgpt.wasm.compiler import compile_model
from microgpt.wasm.graph import Value
from microgpt.wasm.hosts import Host, HostError
from microgpt.wasm.memory import LOSSES, split
from microgpt.wasm.storage import Moments, Storage

SLICE = 0.008  # seconds that one call into the module should take
SHORTEST = 1e-4  # seconds that a browser's clock can tell apart
MOST_GROWTH = 16  # from one call to the next


class WasmEngine:
    """A model whose weights lie in the memory of a WebAssembly module.

    Args:
        config: the architecture.
        weights: the initial weights, shaped as `config.shapes` says.
        host: what runs the module.
        precision: "f32" or "f64".
        clock: seconds that only ever grow.

    Raises:
        SettingError: where the model is too large for the memory that there is.
    """

    name = "wasm"

    def __init__(
        self,
        config: ModelConfig,
        weights: Weights,
        host: Host,
        precision: str = "f32",
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self.config = config
        self.precision = precision
        self._host, self._clock = host, clock
        self._known: list[int] = []  # the tokens whose rows are in memory
        self._held_out: Sequence[Sequence[int]] | None = None  # those that are in memory
        self._instantiate(batched=False)
        self.restore(weights, None)

    def prepare(self, documents: Sequence[Sequence[int]], training: TrainConfig) -> None:
        self._check(documents)
        batched = training.batch_size > 1
        if batched != self._batched:
            weights = self.weights()
            self._instantiate(batched)
            self.restore(weights, None)
        else:
            self._storage.forget_moments()
        storage = self._storage
        for field in ("num_steps", "learning_rate", "beta1", "beta2", "eps", "batch_size"):
            storage.set(field, getattr(training, field))
        self._documents_end = storage.place_documents("documents", documents, self._plan.end)
        storage.set("document_count", len(documents))
        self._held_out = None

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        step, stop = first, first + count
        while step < stop:
            wanted = self._step_pace.fitting(min(LOSSES, stop - step))
            with self._step_pace.timed(wanted):
                self._keep()
                good = self._train(step, wanted) == wanted and self._sound()
            self._known = []
            if good:
                yield self._storage.losses(wanted)
            else:
                yield from self._again_one_by_one(step, wanted)
            step += wanted

    def evaluate(self, documents: Sequence[Sequence[int]]) -> Generator[None, None, float]:
        if documents is not self._held_out:
            self._check(documents)
            self._storage.place_documents("held_out", documents, self._documents_end)
            self._storage.set("held_out_count", len(documents))
            self._held_out = documents
        loss, tokens, done = 0.0, 0, 0
        while done < len(documents):
            wanted = self._document_pace.fitting(len(documents) - done)
            with self._document_pace.timed(wanted):
                part = self._evaluate(done, wanted)
            loss += part or 0.0
            self._known = []
            tokens += self._storage.get("tokens_seen")
            done += wanted
            yield
        if not math.isfinite(loss):
            raise FloatingPointError("evaluation: the loss is no finite number")
        return loss / tokens

    def context(self) -> WasmContext:
        return WasmContext(self)

    def weights(self) -> Weights:
        return self._storage.weights()

    def moments(self) -> Moments:
        return self._storage.moments()

    def restore(self, weights: Weights, moments: Moments | None) -> None:
        self._storage.set_state(weights, moments)
        self._refresh()
        self._known = []

    def logits(self, tokens: Sequence[int]) -> list[float]:
        """What comes after `tokens`, (vocab_size,)."""
        self._compute(tokens)
        return self._storage.row(self._model.logits, len(tokens) - 1)

    def activation(self, name: str, tokens: Sequence[int]) -> list[float] | list[list[float]]:
        """What the operation called `name` made of the last one of `tokens`.

        A vector, (size,), or where attention's weights are meant, (n_head, len(tokens)).

        Raises:
            KeyError: where there is no operation of this name; `activations` has them all.
        """
        value = self.activations[name]
        self._compute(tokens)
        if value.form == "weights":
            return self._storage.attention(value, len(tokens) - 1)
        return self._storage.row(value, len(tokens) - 1)

    @property
    def activations(self) -> dict[str, Value]:
        """What can be read by name: all that the forward pass makes."""
        forward, _ = split(self._model.graph)
        made = (value for node in forward for value in node.outputs)
        return {value.name: value for value in made if value.form != "scalars"}

    def _compute(self, tokens: Sequence[int]) -> None:
        """See to it that the rows in memory are those of `tokens`, with today's weights."""
        if len(tokens) > self.config.block_size:
            raise IndexError(f"the context holds {self.config.block_size} tokens, not more")
        self._check([tokens], shortest=1)
        known = _common(self._known, tokens)
        fresh = range(known, len(tokens))
        if not fresh:
            return
        columns = {
            "token": tokens[known:],
            "position": fresh,
            "start": [0] * len(fresh),
            "end": [len(tokens)] * len(fresh),
        }
        self._storage.set_rows(known, columns)
        self._forward(known, len(fresh))
        self._known = list(tokens)

    def _instantiate(self, batched: bool) -> None:
        self._batched = batched
        self._model = compile_model(self.config, self.precision, self._host.relaxed, batched)
        self._plan = self._model.plan
        try:
            instance = self._host.instantiate(self._model.bytes)
        except HostError as error:
            raise SettingError(str(error)) from error
        self._storage = Storage(self._model, instance)
        self._train, self._evaluate = instance.bind("train"), instance.bind("evaluate")
        self._forward, self._refresh = instance.bind("forward"), instance.bind("refresh")
        self._keep, self._recall = instance.bind("keep"), instance.bind("recall")
        self._sound = instance.bind("sound")
        self._step_pace, self._document_pace = _Pace(self._clock), _Pace(self._clock)

    def _again_one_by_one(self, first: int, count: int) -> Iterator[list[float]]:
        """Go back, repeat the good steps, and raise where they end."""
        self._recall()
        for step in range(first, first + count):
            self._keep()
            if self._train(step, 1) != 1 or not self._sound():
                self._recall()
                self._known = []
                raise FloatingPointError(f"step {step + 1}: the numbers are not finite")
            yield self._storage.losses(1)

    def _check(self, documents: Sequence[Sequence[int]], shortest: int = 2) -> None:
        """The module itself would compute with whatever lies behind its tables."""
        for document in documents:
            if len(document) < shortest:
                raise ValueError(f"a document needs {shortest} tokens, but has {len(document)}")
            if not 0 <= min(document) <= max(document) < self.config.vocab_size:
                raise IndexError(f"there are {self.config.vocab_size} tokens, from 0 on")


class WasmContext:
    """A document under the compiled engine.

    All contexts share the rows in the module's memory: whoever comes with other tokens, or after
    the weights have changed, has what is missing computed again.
    """

    def __init__(self, engine: WasmEngine) -> None:
        self._engine = engine
        self._tokens: list[int] = []

    def __len__(self) -> int:
        return len(self._tokens)

    def feed(self, token: int) -> list[float]:
        logits = self._engine.logits([*self._tokens, token])
        self._tokens.append(token)
        return logits

    def rewind(self, position: int) -> None:
        del self._tokens[position:]

    def activation(self, name: str, position: int) -> list[float] | list[list[float]]:
        """What the operation called `name` made of the token at `position`."""
        return self._engine.activation(name, self._tokens[: position + 1])


class _Pace:
    """How much fits a slice of time, by how long the last call took."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._fits = 1

    def fitting(self, most: int) -> int:
        """How much to do in the next call."""
        return min(self._fits, most)

    @contextmanager
    def timed(self, count: int) -> Iterator[None]:
        """Around a call that does `count`."""
        began = self._clock()
        yield
        seconds = max(self._clock() - began, SHORTEST)
        self._fits = max(1, min(int(SLICE / seconds * count), MOST_GROWTH * count))


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    """With how many equal tokens both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))
