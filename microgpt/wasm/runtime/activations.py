"""The results of a forward pass by name: embeddings, residual stream, attention weights, logits."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from operator import mul

from microgpt.scalar.operations import FloatArithmetic, ScalarOperations
from microgpt.wasm.compiler.graph import Node, Symbol
from microgpt.wasm.compiler.memory import split_passes
from microgpt.wasm.runtime.loaded import LoadedModel


class WasmActivations:
    """The activations of some tokens, read from a module's memory when they are asked for.

    Args:
        ready: from tokens to the module with their activations in its memory, computed again if
            the memory was used for something else.
        tokens: the tokens.
    """

    def __init__(
        self, ready: Callable[[Sequence[int]], LoadedModel], tokens: Sequence[int]
    ) -> None:
        self._ready, self._tokens = ready, tokens
        forward, _ = split_passes(ready(tokens).model.graph)
        self._made = {value.name: (value, node) for node in forward for value in node.outputs}

    @property
    def names(self) -> list[str]:
        return [name for name, (value, _) in self._made.items() if value.form != "scalars"]

    def vector(self, name: str, position: int) -> list[float]:
        value, _ = self._find(name, "vectors")
        self._check(position)
        return self._ready(self._tokens).storage.row(value, position)

    def vectors(self, name: str) -> list[list[float]]:
        value, _ = self._find(name, "vectors")
        return self._ready(self._tokens).storage.rows(value, len(self._tokens))

    def attention(self, name: str, position: int) -> list[list[float]]:
        value, node = self._find(name, "weights")
        self._check(position)
        loaded = self._ready(self._tokens)
        if loaded.plan.keeps_attention:
            return loaded.storage.attention(value, position)
        return _recomputed(loaded, node, position)

    def attention_bytes(self, name: str) -> bytes:
        value, _ = self._find(name, "weights")
        n_head, count = value.dimension.n_head, len(self._tokens)
        loaded = self._ready(self._tokens)
        if loaded.plan.keeps_attention:
            return loaded.storage.all_attention(value, count)
        numbers = array("f", bytes(4 * n_head * count * count))
        for position in range(count):
            for head, weights in enumerate(self.attention(name, position)):
                first = (head * count + position) * count
                numbers[first : first + position + 1] = array("f", weights)
        return numbers.tobytes()

    def _find(self, name: str, form: str) -> tuple[Symbol, Node]:
        found = self._made.get(name)
        if found is None or found[0].form != form:
            raise KeyError(f"there is no activation called {name!r} with {form}")
        return found

    def _check(self, position: int) -> None:
        count = len(self._tokens)
        if not 0 <= position < count:
            raise IndexError(f"there are {count} tokens, so there is none at {position}")


def _recomputed(loaded: LoadedModel, node: Node, position: int) -> list[list[float]]:
    """Attention weights that the module has not kept, from queries and keys."""
    query, key, _ = node.inputs
    q = loaded.storage.row(query, position)
    keys = loaded.storage.rows(key, position + 1)
    n_head = query.dimension.n_head
    size = len(q) // n_head
    softmax = ScalarOperations(FloatArithmetic()).softmax
    result = []
    for start in range(0, len(q), size):
        head = slice(start, start + size)
        scores = [size**-0.5 * sum(map(mul, q[head], k[head])) for k in keys]
        result.append(softmax(scores))
    return result
