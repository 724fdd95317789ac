"""The intermediate representation: a model and its gradient as a list of operations on vectors.

A symbol is a matrix with one row per position of a document; a node applies an operation to symbols
and weights and makes new symbols. A graph can be printed and checked; it knows nothing of memory
addresses or of WebAssembly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, NoReturn

# The plain arguments of an operation, by name: `window=8`.
Parameters = Mapping[str, Any]


class GraphError(ValueError):
    """The operations do not fit together."""


@dataclass(eq=False, slots=True)
class _Shared:
    """What unified dimensions have in common."""

    size: int
    n_head: int | None  # None: not decided yet
    members: list[Dimension]


class Dimension:
    """The length of a vector, and how its numbers are divided among attention heads.

    Vectors that meet element by element have one dimension: `unify` makes two into one.

    Raises `GraphError` if the numbers cannot be divided among that number of heads.
    """

    def __init__(self, size: int, n_head: int | None = None) -> None:
        if n_head is not None and size % check_whole("the number of heads", n_head, 1):
            raise GraphError(f"{size} numbers cannot be divided among {n_head} heads")
        self.shared = _Shared(size, n_head, [self])

    @property
    def size(self) -> int:
        """The number of elements."""
        return self.shared.size

    @property
    def n_head(self) -> int:
        """The number of heads they are divided among; 1 means that they lie in their own order."""
        return self.shared.n_head or 1

    def unify(self, other: Dimension) -> None:
        """Make the two one. Raises `GraphError` if they differ."""
        one, two = self.shared, other.shared
        if one is two:
            return
        if one.size != two.size:
            raise GraphError(f"a vector of {one.size} numbers cannot meet one of {two.size}")
        if one.n_head and two.n_head and one.n_head != two.n_head:
            raise GraphError(
                f"one vector cannot be divided among {one.n_head} heads and among {two.n_head}"
            )
        one.n_head = one.n_head or two.n_head
        one.members += two.members
        for member in two.members:
            member.shared = one


class NoNumberError(TypeError):
    """A model computes with a vector, a matrix or a token by something that is no operation."""


class Opaque:
    """What has no value while a model is traced: it goes into operations, and into nothing else."""

    __slots__ = ()

    def _refuse(self, *_: object) -> NoReturn:
        raise NoNumberError(
            "the numbers of the model are not known yet when it is made; use operations such as "
            "ops.add(a, b) on them, and nothing else"
        )

    __bool__ = __len__ = __iter__ = __getitem__ = __contains__ = __float__ = __int__ = _refuse
    __index__ = __abs__ = __neg__ = __pos__ = __lt__ = __le__ = __gt__ = __ge__ = _refuse
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __matmul__ = _refuse
    __truediv__ = __rtruediv__ = __floordiv__ = __rfloordiv__ = __mod__ = __rmod__ = _refuse
    __pow__ = __rpow__ = _refuse


def check_whole(what: str, number: object, low: int) -> int:
    """The number, if it is a whole one from `low` on; else `GraphError` says what it is to be."""
    if type(number) is int and number >= low:
        return number
    found = number if isinstance(number, int | float) else f"a {type(number).__name__}"
    hint = "divide with // to get one" if isinstance(number, float) else "choose one"
    raise GraphError(f"{what} is a whole number from {low} on, not {found}; {hint}")


@dataclass(eq=False, slots=True)
class Symbol(Opaque):
    """A symbolic matrix: the result of an operation.

    `form` is "vectors", one of `dimension` per position; "scalars", one number per position; or
    "weights", an attention weight for each position, earlier position and head.
    """

    name: str
    dimension: Dimension
    form: str = "vectors"


class SymbolSpec(NamedTuple):
    """A symbol to be made; the graph makes its name unique."""

    name: str
    dimension: Dimension
    form: str = "vectors"


@dataclass(frozen=True, eq=False, slots=True)
class Operation:
    """Everything that the compiler knows about an operation.

    Args:
        name: its name in `gpt` and in the printed graph.
        emit: writes the call of its kernel for one node; None if it has no kernel of its own. It
            takes the `Pass` (see `kernels/kit.py`) that it writes into and the node.
        gradient: its gradient rule; None if it has no derivative.
        in_place: the inputs, by position, that its result may overwrite if nothing needs them
            later.
        scalars: names of further outputs, one number per position, that the gradient needs.
        dimension: from its first input's dimension and its parameters to that of its result; it
            raises `GraphError` if they do not fit. None: they have the same.
    """

    name: str
    emit: Callable[[Any, Node], None] | None = None
    gradient: GradientRule | None = None
    in_place: tuple[int, ...] = ()
    scalars: tuple[str, ...] = ()
    dimension: Callable[[Dimension, Parameters], Dimension] | None = None


@dataclass(eq=False, slots=True)
class Node:
    """One application of an operation."""

    operation: Operation
    inputs: tuple[Symbol, ...]
    outputs: tuple[Symbol, ...] = ()
    weight: str = ""  # the name of the matrix that it uses
    index: str = ""  # for an embedding: which row, "token" or "position"
    cache: int = -1  # of an attention: the number of the cache that it uses
    source: str = ""  # the line of Python that it came from
    line: int = 0  # its number; 0 for what is no line of the model
    parameters: Parameters = field(default_factory=dict)

    @property
    def op(self) -> str:
        """The operation's name."""
        return self.operation.name

    def __str__(self) -> str:
        made = ", ".join(f"{v.name} ({v.dimension.size})" for v in self.outputs)
        used = [symbol.name for symbol in self.inputs]
        if self.weight:
            used.append(f"[{self.weight}]")
        if self.index:
            used.append(self.index)
        used += [f"{name}={value}" for name, value in self.parameters.items()]
        return f"{made + ' = ' if made else ''}{self.op}({', '.join(used)})"


