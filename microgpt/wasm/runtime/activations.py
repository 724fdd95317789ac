"""What a forward pass has made, by name: embeddings, residual stream, attention weights, logits.

The names are the graph's: a product is called after its weight matrix (`layer0.mlp_fc1`), what is
made of a value after that (`layer0.mlp_fc1.relu`), attention after its layer (`layer0.attention`,
`layer0.attention.weights`). It knows the graph and the storage; not when to compute.
"""

from __future__ import annotations

from operator import mul

from microgpt.scalar.operations import FloatArithmetic, ScalarOperations
from microgpt.wasm.compiler.compile import CompiledModel
from microgpt.wasm.compiler.graph import Node
from microgpt.wasm.compiler.memory import split
from microgpt.wasm.runtime.storage import Storage

Activation = list[float] | list[list[float]]  # a vector, or attention's weights (n_head, t)


class Activations:
    """What can be read of one instance's rows."""

    def __init__(self, model: CompiledModel, storage: Storage) -> None:
        forward, _ = split(model.graph)
        self._made = {value.name: (value, node) for node in forward for value in node.outputs}
        self._keeps_attention = model.plan.keeps_attention
        self._storage = storage

    @property
    def names(self) -> list[str]:
        """What there is, in the order in which it is made."""
        return [name for name, (value, _) in self._made.items() if value.form != "scalars"]

    def read(self, name: str, count: int) -> Activation:
        """What the operation called `name` made of the last one of `count` rows.

        A vector, (size,), or where attention's weights are meant, (n_head, count).

        Raises:
            KeyError: there is nothing of this name.
        """
        if name not in self.names:
            raise KeyError(f"there is no activation called {name!r}")
        value, node = self._made[name]
        if value.form != "weights":
            return self._storage.row(value, count - 1)
        if self._keeps_attention:
            return self._storage.attention(value, count - 1)
        return self._attention_again(node, count)

    def _attention_again(self, node: Node, count: int) -> list[list[float]]:
        """Attention weights that the module has not kept, from the queries and keys."""
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
