"""The parts of attention: scores, softmax and weighted sums.

All of them work on one group of heads, whose vectors are `steps` registers long, and on a range of
rows: the keys that one query attends to, or the queries that attend to one key.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

from microgpt.scalar.operations import alibi_slope
from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit
from microgpt.wasm.compiler.layout import Layout

KEYS_AT_ONCE = 4  # scores that are computed at a time
MAX_SUMS_AT_ONCE = 8  # registers of a weighted sum that are computed at a time


class RowRange:
    """A loop over rows, each with its range of other rows, `count` of them: within a window."""

    def __init__(self, kit: Kit, f: Function, layout: Layout, window: int = 0) -> None:
        self._kit, self._f, self._stride = kit, f, layout.stride
        self._window = window
        self._row, self._begin = f.local("i32", "row"), f.local("i32", "begin")
        self._stop = f.local("i32", "stop")
        self._column: Expression | None = None
        self.count = f.local("i32", "count")

    @contextmanager
    def each_query(self, first: Expression, rows: Expression) -> Iterator[None]:
        """Each row from `first` on, with the rows of its document up to itself."""
        self._row.set(first)
        self._stop.set(first + rows)
        self._column = None
        with self._f.counted_loop(self._row, self._stop, 1):
            self._begin.set(self._kit.row_array(self._f, "start", self._row))
            if self._window:
                self._column = self._skip_to_window()
            self.count.set(self._row - self._begin + 1)
            yield

    @contextmanager
    def each_key(self, rows: Expression) -> Iterator[None]:
        """Each row from row 0 on, with the rows of its document from itself on."""
        self._row.set(0)
        self._stop.set(rows)
        with self._f.counted_loop(self._row, self._stop, 1):
            self._begin.set(self._row)
            self._column = self._row - self._kit.row_array(self._f, "start", self._row)
            self.count.set(self._kit.row_array(self._f, "end", self._row) - self._row)
            if self._window:
                with self._f.if_(self.count.to("gt_s", self._window)):
                    self.count.set(self._window)
            yield

    def _skip_to_window(self) -> Local:
        """Let the range begin with the window; returns how many rows before it are left out."""
        f, start = self._f, self._f.let(self._begin)
        earliest = f.let(self._row - (self._window - 1))
        with f.if_(earliest.to("gt_s", start)):
            self._begin.set(earliest)
        return f.let(self._begin - start)

    def clear_before(self, matrix: Local) -> None:
        """Set a query's weights of the rows before the window to 0."""
        if self._column is not None:
            f, zero = self._f, self._f.constant("i32", 0)
            row = matrix + self._row * self._kit.plan.key_stride
            f.emit(f.op("memory.fill", row, zero, self._column * VECTOR_BYTES))

    def vector(self, matrix: Local) -> Expression:
        """The address of the row's vector in a matrix."""
        return matrix + self._row * self._stride

    def vectors(self, matrix: Local) -> Expression:
        """The address of the range's first vector in a matrix."""
        return matrix + self._begin * self._stride

    def weights(self, matrix: Local) -> Expression:
        """The address of the range's first weight: of a query or of a key."""
        address = matrix + self._row * self._kit.plan.key_stride
        return address if self._column is None else address + self._column * VECTOR_BYTES


