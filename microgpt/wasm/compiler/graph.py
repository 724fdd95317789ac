"""The small intermediate form: a model, and its gradient, as a list of operations on vectors.

A value is a matrix with a row for each position of a document; an operation makes values from
values and weights. The form can be printed and checked, and knows nothing of memory or of
WebAssembly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class GraphError(ValueError):
    """The operations do not fit together."""


@dataclass(eq=False, slots=True)
class _Shared:
    """What dimensions that were made one have in common."""

    size: int
    n_head: int | None  # None: nobody has asked yet
    members: list[Dimension]


class Dimension:
    """How many numbers a vector has, and how they are shared out to attention heads.

    Vectors that meet element by element are of one dimension: `unify` makes two into one.
    """

    def __init__(self, size: int, n_head: int | None = None) -> None:
        self.shared = _Shared(size, n_head, [self])

    @property
    def size(self) -> int:
        """How many numbers."""
        return self.shared.size

    @property
    def n_head(self) -> int:
        """How many heads share them; 1 means that they lie in their own order."""
        return self.shared.n_head or 1

    def unify(self, other: Dimension) -> None:
        """Make the two one. Raises `GraphError` where they cannot be."""
        one, two = self.shared, other.shared
        if one is two:
            return
        if one.size != two.size:
            raise GraphError(f"a vector of {one.size} numbers cannot meet one of {two.size}")
        if one.n_head and two.n_head and one.n_head != two.n_head:
            raise GraphError(
                f"one vector cannot be shared out to {one.n_head} heads and to {two.n_head}"
            )
        one.n_head = one.n_head or two.n_head
        one.members += two.members
        for member in two.members:
            member.shared = one


@dataclass(eq=False, slots=True)
class Value:
    """What an operation makes.

    `form` is "vectors", one of `dimension` a position; "scalars", one number a position; or
    "weights", an attention weight for each position, earlier position and head.
    """

    name: str
    dimension: Dimension
    form: str = "vectors"


class Made(NamedTuple):
    """What a value is to be; the graph sees to it that its name is its own."""

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
    """Operations in their order; `str` prints them, below the lines of Python they came from.

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
        outputs: Iterable[Made] = (),
        weight: str = "",
        index: str = "",
        source: str = "",
    ) -> tuple[Value, ...]:
        """Append an operation; returns the values that it makes."""
        values = tuple(Value(self._fresh(made.name), made.dimension, made.form) for made in outputs)
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
        lines, source = [], ""
        for node in self.nodes:
            if node.source != source:
                source = node.source
                lines.append(f"# {source or 'the loss'}")
            lines.append(f"{node}")
        return "\n".join(lines)

    def _fresh(self, name: str) -> str:
        fresh, count = name, 1
        while fresh in self._names:
            count += 1
            fresh = f"{name}#{count}"
        self._names.add(fresh)
        return fresh
