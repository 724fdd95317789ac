"""The training loop and the evaluation, inside the module.

A step takes its documents from memory, arranges their positions as rows, computes, and goes on to
the next step, so one call from Python can run thousands. The documents and the learning rate follow
from the number of the step, so the results do not depend on how a run is divided into calls.
"""

from __future__ import annotations

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.kernels.kit import Kit

FLUSH_INTERVAL_STEPS = 64  # how often tiny numbers of the optimizer are set to 0; a power of two


def write_training(kit: Kit) -> None:
    """Write the export `train(first, count)` and the parts of a step.

    `train` runs `count` steps from number `first` on, stores their losses in memory and returns the
    number of good ones: it stops before a step whose loss is not finite. For steps in several calls
    there are `begin_step(step)` and `end_step(step)`.
    """
    _write_power(kit)
    _write_begin_step(kit)
    _write_end_step(kit)
    _write_train(kit)


def _write_power(kit: Kit) -> None:
    """`base` to the power of an integer, by squaring: it depends on nothing but its arguments."""
    f = kit.declare("power", [("base", "f64"), ("exponent", "i32")], "f64")
    base, exponent = f.parameters
    result = f.let(f.constant("f64", 1.0), "result")
    with f.loop() as again:
        with f.if_(exponent.to("and", 1)):
            result.set(result * base)
        base.set(base * base)
        exponent.set(exponent.to("shr_u", 1))
        f.br_if(again, exponent)
    f.return_(result)


def _write_begin_step(kit: Kit) -> None:
    """Compute the optimizer's constants for this step, each stored in all lanes of a vector."""

    def body(f: Function, step: Local) -> None:
        optimizer = kit.plan.optimizer
        settings = {
            name: f.let(kit.control(f, name, "f64"), name)
            for name in ("num_steps", "learning_rate", *optimizer.optimizer.hyperparameters)
        }
        # As `microgpt.optimizer.decayed` has it.
        left = f.constant("f64", 1.0) - f.op("f64.convert_i32_s", step) / settings["num_steps"]
        rate = settings["learning_rate"] * left
        constants = optimizer.begin_step(kit.functions["power"], f, settings, rate, step)
        zero = f.constant("i32", 0)
        for name, address in kit.plan.step_constants.items():
            f.store(zero, kit.numbers.splat(f, constants[name]), address)

    kit.function("begin_step", ("step",), body, export=True)


def _write_end_step(kit: Kit) -> None:
    """Update the weights, and now and then flush the optimizer's tiny numbers."""

    def body(f: Function, step: Local) -> None:
        f.emit(f.call(kit.functions["update"]))
        with f.if_((step + 1).to("and", FLUSH_INTERVAL_STEPS - 1).to("eqz")):
            f.emit(f.call(kit.functions["flush_denormals"]))

    kit.function("end_step", ("step",), body, export=True)


def _write_train(kit: Kit) -> None:
    def body(f: Function, first: Local, count: Local) -> None:
        batch_size = f.let(kit.control(f, "batch_size"), "batch_size")
        step, stop = f.let(first, "step"), f.let(first + count, "stop")
        loss, part = f.local("f64", "loss"), f.local("f64", "part")
        taken, rows = f.local("i32", "taken"), f.local("i32", "rows")
        with f.counted_loop(step, stop, 1):
            f.emit(f.call(kit.functions["begin_step"], step))
            loss.set(0.0)
            taken.set(0)
            with f.loop() as next_rows:
                taken.set(
                    f.call(kit.functions["fill_rows"], step * batch_size, taken, batch_size, 1)
                )
                rows.set(kit.control(f, "rows"))
                _all(kit, f, "forward", 0, rows)
                part.set(f.call(kit.functions["loss"], rows))
                with f.if_((part - part).to("ne", 0.0)):  # infinite or NaN
                    f.return_(step - first)
                loss.set(loss + part)
                _all(kit, f, "backward", rows)
                f.br_if(next_rows, taken.to("lt_u", batch_size))
            f.emit(f.call(kit.functions["end_step"], step))
            f.store((step - first) * 8, loss, kit.plan.losses)
        f.return_(count)

    kit.function("train", ("first", "count"), body, "i32", export=True)


def write_evaluation(kit: Kit) -> None:
    """Write the export `evaluate(taken, stop)`.

    It adds the losses of the tokens of the held-out documents from number `taken` to before `stop`,
    those that count, and the number of these, to the totals in the control block.
    """

    def body(f: Function, taken: Local, stop: Local) -> None:
        zero = f.constant("i32", 0)
        loss_at, seen_at = kit.plan.control["held_out_loss"], kit.plan.control["tokens_seen"]
        rows = f.local("i32", "rows")
        loss, seen = f.let(f.load("f64", zero, loss_at)), f.let(f.load("i32", zero, seen_at))
        with f.loop() as next_document:
            # One document at a time, so that the sum does not depend on the number of calls.
            taken.set(f.call(kit.functions["fill_rows"], 0, taken, taken + 1, 0))
            rows.set(kit.control(f, "rows"))
            _all(kit, f, "forward", 0, rows)
            loss.set(loss + f.call(kit.functions["loss"], rows))
            seen.set(seen + kit.control(f, "counted_rows"))
            f.br_if(next_document, taken.to("lt_u", stop))
        f.store(zero, loss, loss_at)
        f.store(zero, seen, seen_at)

    kit.function("evaluate", ("taken", "stop"), body, export=True)


def _all(kit: Kit, f: Function, name: str, *arguments: Expression | int) -> None:
    """Run all nodes of a pass."""
    f.emit(f.call(kit.functions[name], *arguments, 0, kit.plan.nodes[name]))
