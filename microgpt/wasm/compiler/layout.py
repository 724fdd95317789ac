"""Where each number of a vector and of a matrix lies.

Vectors are padded to whole panels; the numbers of one that is shared out to attention heads are
arranged so that a lane belongs to one head, and as many heads as possible are computed at a time.
Matrices are cut into panels of neighbouring columns, each of which lies row after row:
`[column // panel][row][column % panel]`. The module knows nothing of addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd

from microgpt.wasm.compiler.graph import Dimension

CACHE_LINE_BYTES = 64  # bytes that a processor moves at once


@dataclass(frozen=True, slots=True)
class Tiling:
    """How much is computed at a time in registers.

    Args:
        lanes: numbers in a vector register.
        size: bytes of a number.
        vectors: registers side by side; a panel is `vectors * lanes` numbers wide.
        rows: positions at a time.
    """

    lanes: int
    size: int
    vectors: int
    rows: int

    @property
    def panel(self) -> int:
        """Columns in a panel."""
        return self.vectors * self.lanes


@dataclass(frozen=True, slots=True)
class Layout:
    """The order of a vector's numbers in memory.

    >>> Layout(8, 4, Tiling(lanes=4, size=4, vectors=2, rows=4)).positions
    [0, 4, 1, 5, 2, 6, 3, 7]

    (two numbers a head: the first ones of the four heads, then the second ones).
    """

    size: int
    n_head: int
    tiling: Tiling

    @classmethod
    def of(cls, dimension: Dimension, tiling: Tiling) -> Layout:
        """The layout of a graph's dimension."""
        return cls(dimension.size, dimension.n_head, tiling)

    @property
    def heads_at_once(self) -> int:
        """How many heads share a vector register."""
        return gcd(self.n_head, self.tiling.lanes)

    @property
    def splits(self) -> int:
        """How many lanes a head has there; its sums are spread over them."""
        return self.tiling.lanes // self.heads_at_once

    @property
    def groups(self) -> int:
        """How many such sets of heads there are."""
        return self.n_head // self.heads_at_once

    @property
    def steps(self) -> int:
        """Vector registers that a group takes."""
        return -(-(self.size // self.n_head) // self.splits)

    @property
    def width(self) -> int:
        """Numbers with the padding: a whole number of panels."""
        panel = self.tiling.panel
        return -(-self.groups * self.steps * self.tiling.lanes // panel) * panel

    @property
    def stride(self) -> int:
        """Bytes from one vector to the next.

        Not a multiple of 512 where vectors are long, so that a column's numbers do not all compete
        for the same few places of the processor's cache.
        """
        size = -(-self.width * self.tiling.size // CACHE_LINE_BYTES) * CACHE_LINE_BYTES
        return size + CACHE_LINE_BYTES if size % 512 == 0 else size

    @property
    def positions(self) -> list[int]:
        """For each number of the vector, where it lies."""
        head_dim = self.size // self.n_head
        together, splits, lanes = self.heads_at_once, self.splits, self.tiling.lanes
        return [
            (head // together * self.steps + number // splits) * lanes
            + head % together * splits
            + number % splits
            for head in range(self.n_head)
            for number in range(head_dim)
        ]


@dataclass(frozen=True, slots=True)
class MatrixLayout:
    """A weight matrix in memory."""

    rows: Layout
    columns: Layout

    @property
    def numbers(self) -> int:
        """With the padding."""
        return self.rows.width * self.columns.width
