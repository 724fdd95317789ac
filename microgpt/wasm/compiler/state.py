"""What keeps a model's weights in good order: snapshots, a look for bad numbers, tidying up."""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import UNROLLED_VECTORS, VECTOR_BYTES, Kit

# Moments below these are set to 0: their square, or a few hundred steps of decay, would be
# denormal numbers, with which processors are many times slower.
TINY = {"f32": (1e-20, 1e-36), "f64": (1e-150, 1e-290)}


def write_state(kit: Kit) -> None:
    """Write `flush_denormals`, `all_finite`, `snapshot`, `restore` and `grow`; all but the first are exported.

    `flush_denormals` sets tiny moments to 0, `all_finite` tells whether all weights and moments are finite
    numbers, `snapshot` takes a snapshot of them and `restore` goes back to it, `grow` asks for further
    pages of memory.
    """
    plan = kit.plan

    def flush_denormals(f: Function) -> None:
        for place, tiny in enumerate(TINY[kit.numbers.scalar], start=1):
            address = f.constant("i32", plan.weights + place * plan.state_size)
            f.emit(f.call(_flush_range(kit, tiny), address, plan.state_size))

    def snapshot(f: Function) -> None:
        _copy(f, plan.snapshot, plan.weights, 3 * plan.state_size)

    def restore(f: Function) -> None:
        _copy(f, plan.weights, plan.snapshot, 3 * plan.state_size)
        gradients = f.constant("i32", plan.weights + 3 * plan.state_size)
        zero, size = f.constant("i32", 0), f.constant("i32", plan.gradient_size)
        f.emit(f.op("memory.fill", gradients, zero, size))
        f.emit(f.call(kit.functions["transpose_weights"]))

    def grow(f: Function, pages: Expression) -> None:
        f.return_(f.op("memory.grow", pages))

    kit.function("flush_denormals", (), flush_denormals)
    kit.function("all_finite", (), lambda f: _all_finite(kit, f), "i32", export=True)
    kit.function("snapshot", (), snapshot, export=True)
    kit.function("restore", (), restore, export=True)
    kit.function("grow", ("pages",), grow, "i32", export=True)


def _copy(f: Function, to: int, source: int, size: int) -> None:
    numbers = [f.constant("i32", number) for number in (to, source, size)]
    f.emit(f.op("memory.copy", *numbers))


def _flush_range(kit: Kit, tiny: float) -> Function:
    def body(f: Function, address: Local, size: Local) -> None:
        end = f.let(address + size)
        with f.counted_loop(address, end, UNROLLED_VECTORS * VECTOR_BYTES):
            for v in range(UNROLLED_VECTORS):
                x = f.let(kit.numbers.load(f, address, v * VECTOR_BYTES))
                mask = x.to("abs").to("gt", tiny)
                f.store(address, f.op("v128.and", x, mask, kind=x.kind), v * VECTOR_BYTES)

    return kit.function(f"flush_below_{tiny:g}", ("address", "size"), body)


def _all_finite(kit: Kit, f: Function) -> None:
    plan, numbers = kit.plan, kit.numbers
    address = f.let(f.constant("i32", plan.weights))
    end = f.constant("i32", plan.weights + 3 * plan.state_size)
    bad = f.local(numbers.vector, "bad")
    with f.counted_loop(address, end, UNROLLED_VECTORS * VECTOR_BYTES):
        for v in range(UNROLLED_VECTORS):
            x = f.let(numbers.load(f, address, v * VECTOR_BYTES))
            bad.set(f.op("v128.or", bad, x - x, kind=numbers.vector))  # 0 but where x is not finite
    f.return_(f.op("v128.any_true", bad).to("eqz"))
