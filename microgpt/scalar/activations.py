"""The results of a forward pass by name under the scalar engine, and how some are changed."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from microgpt.activations import Patch, Patches, check_patches
from microgpt.config import ModelConfig
from microgpt.scalar.operations import (
    FloatArithmetic,
    LayerCache,
    ScalarOperations,
    window_begin,
)


class NamedOperations(ScalarOperations[float]):
    """The operations on floats, each result under its name: the k-th is that of the k-th node.

    Args:
        nodes: the names of what each operation of the model makes, in order: a vector, and for
            attention its weights.
        patches: changes of the vectors, by name.

    `made` holds the vectors of one token by name, `weights` its attention weights, (n_head, t).
    """

    def __init__(self, nodes: Sequence[Sequence[str]], patches: Patches) -> None:
        super().__init__(FloatArithmetic())
        self._nodes, self._patches = nodes, patches
        self.names = [name for node in nodes for name in node]
        self.restart()

    def restart(self) -> None:
        """Begin with another token."""
        self._done = 0
        self.made: dict[str, list[float]] = {}
        self.weights: dict[str, list[list[float]]] = {}

    def apply(self, name: str, /, *vectors: list[float], **parameters: Any) -> list[float]:
        return self._keep(super().apply(name, *vectors, **parameters))

    def embed(self, table: list[list[float]], index: int) -> list[float]:
        return self._keep(super().embed(table, index))

    def linear(self, x: list[float], weight: list[list[float]]) -> list[float]:
        return self._keep(super().linear(x, weight))

    def attention(
        self,
        q: list[float],
        k: list[float],
        v: list[float],
        n_head: int,
        cache: LayerCache[float],
        *,
        window: int = 0,
        alibi: bool = False,
    ) -> list[float]:
        result = super().attention(q, k, v, n_head, cache, window=window, alibi=alibi)
        name = self._nodes[self._done][1]
        self.weights[name] = weights_by_head(q, cache.keys, n_head, window, alibi)
        return self._keep(result)

    def _keep(self, result: list[float]) -> list[float]:
        name = self._nodes[self._done][0]
        self._done += 1
        patch = self._patches.get(name)
        self.made[name] = result if patch is None else _patched(result, patch)
        return self.made[name]


class ScalarActivations:
    """The named results of a forward pass.

    Args:
        names: in order of computation.
        made: the vectors by name, for each token.
        weights: attention's weights by name, for each token.
    """

    def __init__(
        self,
        names: list[str],
        made: list[dict[str, list[float]]],
        weights: list[dict[str, list[list[float]]]],
    ) -> None:
        self.names = names
        self._made, self._weights = made, weights

    def vector(self, name: str, position: int) -> list[float]:
        self._check(position)
        return self._made[position][name][:]

    def vectors(self, name: str) -> list[list[float]]:
        return [made[name][:] for made in self._made]

    def attention(self, name: str, position: int) -> list[list[float]]:
        self._check(position)
        return [row[:] for row in self._weights[position][name]]

    def attention_bytes(self, name: str) -> bytes:
        count = len(self._weights)
        numbers = array("f")
        for head in range(len(self._weights[0][name])):
            for weights in self._weights:
                row = weights[name][head]
                numbers.extend([*row, *[0.0] * (count - len(row))])
        return numbers.tobytes()

    def _check(self, position: int) -> None:
        if not 0 <= position < len(self._made):
            raise IndexError(f"there are {len(self._made)} tokens, so there is none at {position}")


def weights_by_head(
    q: list[float], keys: list[list[float]], n_head: int, window: int = 0, alibi: bool = False
) -> list[list[float]]:
    """The attention weights of the newest token, (n_head, t): 0 for what its window leaves out."""
    begin = window_begin(len(keys), window)
    ops = ScalarOperations(FloatArithmetic())
    heads = ops.attention_weights(q, keys[begin:], n_head, alibi)
    return [[0.0] * begin + weights for weights in heads]


def named_operations(config: ModelConfig, patches: Patches) -> NamedOperations:
    """Operations that name and patch what the model computes; raises as `check_patches` does."""
    # Imported here, so that nobody who only trains waits for it.
    from microgpt.wasm.compiler.trace import trace

    graph, _ = trace(config)
    kept = [[value for value in node.outputs if value.form != "scalars"] for node in graph.nodes]
    vectors = [value for node in kept for value in node if value.form == "vectors"]
    check_patches(patches, {value.name: value.dimension.size for value in vectors})
    return NamedOperations([[value.name for value in node] for node in kept], patches)


def _patched(vector: list[float], patch: Patch) -> list[float]:
    numbers = zip(vector, patch.keep, patch.add, strict=True)
    return [number * keep + add for number, keep, add in numbers]
