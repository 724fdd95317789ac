"""The optimizer's update of weights whose gradient is in memory, and the norm of that gradient."""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import UNROLLED_VECTORS, VECTOR_BYTES, Kit


class OptimizerStep:
    """One step's constants, in registers of function `f`, and the updates that use them."""

    def __init__(self, kit: Kit, f: Function) -> None:
        self._kit, self._f = kit, f
        zero = f.constant("i32", 0)
        self._constants = {
            name: f.let(kit.numbers.load(f, zero, address), name)
            for name, address in kit.plan.step_constants.items()
        }
        self._gradient = f.local(kit.numbers.vector, "gradient")

    def update(self, w: Expression, offset: int, weight: Local) -> None:
        """Update the weights at w + offset, a vector, and their slots; clear their gradient.

        Afterwards the local `weight` holds the new weights.
        """
        f, numbers, plan = self._f, self._kit.numbers, self._kit.plan
        places = [offset + slot * plan.state_size for slot in range(1, 1 + plan.slots)]
        slots = [numbers.load(f, w, place) for place in places]
        gradient = numbers.load(f, w, plan.gradient_offset + offset)
        self._gradient.set(gradient * self._constants["scale"])
        weight.set(numbers.load(f, w, offset))
        update, new_slots = plan.optimizer.update(
            numbers, f, self._constants, weight, self._gradient, slots
        )
        for place, slot in zip(places, new_slots, strict=True):
            f.store(w, slot, place)
        weight.set(weight - update)
        f.store(w, weight, offset)
        f.store(w, numbers.constant(f, 0.0), plan.gradient_offset + offset)


def update_weights(kit: Kit) -> Function:
    """Update the weights from w on (bytes: a multiple of 64) by their gradients; clear these."""

    def body(f: Function, w: Local, size: Local) -> None:
        step = OptimizerStep(kit, f)
        weight = f.local(kit.numbers.vector, "weight")
        end = f.let(w + size)
        with f.counted_loop(w, end, UNROLLED_VECTORS * VECTOR_BYTES):
            for v in range(UNROLLED_VECTORS):
                step.update(w, v * VECTOR_BYTES, weight)

    return kit.function("update_weights", ("w", "size"), body)


def sum_of_squares(kit: Kit) -> Function:
    """The sum of the squares (f64) of the numbers from x on (bytes: a multiple of 64)."""
    numbers = kit.numbers

    def body(f: Function, x: Local, size: Local) -> None:
        sums = [f.local(numbers.vector, f"sum{v}") for v in range(UNROLLED_VECTORS)]
        part = f.local(numbers.vector, "part")
        end = f.let(x + size)
        with f.counted_loop(x, end, UNROLLED_VECTORS * VECTOR_BYTES):
            for v, total in enumerate(sums):
                part.set(numbers.load(f, x, v * VECTOR_BYTES))
                total.set(numbers.multiply_add(part, part, total))
        result = f.let(f.constant("f64", 0.0), "result")
        for total in sums:
            for lane in range(numbers.lanes):
                result.set(result + numbers.as_f64(numbers.lane(total, lane)))
        f.return_(result)

    return kit.function("sum_of_squares", ("x", "size"), body, "f64")
