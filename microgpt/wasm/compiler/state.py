"""What keeps a model's weights in good order: snapshots, a look for bad numbers, tidying up."""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import UNROLLED, VECTOR, Kit

# Moments below these are set to 0: their square, or a few hundred steps of decay, would be
# denormal numbers, with which processors are many times slower.
TINY = {"f32": (1e-20, 1e-36), "f64": (1e-150, 1e-290)}


def write_state(kit: Kit) -> None:
    """Write `settle`, `sound`, `keep`, `recall` and `grow`; all but the first are exported.

    `settle` sets tiny moments to 0, `sound` tells whether all weights and moments are finite
    numbers, `keep` takes a snapshot of them and `recall` goes back to it, `grow` asks for further
    pages of memory.
    """
    plan = kit.plan

    def settle(f: Function) -> None:
        for place, tiny in enumerate(TINY[kit.numbers.scalar], start=1):
            address = f.constant("i32", plan.weights + place * plan.state_size)
            f.do(f.call(_settle_stretch(kit, tiny), address, plan.state_size))

    def keep(f: Function) -> None:
        _copy(f, plan.snapshot, plan.weights, 3 * plan.state_size)

    def recall(f: Function) -> None:
        _copy(f, plan.weights, plan.snapshot, 3 * plan.state_size)
        gradients = f.constant("i32", plan.weights + 3 * plan.state_size)
        zero, size = f.constant("i32", 0), f.constant("i32", plan.gradient_size)
        f.do(f.op("memory.fill", gradients, zero, size))
        f.do(f.call(kit.made("refresh")))

    def grow(f: Function, pages: Expression) -> None:
        f.give_back(f.op("memory.grow", pages))

    kit.function("settle", (), settle)
    kit.function("sound", (), lambda f: _sound(kit, f), "i32", export=True)
    kit.function("keep", (), keep, export=True)
    kit.function("recall", (), recall, export=True)
    kit.function("grow", ("pages",), grow, "i32", export=True)


def _copy(f: Function, to: int, source: int, size: int) -> None:
    numbers = [f.constant("i32", number) for number in (to, source, size)]
    f.do(f.op("memory.copy", *numbers))


def _settle_stretch(kit: Kit, tiny: float) -> Function:
    def body(f: Function, address: Local, size: Local) -> None:
        end = f.keep(address + size)
        with f.steps(address, end, UNROLLED * VECTOR):
            for v in range(UNROLLED):
                x = f.keep(kit.numbers.load(f, address, v * VECTOR))
                mask = x.to("abs").to("gt", tiny)
                f.store(address, f.op("v128.and", x, mask, kind=x.kind), v * VECTOR)

    return kit.function(f"settle_{tiny:g}", ("address", "size"), body)


def _sound(kit: Kit, f: Function) -> None:
    plan, numbers = kit.plan, kit.numbers
    address = f.keep(f.constant("i32", plan.weights))
    end = f.constant("i32", plan.weights + 3 * plan.state_size)
    bad = f.local(numbers.vector, "bad")
    with f.steps(address, end, UNROLLED * VECTOR):
        for v in range(UNROLLED):
            x = f.keep(numbers.load(f, address, v * VECTOR))
            bad.set(f.op("v128.or", bad, x - x, kind=numbers.vector))  # 0 but where x is not finite
    f.give_back(f.op("v128.any_true", bad).to("eqz"))
