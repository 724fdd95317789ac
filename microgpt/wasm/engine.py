"""The compiled engine: `gpt` as a WebAssembly module, behind the Engine protocol.

It moves weights, documents and losses in and out of the module's memory and says when to compute;
the module does the rest. It knows hosts only by their protocol.
"""

from __future__ import annotations

import struct
import time
from array import array
from collections.abc import Callable, Generator, Iterator, Sequence
from itertools import accumulate, chain

from microgpt.config import ModelConfig, TrainConfig
from microgpt.model import Weights
from microgpt.settings import SettingError
from microgpt.wasm.compiler import compile_model
from microgpt.wasm.hosts import Host, HostError
from microgpt.wasm.memory import LOSSES
from microgpt.wasm.module import PAGE

SLICE = 0.008  # seconds that one call into the module should take
HELD_OUT_AT_ONCE = 8  # documents, at first

Moments = tuple[list[float], list[float]]


class WasmEngine:
    """A model whose weights lie in the memory of a WebAssembly module.

    Args:
        config: the architecture.
        weights: the initial weights, shaped as `config.shapes` says.
        host: what runs the module.
        precision: "f32" or "f64".
        clock: seconds that only ever grow.
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
        self._seconds_a_step = self._seconds_a_document = 0.0
        self._cache = _Cache()
        self._instantiate(batched=False)
        self.restore(weights, None)

    def prepare(self, documents: Sequence[Sequence[int]], training: TrainConfig) -> None:
        batched = training.batch_size > 1
        if batched != self._batched:
            weights = self.weights()
            self._instantiate(batched)
            self.restore(weights, None)
        else:
            zeros = bytes(2 * self._plan.state_size)
            self._instance.write(self._plan.weights + self._plan.state_size, zeros)
        names = ("num_steps", "learning_rate", "beta1", "beta2", "eps")
        for name in names:
            self._set(name, "d", getattr(training, name))
        self._documents_end = self._place_table(documents, self._plan.end, "documents")
        self._set("document_count", "I", len(documents))
        self._set("batch_size", "I", training.batch_size)
        self._held_out: Sequence[Sequence[int]] = ()

    def steps(self, first: int, count: int) -> Iterator[list[float]]:
        done = 0
        while done < count:
            began = self._clock()
            wanted = self._at_once(self._seconds_a_step, LOSSES, count - done)
            self._keep()
            good = self._train(first + done, wanted)
            if good < wanted or not self._sound():
                yield from self._again_step_by_step(first + done, wanted)
            seconds = self._clock() - began
            self._seconds_a_step = seconds / wanted
            done += wanted
            self._cache.clear()
            yield self._losses(wanted)

    def evaluate(self, documents: Sequence[Sequence[int]]) -> Generator[None, None, float]:
        if documents is not self._held_out:
            self._place_table(documents, self._documents_end, "held_out")
            self._set("held_out_count", "I", len(documents))
            self._held_out = documents
        self._cache.clear()
        loss, tokens, done = 0.0, 0, 0
        while done < len(documents):
            began = self._clock()
            left = len(documents) - done
            wanted = min(left, self._at_once(self._seconds_a_document, HELD_OUT_AT_ONCE, left))
            loss += self._evaluate(done, wanted)
            tokens += self._get("tokens_seen", "I")
            self._seconds_a_document = (self._clock() - began) / wanted
            done += wanted
            yield
        if loss - loss != 0:
            raise FloatingPointError("evaluation: the loss is no finite number")
        return loss / tokens

    def context(self) -> WasmContext:
        return WasmContext(self)

    def weights(self) -> Weights:
        state = self._state(0)
        return {name: self._matrix(state, name) for name, _ in self.config.shapes}

    def moments(self) -> Moments:
        first, second = ([], [])
        for flat, place in ((first, 1), (second, 2)):
            state = self._state(place)
            for name, _ in self.config.shapes:
                flat.extend(chain.from_iterable(self._matrix(state, name)))
        return first, second

    def restore(self, weights: Weights, moments: Moments | None) -> None:
        plan = self._plan
        states = [array(self._typecode, bytes(plan.state_size)) for _ in range(3)]
        flat = [iter(moment) for moment in moments] if moments is not None else []
        for name, _ in self.config.shapes:
            start = plan.offsets[name] // plan.tiling.size
            for row, places in zip(weights[name], plan.matrices[name].places, strict=True):
                for number, place in zip(row, places, strict=True):
                    states[0][start + place] = number
                    for state, moment in zip(states[1:], flat, strict=False):
                        state[start + place] = next(moment)
        self._instance.write(plan.weights, b"".join(state.tobytes() for state in states))
        self._refresh()
        self._cache.clear()

    def compute(self, tokens: Sequence[int], wanted: int) -> None:
        """See to it that the first `wanted` rows are those of `tokens`, with today's weights."""
        if wanted > self.config.block_size:
            raise IndexError(f"the context holds {self.config.block_size} tokens, not {wanted}")
        self._check_tokens(*tokens[:wanted])
        known = self._cache.common(tokens[:wanted])
        if known == wanted:
            return
        fresh = range(known, wanted)
        columns = {
            "token": [tokens[row] for row in fresh],
            "position": list(fresh),
            "start": [0] * len(fresh),
            "end": [self.config.block_size] * len(fresh),
        }
        for name, numbers in columns.items():
            address = self._plan.row_arrays[name] + 8 * known
            self._instance.write(address, array("q", numbers).tobytes())
        self._forward(known, len(fresh))
        self._cache.hold(tokens[:wanted])

    def row(self, name: str, position: int) -> list[float]:
        """What the operation called `name` made of one position, after `compute`."""
        value = self._values[name]
        layout = self._plan.layout(value)
        address = self._plan.addresses[value] + position * layout.stride
        numbers = self._read(address, layout.width)
        return [numbers[place] for place in layout.positions]

    @property
    def logits_name(self) -> str:
        """What the logits are called."""
        return self._model.logits.name

    def _instantiate(self, batched: bool) -> None:
        self._batched = batched
        model = compile_model(self.config, self.precision, self._host.relaxed, batched)
        self._model, self._plan = model, model.plan
        self._typecode = {"f32": "f", "f64": "d"}[self.precision]
        try:
            self._instance = instance = self._host.instantiate(model.bytes)
        except HostError as error:
            raise SettingError(str(error)) from error
        self._pages = model.module.pages
        self._values = {value.name: value for node in model.graph.nodes for value in node.outputs}
        self._train, self._evaluate = instance.bind("train"), instance.bind("evaluate")
        self._forward, self._refresh = instance.bind("forward"), instance.bind("refresh")
        self._keep, self._recall = instance.bind("keep"), instance.bind("recall")
        self._sound = instance.bind("sound")

    def _at_once(self, seconds: float, first: int, most: int) -> int:
        """How many steps or documents fit a slice."""
        if not seconds:
            return 1
        return max(1, min(most, first, int(SLICE / seconds)))

    def _again_step_by_step(self, first: int, count: int) -> Iterator[list[float]]:
        """Go back, repeat the good steps, and raise where they end."""
        self._recall()
        self._cache.clear()
        for step in range(first, first + count):
            self._keep()
            if self._train(step, 1) != 1 or not self._sound():
                self._recall()
                raise FloatingPointError(f"step {step + 1}: the numbers are not finite")
            yield self._losses(1)

    def _losses(self, count: int) -> list[float]:
        return array("d", self._instance.read(self._plan.losses, 8 * count)).tolist()

    def _place_table(self, documents: Sequence[Sequence[int]], address: int, name: str) -> int:
        """Write documents to memory; give back where they end."""
        shortest = min(map(len, documents), default=0)
        if shortest < 2:
            raise ValueError(f"a document needs two tokens to learn from, but has {shortest}")
        self._check_tokens(max(map(max, documents)), min(map(min, documents)))
        starts = array("I", accumulate(map(len, documents), initial=0))
        tokens = array("H", chain.from_iterable(documents))
        data = starts.tobytes() + tokens.tobytes()
        address = -(-address // 8) * 8
        end = address + len(data) + 8
        missing = -(-end // PAGE) - self._pages
        if missing > 0:
            if self._instance.bind("grow")(missing) == -1:
                raise SettingError(
                    f"There is no memory for the texts and the model: {end / 1e6:.0f} MB are needed."
                )
            self._pages += missing
        self._instance.write(address, data)
        self._set(name, "I", address)
        return end

    def _check_tokens(self, *tokens: int) -> None:
        """The module would compute with whatever lies behind its tables."""
        for token in tokens:
            if not 0 <= token < self.config.vocab_size:
                raise IndexError(f"there is no token {token}, only {self.config.vocab_size}")

    def _set(self, field: str, form: str, value: float) -> None:
        self._instance.write(self._plan.control[field], struct.pack(f"<{form}", value))

    def _get(self, field: str, form: str) -> int:
        raw = self._instance.read(self._plan.control[field], struct.calcsize(f"<{form}"))
        value: int = struct.unpack(f"<{form}", raw)[0]
        return value

    def _read(self, address: int, count: int) -> array[float]:
        return array(self._typecode, self._instance.read(address, count * self._plan.tiling.size))

    def _state(self, place: int) -> array[float]:
        """All weights (place 0) or their first or second moments, as they lie in memory."""
        plan = self._plan
        address = plan.weights + place * plan.state_size
        return self._read(address, plan.state_size // plan.tiling.size)

    def _matrix(self, state: array[float], name: str) -> list[list[float]]:
        plan = self._plan
        start = plan.offsets[name] // plan.tiling.size
        return [[state[start + place] for place in row] for row in plan.matrices[name].places]


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
        self._tokens.append(token)
        return self.activation(self._engine.logits_name, len(self._tokens) - 1)

    def rewind(self, position: int) -> None:
        del self._tokens[position:]

    def activation(self, name: str, position: int) -> list[float]:
        """What the operation called `name` made of the token at `position`."""
        self._engine.compute(self._tokens, len(self._tokens))
        return self._engine.row(name, position)


class _Cache:
    """Which tokens the rows in memory belong to."""

    def __init__(self) -> None:
        self._tokens: list[int] = []

    def clear(self) -> None:
        self._tokens = []

    def hold(self, tokens: Sequence[int]) -> None:
        self._tokens = list(tokens)

    def common(self, tokens: Sequence[int]) -> int:
        """How many of the first tokens are the same."""
        pairs = zip(self._tokens, tokens, strict=False)
        return next(
            (place for place, (one, other) in enumerate(pairs) if one != other),
            min(len(self._tokens), len(tokens)),
        )
