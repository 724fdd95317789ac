"""What keeps the weights in good order: snapshots, a check for bad numbers, flushing tiny ones."""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import UNROLLED_VECTORS, VECTOR_BYTES, Kit


def write_state(kit: Kit) -> None:
    """Write `flush_denormals`, and the exports `all_finite`, `snapshot` and `restore`.

    `flush_denormals` sets tiny numbers of the optimizer to 0; `all_finite` returns whether all
    weights and slots are finite; `snapshot` copies them and `restore` copies them back, with the
    gradients 0.
    """
    plan = kit.plan

    def flush_denormals(f: Function) -> None:
        limits = plan.optimizer.flush_below[kit.numbers.scalar]
        for slot, limit in enumerate(limits, start=1):
            address = f.constant("i32", plan.weights + slot * plan.state_size)
            f.emit(f.call(_flush_range(kit, limit), address, plan.state_size))

    def snapshot(f: Function) -> None:
        _copy(f, plan.snapshot, plan.weights, plan.gradient_offset)

    def restore(f: Function) -> None:
        _copy(f, plan.weights, plan.snapshot, plan.gradient_offset)
        gradients = f.constant("i32", plan.weights + plan.gradient_offset)
        zero, size = f.constant("i32", 0), f.constant("i32", plan.state_size)
        f.emit(f.op("memory.fill", gradients, zero, size))
        f.emit(f.call(kit.functions["transpose_weights"]))

    kit.function("flush_denormals", (), flush_denormals)
    kit.function("all_finite", (), lambda f: _all_finite(kit, f), "i32", export=True)
    kit.function("snapshot", (), snapshot, export=True)
    kit.function("restore", (), restore, export=True)


def write_growth(kit: Kit) -> None:
    """Write `grow(pages)`, exported, which adds pages of memory."""

    def grow(f: Function, pages: Expression) -> None:
        f.return_(f.op("memory.grow", pages))

    kit.function("grow", ("pages",), grow, "i32", export=True)


def _copy(f: Function, to: int, source: int, size: int) -> None:
    numbers = [f.constant("i32", number) for number in (to, source, size)]
    f.emit(f.op("memory.copy", *numbers))


def _flush_range(kit: Kit, limit: float) -> Function:
    def body(f: Function, address: Local, size: Local) -> None:
        end = f.let(address + size)
        with f.counted_loop(address, end, UNROLLED_VECTORS * VECTOR_BYTES):
            for v in range(UNROLLED_VECTORS):
                x = f.let(kit.numbers.load(f, address, v * VECTOR_BYTES))
                mask = x.to("abs").to("gt", limit)
                f.store(address, f.op("v128.and", x, mask, kind=x.kind), v * VECTOR_BYTES)

    return kit.function(f"flush_below_{limit:g}", ("address", "size"), body)


def _all_finite(kit: Kit, f: Function) -> None:
    plan, numbers = kit.plan, kit.numbers
    address = f.let(f.constant("i32", plan.weights))
    end = f.constant("i32", plan.weights + plan.gradient_offset)
    bad = f.local(numbers.vector, "bad")
    with f.counted_loop(address, end, UNROLLED_VECTORS * VECTOR_BYTES):
        for v in range(UNROLLED_VECTORS):
            x = f.let(numbers.load(f, address, v * VECTOR_BYTES))
            bad.set(f.op("v128.or", bad, x - x, kind=numbers.vector))  # x - x is 0 if x is finite
    f.return_(f.op("v128.any_true", bad).to("eqz"))
