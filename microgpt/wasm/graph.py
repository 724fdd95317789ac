"""The small intermediate form: a model, and its gradient, as a list of operations on vectors.

A value is a matrix with a row for each position of a document; an operation makes values from
values and weights. The form can be printed and checked, and knows nothing of memory or of
WebAssembly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field


class GraphError(ValueError):
    """The operations do not fit together."""


class Dimension:
    """How many numbers a vector has, and how they are shared out to attention heads.

    Vectors that meet element by element are of one dimension: `unify` makes two into one.
    """

    def __init__(self, size: int, n_head: int | None = None) -> None:
        self._size = size
        self._n_head = n_head  # None: nobody has asked yet
        self._same_as: Dimension | None = None

    @property
    def root(self) -> Dimension:
        """The one that stands for all that were made one."""
        dimension = self
        while dimension._same_as is not None:
            dimension = dimension._same_as
        return dimension

    @property
    def size(self) -> int:
        """How many numbers."""
        return self.root._size

    @property
    def n_head(self) -> int:
        """How many heads share them; 1 means that they lie in their own order."""
        return self.root._n_head or 1

    def unify(self, other: Dimension) -> None:
        """Make the two one. Raises `GraphError` where they cannot be."""
        one, two = self.root, other.root
        if one is two:
            return
        if one._size != two._size:
            raise GraphError(f"a vector of {one._size} numbers cannot meet one of {two._size}")
        if one._n_head and two._n_head and one._n_head != two._n_head:
            raise GraphError(
                f"one vector cannot be shared out to {one._n_head} heads and to {two._n_head}"
            )
        one._n_head = one._n_head or two._n_head
        two._same_as = one


@dataclass(eq=False, slots=True)
class Value:
    """What an operation makes.

    `form` is "vectors", one of `dimension` a position; "scalars", one number a position; or
    "weights", an attention weight for each position, earlier position and head.
    """

    name: str
    dimension: Dimension
    form: str = "vectors"


@dataclass(eq=False, slots=True)
class Node:
    """One operation."""

    op: str
    inputs: tuple[Value, ...]
    outputs: tuple[Value, ...] = ()
    weight: str = ""  # the matrix that it works with
    index: str = ""  # of an embedding: which row, "token" or "position"
    source: str = ""  # the line of Python that it came from

    def __str__(self) -> str:
        made = ", ".join(f"{v.name} ({v.dimension.size})" for v in self.outputs)
        used = [value.name for value in self.inputs]
        if self.weight:
            used.append(f"[{self.weight}]")
        if self.index:
            used.append(self.index)
        return f"{made + ' = ' if made else ''}{self.op}({', '.join(used)})"


@dataclass(eq=False, slots=True)
class Weight:
    """A matrix of weights, (rows, columns), and how often each kind of operation uses it."""

    name: str
    rows: Dimension
    columns: Dimension
    uses: list[str] = field(default_factory=list)


class Graph:
    """Operations in their order; `str` prints them, one a line.

    Args:
        shapes: the weights, as `ModelConfig.shapes` gives them.
    """

    def __init__(self, shapes: Iterable[tuple[str, tuple[int, int]]]) -> None:
        self.nodes: list[Node] = []
        self.weights = {
            name: Weight(name, Dimension(rows), Dimension(columns))
            for name, (rows, columns) in shapes
        }
        self._names: set[str] = set()

    def add(
        self,
        op: str,
        inputs: tuple[Value, ...],
        outputs: Iterable[tuple[str, Dimension] | tuple[str, Dimension, str]] = (),
        weight: str = "",
        index: str = "",
        source: str = "",
    ) -> tuple[Value, ...]:
        """Append an operation; its values are given as (name, dimension, form)."""
        values = tuple(Value(self._fresh(name), *rest) for name, *rest in outputs)
        self.nodes.append(Node(op, inputs, values, weight, index, source))
        if weight:
            self.weights[weight].uses.append(op)
        return values

    def check(self) -> None:
        """Raise `GraphError` unless every value is made once, and before it is used."""
        made: set[Value] = set()
        for node in self.nodes:
            for value in node.inputs:
                if value not in made:
                    raise GraphError(f"{node}: {value.name} is used before it is made")
            if node.weight and node.weight not in self.weights:
                raise GraphError(f"{node}: there is no weight of this name")
            for value in node.outputs:
                if value in made:
                    raise GraphError(f"{node}: {value.name} is made twice")
                made.add(value)

    def __str__(self) -> str:
        return "\n".join(
            f"{node!s:<100} # {node.source}" if node.source else str(node) for node in self.nodes
        )

    def _fresh(self, name: str) -> str:
        fresh, count = name, 1
        while fresh in self._names:
            count += 1
            fresh = f"{name}#{count}"
        self._names.add(fresh)
        return fresh