# The gradients of a node's inputs so far (None: none yet), in the order of the inputs.
Gradients = Sequence[Symbol | None]
# From the graph, the node, the gradient of its first output and its inputs' gradients so far to its
# inputs' gradients. It appends the operations that compute them.
GradientRule = Callable[["Graph", Node, Symbol, Gradients], Sequence[Symbol]]


@dataclass(eq=False, slots=True)
class WeightMatrix:
    """A matrix of weights, (rows, columns), and the names of the operations that use it."""

    name: str
    rows: Dimension
    columns: Dimension
    uses: list[str] = field(default_factory=list)


class Graph:
    """Nodes in order of execution; `str` prints them below the lines of Python they came from.

    Args:
        shapes: the weights, as `ModelConfig.shapes` gives them.
    """

    def __init__(self, shapes: Iterable[tuple[str, tuple[int, int]]]) -> None:
        self.nodes: list[Node] = []
        self.weights = {
            name: WeightMatrix(name, Dimension(rows), Dimension(columns))
            for name, (rows, columns) in shapes
        }
        self._names: set[str] = set()

    def add(
        self,
        operation: Operation,
        inputs: tuple[Symbol, ...],
        outputs: Iterable[SymbolSpec] = (),
        weight: str = "",
        **fields: Any,
    ) -> tuple[Symbol, ...]:
        """Append a node, `fields` being those of `Node`; returns the symbols that it makes."""
        made = tuple(Symbol(self._unique(spec.name), *spec[1:]) for spec in outputs)
        self.nodes.append(Node(operation, inputs, made, weight, **fields))
        if weight:
            self.weights[weight].uses.append(operation.name)
        return made

    def check(self) -> None:
        """Raise `GraphError` unless every symbol is made once, and before it is used."""
        made: set[Symbol] = set()
        for node in self.nodes:
            for symbol in node.inputs:
                if symbol not in made:
                    raise GraphError(f"{node}: {symbol.name} is used before it is made")
            if node.weight and node.weight not in self.weights:
                raise GraphError(f"{node}: there is no weight of this name")
            for symbol in node.outputs:
                if symbol in made:
                    raise GraphError(f"{node}: {symbol.name} is made twice")
                made.add(symbol)

    def __str__(self) -> str:
        lines, source = [], ""
        for node in self.nodes:
            if node.source != source:
                source = node.source
                lines.append(f"# {source or 'the loss'}")
            lines.append(f"{node}")
        return "\n".join(lines)

    def _unique(self, name: str) -> str:
        unique, count = name, 1
        while unique in self._names:
            count += 1
            unique = f"{name}#{count}"
        self._names.add(unique)
        return unique
