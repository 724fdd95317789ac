"""The results of a forward pass by name: embeddings, residual stream, attention weights, logits.

The names are the graph's: a product has the name of its weight matrix (`layer0.mlp_fc1`), what is
computed from it that name and the operation's (`layer0.mlp_fc1.relu`), attention that of its layer
(`layer0.attention`, `layer0.attention.weights`).
"""

from __future__ import annotations

from operator import mul

from microgpt.wasm.compiler.compile import CompiledModel
from microgpt.wasm.compiler.graph import Node
from microgpt.wasm.compiler.memory import split_passes
from microgpt.wasm.runtime.storage import Storage

Activation = list[float] | list[list[float]]  # a vector, or attention's weights (n_head, t)


class Activations:
    """The activations of the rows in one instance's memory."""

    def __init__(self, model: CompiledModel, storage: Storage) -> None:
        forward, _ = split_passes(model.graph)
        self._made = {value.name: (value, node) for node in forward for value in node.outputs}
        self._keeps_attention = model.plan.keeps_attention
        self._storage = storage

    @property
    def names(self) -> list[str]:
        """All names, in the order of computation."""
        return [name for name, (value, _) in self._made.items() if value.form != "scalars"]

    def read(self, name: str, count: int) -> Activation:
        """The output of the operation `name` for the last of `count` rows.

        A vector, (size,); attention weights are (n_head, count).

        Raises:
            KeyError: there is no activation of this name.
        """
        if name not in self.names:
            raise KeyError(f"there is no activation called {name!r}")
        value, node = self._made[name]
        if value.form != "weights":
            return self._storage.row(value, count - 1)
        if self._keeps_attention:
            return self._storage.attention(value, count - 1)
        return self._recompute_attention(node, count)

    def _recompute_attention(self, node: Node, count: int) -> list[list[float]]:
        """Attention weights that the module has not kept, from queries and keys."""
        # Imported here, since only the largest models need it.
        from microgpt.scalar.operations import FloatArithmetic, ScalarOperations

        query, key, _ = node.inputs
        q = self._storage.row(query, count - 1)
        keys = [self._storage.row(key, position) for position in range(count)]
        n_head = query.dimension.n_head
        size = len(q) // n_head
        softmax = ScalarOperations(FloatArithmetic()).softmax
        result = []
        for start in range(0, len(q), size):
            head = slice(start, start + size)
            scores = [size**-0.5 * sum(map(mul, q[head], k[head])) for k in keys]
            result.append(softmax(scores))
        return result