class Heads:
    """The parts, for one layout. Their address arguments may be any expressions."""

    def __init__(self, kit: Kit, layout: Layout) -> None:
        self._kit, self._layout = kit, layout

    def first_slopes(self, f: Function) -> Local:
        """ALiBi's slopes of the first group of heads."""
        layout = self._layout
        heads = [lane // layout.splits for lane in range(layout.tiling.lanes)]
        slopes = [alibi_slope(head, layout.n_head) for head in heads]
        return f.let(f.lanes(self._kit.numbers.vector, slopes), "slopes")

    def next_slopes(self, slopes: Local | None) -> None:
        """Go on to those of the next group, where there are any."""
        if slopes is not None:
            layout = self._layout
            slopes.set(slopes * alibi_slope(layout.heads_at_once - 1, layout.n_head))

    def scores(
        self,
        f: Function,
        a: Expression,
        b: Expression,
        out: Expression,
        count: Local,
        scaled: bool,
        slopes: Local | None = None,
    ) -> None:
        """out[i] = a b[i] per head, for `count` vectors of b (and up to three more).

        The scores are `scaled` by 1 / sqrt(head_dim); with `slopes` each is less by its head's
        slope times the distance to the last vector.
        """
        numbers, layout = self._kit.numbers, self._layout
        sums = [f.local(numbers.vector, f"sum{key}") for key in range(KEYS_AT_ONCE)]
        one = f.local(numbers.vector)
        a, b, out, left = f.let(a), f.let(b), f.let(out), f.let(count)
        at_once = math.gcd(layout.steps, KEYS_AT_ONCE)
        a_here, b_here = f.local("i32", "a_here"), f.local("i32", "b_here")
        distance: Local | None = None
        if slopes is not None:
            last = f.op("f64.convert_i32_s", left - 1)
            distance = f.let(numbers.splat(f, last), "distance")
        with f.loop() as again:
            for total in sums:
                total.set(0.0)
            a_here.set(a)
            b_here.set(b)
            with self._kit.repeat(f, layout.steps // at_once):
                for step in range(at_once):
                    one.set(numbers.load(f, a_here, step * VECTOR_BYTES))
                    for key, total in enumerate(sums):
                        other = numbers.load(f, b_here, key * layout.stride + step * VECTOR_BYTES)
                        total.set(numbers.multiply_add(one, other, total))
                a_here.set(a_here + at_once * VECTOR_BYTES)
                b_here.set(b_here + at_once * VECTOR_BYTES)
            for key, total in enumerate(sums):
                numbers.all_reduce(f, total, layout.splits)
                result = total * (layout.size // layout.n_head) ** -0.5 if scaled else total
                if slopes is not None and distance is not None:
                    result = f.let(result - slopes * distance)
                    distance.set(distance - 1.0)
                f.store(out, result, key * VECTOR_BYTES)
            b.set(b + KEYS_AT_ONCE * layout.stride)
            out.set(out + KEYS_AT_ONCE * VECTOR_BYTES)
            left.set(left - KEYS_AT_ONCE)
            f.br_if(again, left.to("gt_s", 0))

    def softmax(self, f: Function, weights: Local, count: Local) -> None:
        """Turn `count` scores per head into probabilities, in place."""
        numbers = self._kit.numbers
        highest, total = f.local(numbers.vector, "highest"), f.local(numbers.vector, "total")
        here, end = f.local("i32", "here"), f.let(weights + count * VECTOR_BYTES)
        highest.set(numbers.load(f, weights))
        here.set(weights)
        with f.counted_loop(here, end, VECTOR_BYTES):
            highest.set(highest.to("max", numbers.load(f, here)))
        total.set(0.0)
        here.set(weights)
        with f.counted_loop(here, end, VECTOR_BYTES):
            power = f.let(numbers.exp(f, numbers.load(f, here) - highest))
            total.set(total + power)
            f.store(here, power)
        total.set(numbers.constant(f, 1.0) / total)
        here.set(weights)
        with f.counted_loop(here, end, VECTOR_BYTES):
            f.store(here, numbers.load(f, here) * total)

    def softmax_gradient(self, f: Function, p: Local, ds: Local, count: Local) -> None:
        """ds = p (dp - sum(p dp)) / sqrt(head_dim), in place: `ds` holds dp before."""
        numbers, layout = self._kit.numbers, self._layout
        total = f.local(numbers.vector, "total")
        p_here, ds_here = f.let(p), f.let(ds)
        end = f.let(p + count * VECTOR_BYTES)
        total.set(0.0)
        with f.loop() as again:
            product = numbers.load(f, p_here), numbers.load(f, ds_here)
            total.set(numbers.multiply_add(*product, total))
            ds_here.set(ds_here + VECTOR_BYTES)
            p_here.set(p_here + VECTOR_BYTES)
            f.br_if(again, p_here.to("lt_u", end))
        p_here.set(p)
        ds_here.set(ds)
        scale = (layout.size // layout.n_head) ** -0.5
        with f.loop() as again:
            difference = (numbers.load(f, ds_here) - total) * scale
            f.store(ds_here, difference * numbers.load(f, p_here))
            ds_here.set(ds_here + VECTOR_BYTES)
            p_here.set(p_here + VECTOR_BYTES)
            f.br_if(again, p_here.to("lt_u", end))

    def weighted_sum(
        self,
        f: Function,
        weights: Expression,
        weights_stride: int,
        b: Expression,
        out: Expression,
        count: Local,
    ) -> None:
        """out = the sum of weights[i] b[i] over `count` vectors, per head."""
        numbers, layout = self._kit.numbers, self._layout
        at_once = max(n for n in range(1, MAX_SUMS_AT_ONCE + 1) if layout.steps % n == 0)
        sums = [f.local(numbers.vector, f"sum{step}") for step in range(at_once)]
        weight = f.local(numbers.vector, "weight")
        weights, b, out = f.let(weights), f.let(b), f.let(out)
        weights_here, b_here = f.local("i32", "weights_here"), f.local("i32", "b_here")
        left = f.local("i32", "left")
        with self._kit.repeat(f, layout.steps // at_once):
            for total in sums:
                total.set(0.0)
            weights_here.set(weights)
            b_here.set(b)
            left.set(count)
            with f.loop() as again:
                weight.set(numbers.load(f, weights_here))
                for step, total in enumerate(sums):
                    other = numbers.load(f, b_here, step * VECTOR_BYTES)
                    total.set(numbers.multiply_add(weight, other, total))
                weights_here.set(weights_here + weights_stride)
                b_here.set(b_here + layout.stride)
                left.set(left - 1)
                f.br_if(again, left)
            for step, total in enumerate(sums):
                f.store(out, total, step * VECTOR_BYTES)
            b.set(b + at_once * VECTOR_BYTES)
            out.set(out + at_once * VECTOR_BYTES)
