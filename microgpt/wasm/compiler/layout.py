"""The order of a vector's and of a matrix's numbers in memory.

Vectors are padded to whole panels. The numbers of a vector that is divided among attention heads
are arranged so that each lane belongs to one head, and as many heads as possible are computed at a
time. Matrices are divided into panels of neighbouring columns, each of which is stored row by row:
`[column // panel][row][column % panel]`. The module knows nothing of addresses.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microgpt.wasm.compiler.graph import Dimension

CACHE_LINE_BYTES = 64


@dataclass(frozen=True, slots=True)
class Tiling:
    """How many numbers are computed at a time, in registers.

    Args:
        lanes: numbers in a vector register.
        size: bytes of a number.
        vectors: neighbouring registers; a panel is `vectors * lanes` numbers wide.
        rows: positions at a time.
    """

    lanes: int
    size: int
    vectors: int
    rows: int

    @property
    def panel(self) -> int:
        """The number of columns in a panel."""
        return self.vectors * self.lanes


@dataclass(frozen=True, slots=True)
class Layout:
    """The order of a vector's numbers in memory.

    >>> Layout(8, 4, Tiling(lanes=4, size=4, vectors=2, rows=4)).positions
    [0, 4, 1, 5, 2, 6, 3, 7]

    (two numbers per head: first the first ones of all four heads, then the second ones).
    """

    size: int
    n_head: int
    tiling: Tiling

    @classmethod
    def of(cls, dimension: Dimension, tiling: Tiling) -> Layout:
        """The layout for a dimension of a graph."""
        return cls(dimension.size, dimension.n_head, tiling)

    @property
    def heads_at_once(self) -> int:
        """The number of heads that share a vector register: a group."""
        return gcd(self.n_head, self.tiling.lanes)

    @property
    def splits(self) -> int:
        """The number of lanes per head in a register; the head's sums are spread over them."""
        return self.tiling.lanes // self.heads_at_once

    @property
    def groups(self) -> int:
        """The number of groups of heads."""
        return self.n_head // self.heads_at_once

    @property
    def steps(self) -> int:
        """The number of vector registers per group."""
        return -(-(self.size // self.n_head) // self.splits)

    @property
    def width(self) -> int:
        """The number of elements with padding: a whole number of panels."""
        panel = self.tiling.panel
        return -(-self.groups * self.steps * self.tiling.lanes // panel) * panel

    @property
    def stride(self) -> int:
        """Bytes from one vector to the next.

        Never a multiple of 512, so that the numbers of a column do not all compete for the same
        few sets of the processor's cache.
        """
        size = -(-self.width * self.tiling.size // CACHE_LINE_BYTES) * CACHE_LINE_BYTES
        return size + CACHE_LINE_BYTES if size % 512 == 0 else size

    @property
    def positions(self) -> list[int]:
        """For each number of the vector, its index in memory."""
        head_dim = self.size // self.n_head
        together, splits, lanes = self.heads_at_once, self.splits, self.tiling.lanes
        return [
            (head // together * self.steps + number // splits) * lanes
            + head % together * splits
            + number % splits
            for head in range(self.n_head)
            for number in range(head_dim)
        ]


def patch_size(layout: Layout) -> int:
    """The bytes of a patch: two vectors, `keep` and `add`, and whether it is active (32 bits)."""
    return 2 * layout.stride + CACHE_LINE_BYTES


def rotation_size(layout: Layout) -> int:
    """The bytes of one position's cosines and sines for a group of heads, a register each."""
    return 2 * layout.steps * layout.tiling.lanes * layout.tiling.size


@dataclass(frozen=True, slots=True)
class MatrixLayout:
    """The layout of a weight matrix."""

    rows: Layout
    columns: Layout

    @property
    def numbers(self) -> int:
        """The number of elements with padding."""
        return self.rows.width * self.columns.width

    @property
    def panels(self) -> tuple[int, int]:
        """The numbers of panels of its rows and of its columns."""
        panel = self.rows.tiling.panel
        return self.rows.width // panel, self.columns.width // panel
