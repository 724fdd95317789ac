"""The optimizer's update, on weights whose gradient is in memory or still in registers."""

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

    def update(self, w: Expression, offset: int, gradient: Local) -> None:
        """Update the weights at w + offset, a vector, and their slots.

        Afterwards the local `gradient` holds the new weights.
        """
        f, numbers, plan = self._f, self._kit.numbers, self._kit.plan
        places = [offset + slot * plan.state_size for slot in range(1, 1 + plan.slots)]
        slots = [numbers.load(f, w, place) for place in places]
        update, new_slots = plan.optimizer.update(numbers, f, self._constants, gradient, slots)
        for place, slot in zip(places, new_slots, strict=True):
            f.store(w, slot, place)
        gradient.set(numbers.load(f, w, offset) - update)
        f.store(w, gradient, offset)


def update_weights(kit: Kit) -> Function:
    """Update the weights from w on (bytes: a multiple of 64) by their gradients; clear these."""
    to_gradient = kit.plan.gradient_offset

    def body(f: Function, w: Local, size: Local) -> None:
        step = OptimizerStep(kit, f)
        value = f.local(kit.numbers.vector)
        end = f.let(w + size)
        with f.counted_loop(w, end, UNROLLED_VECTORS * VECTOR_BYTES):
            for v in range(UNROLLED_VECTORS):
                value.set(kit.numbers.load(f, w, to_gradient + v * VECTOR_BYTES))
                step.update(w, v * VECTOR_BYTES, value)
                f.store(w, kit.numbers.constant(f, 0.0), to_gradient + v * VECTOR_BYTES)

    return kit.function("update_weights", ("w", "size"), body)
