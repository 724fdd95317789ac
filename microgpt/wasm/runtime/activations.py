"""The results of a forward pass by name: embeddings, residual stream, attention weights, logits.

The names are the graph's: a product has the name of its weight matrix (`layer0.mlp_fc1`), what is
computed from it that name and the operation's (`layer0.mlp_fc1.relu`), attention that of its layer
(`layer0.attention`, `layer0.attention.weights`).
"""

from __future__ import annotations

from operator import mul

from microgpt.wasm.compiler.interface import Interface
from microgpt.wasm.runtime.storage import Storage

Activation = list[float] | list[list[float]]  # a vector, or attention's weights (n_head, t)


class Activations:
    """The activations of the rows in one instance's memory."""

    def __init__(self, interface: Interface, storage: Storage) -> None:
        self._interface, self._storage = interface, storage

    @property
    def names(self) -> list[str]:
        """All names, in the order of computation."""
        return self._interface.names[:]

    def read(self, name: str, count: int) -> Activation:
        """The output of the operation `name` for the last of `count` rows.

        A vector, (size,); attention weights are (n_head, count).

        Raises:
            KeyError: there is no activation of this name.
        """
        if name in self._interface.values:
            return self._storage.row(name, count - 1)
        if name in self._interface.attention:
            return self._storage.attention(name, count - 1)
        if name in self._interface.attention_inputs:
            return self._recompute_attention(name, count)
        raise KeyError(f"there is no activation called {name!r}")

    def _recompute_attention(self, name: str, count: int) -> list[list[float]]:
        """Attention weights that the module has not kept, from queries and keys."""
        # Imported here, since only the largest models need it.
        from microgpt.scalar.operations import FloatArithmetic, ScalarOperations

        query, key = self._interface.attention_inputs[name]
        q = self._storage.row(query, count - 1)
        keys = [self._storage.row(key, position) for position in range(count)]
        _, _, n_head = self._interface.values[query]
        size = len(q) // n_head
        softmax = ScalarOperations(FloatArithmetic()).softmax
        result = []
        for start in range(0, len(q), size):
            head = slice(start, start + size)
            scores = [size**-0.5 * sum(map(mul, q[head], k[head])) for k in keys]
            result.append(softmax(scores))
        return result
