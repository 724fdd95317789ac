"""Value: a number that records how it was computed, so that gradients can be propagated back.

This is reverse-mode automatic differentiation on scalars, after micrograd and microgpt.py by
Andrej Karpathy. The module knows numbers only: nothing of vectors, models or training.

    >>> a, b = Value(2.0), Value(3.0)
    >>> y = (a * b + 1.0).log()
    >>> y.backward()
    >>> round(a.grad, 4), round(b.grad, 4)          # d log(ab + 1) / da = b / (ab + 1)
    (0.4286, 0.2857)
"""

from __future__ import annotations

import math
from collections.abc import Generator, Sequence
from itertools import chain


class Value:
    """A scalar in a computation graph.

    Args:
        data: the number itself.
        children: the values it was computed from.
        local_grads: for each child, the derivative of this value by that child.

    `grad` is 0 until `backward()` of a value that depends on this one adds to it.
    """

    __slots__ = ("children", "data", "grad", "local_grads")

    def __init__(
        self,
        data: float,
        children: Sequence[Value] = (),
        local_grads: Sequence[float] = (),
    ) -> None:
        self.data = data
        self.grad = 0.0
        self.children = children
        self.local_grads = local_grads

    def __repr__(self) -> str:
        return f"Value(data={self.data!r}, grad={self.grad!r})"

    def __add__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data + other.data, (self, other), (1.0, 1.0))
        return Value(self.data + other, (self,), (1.0,))

    def __mul__(self, other: Value | float) -> Value:
        if isinstance(other, Value):
            return Value(self.data * other.data, (self, other), (other.data, self.data))
        return Value(self.data * other, (self,), (other,))

    def __pow__(self, exponent: float) -> Value:
        return Value(self.data**exponent, (self,), (exponent * self.data ** (exponent - 1),))

    def exp(self) -> Value:
        """e to the power of this value."""
        result = math.exp(self.data)
        return Value(result, (self,), (result,))

    def log(self) -> Value:
        """The natural logarithm; raises `ValueError` unless this value is positive."""
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def relu(self) -> Value:
        """max(0, x) of this value x, with gradient 0 at x = 0."""
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def sigmoid(self) -> Value:
        """1 / (1 + e**-x) of this value x."""
        result = sigmoid(self.data)
        return Value(result, (self,), (result * (1 - result),))

    def __neg__(self) -> Value:
        return self * -1

    def __sub__(self, other: Value | float) -> Value:
        return self + (-other)

    def __truediv__(self, other: Value | float) -> Value:
        return self * other**-1

    def __radd__(self, other: float) -> Value:
        return self + other

    def __rmul__(self, other: float) -> Value:
        return self * other

    def __rsub__(self, other: float) -> Value:
        return -self + other

    def __rtruediv__(self, other: float) -> Value:
        return self**-1 * other

    def backward(self) -> None:
        """Add d(self)/d(v) to `v.grad` of every value v that this one was computed from.

        This takes the graph apart, so it can be called once per graph; leaves, such as the weights
        of a model, keep their gradients and can be used again.
        """
        for _ in backward_in_parts(self):
            pass


def sigmoid(x: float) -> float:
    """1 / (1 + e**-x) of a plain number, written so that no exponential can overflow."""
    if x < 0:
        return math.exp(x) / (1 + math.exp(x))
    return 1 / (1 + math.exp(-x))


def dot(a: Sequence[Value], b: Sequence[Value]) -> Value:
    """The sum of `a[i] * b[i]` as one node of the graph instead of `2 * len(a)`.

    The sum runs from left to right, as with separate products and sums (Python's own `sum` rounds
    differently from version 3.12 on), and the children are in the order in which the separate nodes
    would be visited, so a model's losses are the same to the last bit.

        >>> dot([Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]).data
        11.0
    """
    result = 0.0
    a_data = [x.data for x in a]
    b_data = [x.data for x in b]
    for x, y in zip(a_data, b_data, strict=True):
        result += x * y
    children = tuple(chain.from_iterable(zip(a, b, strict=True)))
    local_grads = tuple(chain.from_iterable(zip(b_data, a_data, strict=True)))
    return Value(result, children, local_grads)


def total(values: Sequence[Value]) -> Value:
    """The sum of `values`, from left to right, as one node of the graph."""
    result = 0.0
    for value in values:
        result += value.data
    return Value(result, values, (1.0,) * len(values))


def backward_in_parts(
    root: Value, part: int = 100_000, grad: float = 1.0
) -> Generator[None, None, None]:
    """`root.backward()` as a generator with a yield point about every `part` edges of the graph.

    If the generator is closed early, the gradients are incomplete but the graph is still taken
    apart. `grad` is the gradient of `root` itself: less than 1 if `root` is one term of a mean
    whose graphs are never in memory together.

    Neither the topological sort nor taking the graph apart is recursive: a graph can be deeper than
    the call stack, and a browser crashes when a long chain of objects is freed at once.
    """
    order: list[Value] = []  # inner nodes in topological order: children first
    visited = {root}
    path = [(root, iter(root.children))]
    work = 0
    try:
        while path:
            node, children = path[-1]
            for child in children:
                if child not in visited:
                    visited.add(child)
                    if child.children:  # a leaf propagates nothing
                        path.append((child, iter(child.children)))
                        break
            else:
                path.pop()
                order.append(node)
                work += len(node.children)
                if work >= part:
                    work = 0
                    yield
        root.grad = grad
        visited.clear()
        while order:
            node = order.pop()
            grad = node.grad
            for child, local_grad in zip(node.children, node.local_grads, strict=True):
                child.grad += local_grad * grad
            work += len(node.children)
            node.children = node.local_grads = ()
            if work >= part:
                work = 0
                yield
    finally:
        take_apart([*order, *(node for node, _ in path)])


def take_apart(nodes: Sequence[Value]) -> None:
    """Take the graphs of `nodes` apart into single values, without recursion.

    For a graph that is dropped without `backward()`: freeing a chain of a few thousand values
    through their references crashes Pyodide.
    """
    stack = list(nodes)
    while stack:
        node = stack.pop()
        stack.extend(node.children)
        node.children = node.local_grads = ()
