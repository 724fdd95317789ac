"""The training loop and the evaluation, inside the module.

A step takes its documents from memory, arranges their positions as rows, computes, and goes on to
the next step, so one call from Python can run thousands. The learning rate follows from the number
of the step, and each step's documents follow those of the last, so the results do not depend on how
a run is divided into calls.
"""

from __future__ import annotations

import math

from microgpt.optimizer import CLIP_EPS
from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.interface import SCHEDULE_FIELDS
from microgpt.wasm.compiler.kernels.kit import Kit
from microgpt.wasm.compiler.kernels.update import sum_of_squares
from microgpt.wasm.compiler.numbers import sine

FLUSH_INTERVAL_STEPS = 64  # how often tiny numbers of the optimizer are set to 0; a power of two


def write_training(kit: Kit) -> None:
    """Write the export `train(first, count, document)` and the parts of a step.

    `train` runs `count` steps from number `first` on, the first of them from training document
    number `document` on. It stores their losses in memory and returns the number of good ones: it
    stops before a step whose loss is not finite. `end_step(step)` is for steps in several calls.
    """
    _write_power(kit)
    _write_learning_rate(kit)
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


def _write_learning_rate(kit: Kit) -> None:
    """The learning rate of a step, as `microgpt.schedules.Schedule.factor` has it."""

    def body(f: Function, step: Local) -> None:
        begin, warmup_steps, decay_begin, decay_steps = (
            kit.control(f, name, "f64") for name in SCHEDULE_FIELDS
        )
        number = f.let(f.op("f64.convert_i32_s", step), "number")
        rise = f.let((number - begin + 1.0) / (warmup_steps + 1.0), "rise")
        fall = f.let(f.constant("f64", 1.0) - (number - decay_begin) / decay_steps, "fall")
        fall.set(fall.to("max", 0.0).to("min", 1.0))
        with f.if_(kit.control(f, "cosine")):
            fall.set(sine(f, f.let(fall * (math.pi / 2))))
            fall.set(fall * fall)
        f.return_(kit.control(f, "learning_rate", "f64") * rise.to("min", fall))

    kit.function("learning_rate", ("step",), body, "f64")


def _write_end_step(kit: Kit) -> None:
    """Clip the gradient, update the weights, and now and then flush the optimizer's tiny numbers.

    The constants of the step are stored in memory, each in all lanes of a vector.
    """
    plan = kit.plan

    def body(f: Function, step: Local) -> None:
        settings = {
            name: f.let(kit.control(f, name, "f64"), name)
            for name in plan.optimizer.optimizer.hyperparameters
        }
        rate = f.let(f.call(kit.functions["learning_rate"], step), "rate")
        age = f.let(step - kit.control(f, "optimizer_begin"), "age")
        constants = {
            "scale": _gradient_scale(kit, f),
            **plan.optimizer.begin_step(kit.functions["power"], f, settings, rate, age),
        }
        zero = f.constant("i32", 0)
        for name, address in plan.step_constants.items():
            f.store(zero, kit.numbers.splat(f, constants[name]), address)
        f.emit(f.call(kit.functions["update"]))
        with f.if_((step + 1).to("and", FLUSH_INTERVAL_STEPS - 1).to("eqz")):
            f.emit(f.call(kit.functions["flush_denormals"]))

    kit.function("end_step", ("step",), body, export=True)


def _gradient_scale(kit: Kit, f: Function) -> Local:
    """What the gradient is multiplied by, as `microgpt.optimizer.clipped` has it."""
    plan = kit.plan
    scale = f.let(f.constant("f64", 1.0), "scale")
    clip = f.let(kit.control(f, "clip", "f64"), "clip")
    with f.if_(clip.to("gt", 0.0)):
        gradient = f.constant("i32", plan.weights + plan.gradient_offset)
        squares = f.call(sum_of_squares(kit), gradient, plan.state_size)
        norm = f.let(squares.to("sqrt"), "norm")
        # Not a number where the norm is infinite, so that the step is found to be bad.
        scale.set((clip / (norm + CLIP_EPS)).to("min", 1.0) + (norm - norm))
    return scale


def _write_train(kit: Kit) -> None:
    def body(f: Function, first: Local, count: Local, document: Local) -> None:
        batch_size = f.let(kit.control(f, "batch_size"), "batch_size")
        step, stop = f.let(first, "step"), f.let(first + count, "stop")
        loss, part = f.local("f64", "loss"), f.local("f64", "part")
        taken, rows = f.local("i32", "taken"), f.local("i32", "rows")
        with f.counted_loop(step, stop, 1):
            loss.set(0.0)
            taken.set(0)
            with f.loop() as next_rows:
                taken.set(f.call(kit.functions["fill_rows"], document, taken, batch_size, 1))
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
            document.set(document + batch_size)
        f.return_(count)

    kit.function("train", ("first", "count", "document"), body, "i32", export=True)


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
