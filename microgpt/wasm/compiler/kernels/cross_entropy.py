"""The loss of a prediction and its derivative by the logits, in one kernel.

loss = log(sum(exp(l))) - l[target]; dl = (softmax(l) - one_hot(target)) share, where `share` is the
weight of the row's loss in the loss of the step; a row of weight 0 adds nothing, not even an
infinite loss. A loss is infinite if its derivative by the
probability, -1 / probability, overflows 64 bits, as in the scalar engine.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.graph import Operation
from microgpt.wasm.compiler.kernels.kit import VECTOR_BYTES, Kit
from microgpt.wasm.compiler.layout import Layout
from microgpt.wasm.compiler.numbers import log

PADDING_LOGIT = -1e38  # stands for minus infinity in the padding
MAX_LOSS = math.log(sys.float_info.max)  # 709.8; a larger loss is infinite


def cross_entropy(kit: Kit, layout: Layout) -> Function:
    """Write the derivative of `rows` rows of logits to `out`; return their loss (f64)."""
    numbers = kit.numbers

    def body(f: Function, logits: Local, out: Local, rows: Local) -> None:
        highest, total = f.local(numbers.vector, "highest"), f.local(numbers.vector, "total")
        factor, loss = f.local(numbers.vector, "factor"), f.local("f64", "loss")
        share, correct = f.local("f64", "share"), f.local("i32", "correct")

        def find_highest(at: Sequence[Local], offset: int) -> None:
            highest.set(highest.to("max", numbers.load(f, at[0], offset)))

        def exponentiate(at: Sequence[Local], offset: int) -> None:
            power = f.let(numbers.exp(f, numbers.load(f, at[0], offset) - highest))
            total.set(total + power)
            f.store(at[1], power, offset)

        def scale(at: Sequence[Local], offset: int) -> None:
            f.store(at[0], numbers.load(f, at[0], offset) * factor, offset)

        row = f.local("i32", "row")
        with kit.each_row(f, rows, (logits, layout.stride), (out, layout.stride), (row, 1)):
            correct.set(kit.row_array(f, "target", row) * numbers.size)
            share.set(kit.row_array(f, "share", row, "f64"))
            _fill_padding(kit, f, layout, logits, PADDING_LOGIT)
            highest.set(numbers.load(f, logits))
            kit.each_vector(f, layout.width, [logits], find_highest)
            numbers.all_reduce(f, highest, numbers.lanes, "max")
            total.set(0.0)
            kit.each_vector(f, layout.width, [logits, out], exponentiate)
            numbers.all_reduce(f, total, numbers.lanes)
            _fill_padding(kit, f, layout, out, 0.0)
            of_target = numbers.as_f64(f.load(numbers.scalar, logits + correct))
            below = numbers.as_f64(numbers.lane(highest)) - of_target
            own = f.let(log(f, numbers.as_f64(numbers.lane(total))) + below)
            with f.if_(own.to("gt", MAX_LOSS)):
                own.set(math.inf)
            with f.if_(share.to("ne", 0.0)):
                loss.set(loss + own * share)
            factor.set(numbers.splat(f, share) / total)
            kit.each_vector(f, layout.width, [out], scale)
            target = f.let(out + correct)
            less = numbers.lane(numbers.splat(f, share))
            f.store(target, f.load(numbers.scalar, target) - less)
        f.return_(loss)

    name = f"cross_entropy_{layout.size}"
    return kit.function(name, ("logits", "out", "rows"), body, "f64")


def _fill_padding(kit: Kit, f: Function, layout: Layout, address: Expression, value: float) -> None:
    """Set the padding of a vector to `value`."""
    numbers = kit.numbers
    filling = numbers.constant(f, value)
    real = layout.size % numbers.lanes
    end = layout.size // numbers.lanes * VECTOR_BYTES  # of the registers without padding
    if real:
        bits = f"i{8 * numbers.size}x{numbers.lanes}"
        mask = f.lanes(bits, [-1] * real + [0] * (numbers.lanes - real))
        last = numbers.load(f, address, end)
        f.store(address, f.op("v128.bitselect", last, filling, mask, kind=numbers.vector), end)
        end += VECTOR_BYTES
    for offset in range(end, layout.width * numbers.size, VECTOR_BYTES):
        f.store(address, filling, offset)


# Without `emit`: its kernel returns the loss, so `passes.py` writes the call.
CROSS_ENTROPY = Operation("cross_entropy")
