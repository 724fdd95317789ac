"""Optimizers in compiled form: the update of a vector of weights, in registers.

The record and the scalar form of each are in `microgpt/optimizer.py`; `kernels/update.py` applies
the update to the weights in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from microgpt.optimizer import ADAM, ADAMW, SGD, Optimizer
from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.compiler.numbers import Numbers

# The power function (f64 to an i32), the function that is written, the hyperparameters by name
# (f64), the learning rate of the step (f64; computed at each use) and the step's number (i32).
BeginStep = Callable[
    [Function, Function, Mapping[str, Local], Expression, Local], Mapping[str, Expression]
]
# The arithmetic, the function that is written, the step's constants by name, the weights, the
# gradient, and the slots (each loaded at each use), all as vectors.
Update = Callable[
    [Numbers, Function, Mapping[str, Local], Local, Local, Sequence[Expression]],
    tuple[Expression, Sequence[Local]],
]


@dataclass(frozen=True, eq=False, slots=True)
class CompiledOptimizer:
    """The compiled form of an optimizer.

    Args:
        optimizer: its record.
        constants: the names of what is the same for all weights in one step.
        begin_step: writes the computation of these constants (f64), by name.
        update: writes the update, which is subtracted from the weights, and the slots' new values.
        flush_below: for f32 and f64, one magnitude per slot; smaller numbers are set to 0 now and
            then. Else they, or what is computed from them, would become denormal numbers, with
            which processors are many times slower.
    """

    optimizer: Optimizer
    constants: tuple[str, ...]
    begin_step: BeginStep
    update: Update
    flush_below: Mapping[str, tuple[float, ...]]


def _begin_adam_step(
    power: Function, f: Function, settings: Mapping[str, Local], rate: Expression, step: Local
) -> Mapping[str, Expression]:
    """After section 2 of the paper: the bias corrections are folded into learning rate and eps."""
    one = f.constant("f64", 1.0)
    correction1 = one - f.call(power, settings["beta1"], step + 1)
    root2 = f.let((one - f.call(power, settings["beta2"], step + 1)).to("sqrt"))
    return {
        "beta1": settings["beta1"],
        "rest1": one - settings["beta1"],
        "beta2": settings["beta2"],
        "rest2": one - settings["beta2"],
        "rate": rate * root2 / correction1,
        "eps": settings["eps"] * root2,
    }


def _adam_update(
    numbers: Numbers,
    f: Function,
    constants: Mapping[str, Local],
    _weights: Local,
    gradient: Local,
    slots: Sequence[Expression],
) -> tuple[Expression, Sequence[Local]]:
    m, v = slots
    mean = f.let(numbers.multiply_add(m, constants["beta1"], gradient * constants["rest1"]))
    square = f.let(
        numbers.multiply_add(v, constants["beta2"], gradient * gradient * constants["rest2"])
    )
    update = mean * constants["rate"] / (square.to("sqrt") + constants["eps"])
    return update, (mean, square)


def _begin_adamw_step(
    power: Function, f: Function, settings: Mapping[str, Local], rate: Expression, step: Local
) -> Mapping[str, Expression]:
    decay = rate * settings["weight_decay"]
    return {**_begin_adam_step(power, f, settings, rate, step), "decay": decay}


def _adamw_update(
    numbers: Numbers,
    f: Function,
    constants: Mapping[str, Local],
    weights: Local,
    gradient: Local,
    slots: Sequence[Expression],
) -> tuple[Expression, Sequence[Local]]:
    update, new_slots = _adam_update(numbers, f, constants, weights, gradient, slots)
    return numbers.multiply_add(weights, constants["decay"], update), new_slots


def _begin_sgd_step(
    _power: Function, _f: Function, settings: Mapping[str, Local], rate: Expression, _step: Local
) -> Mapping[str, Expression]:
    return {"momentum": settings["momentum"], "rate": rate}


def _sgd_update(
    numbers: Numbers,
    f: Function,
    constants: Mapping[str, Local],
    _weights: Local,
    gradient: Local,
    slots: Sequence[Expression],
) -> tuple[Expression, Sequence[Local]]:
    velocity = f.let(numbers.multiply_add(slots[0], constants["momentum"], gradient))
    return velocity * constants["rate"], (velocity,)


ADAM_CONSTANTS = ("beta1", "rest1", "beta2", "rest2", "rate", "eps")
# Neither the square of m nor a few hundred steps of decay shall reach denormal numbers.
FLUSH_ADAM_BELOW = {"f32": (1e-20, 1e-36), "f64": (1e-150, 1e-290)}
COMPILED_ADAM = CompiledOptimizer(
    ADAM, ADAM_CONSTANTS, _begin_adam_step, _adam_update, FLUSH_ADAM_BELOW
)
COMPILED_ADAMW = CompiledOptimizer(
    ADAMW, (*ADAM_CONSTANTS, "decay"), _begin_adamw_step, _adamw_update, FLUSH_ADAM_BELOW
)
COMPILED_SGD = CompiledOptimizer(
    SGD,
    ("momentum", "rate"),
    _begin_sgd_step,
    _sgd_update,
    # Nor shall its product with the learning rate.
    flush_below={"f32": (1e-30,), "f64": (1e-290,)},
)
COMPILED_OPTIMIZERS: dict[str, CompiledOptimizer] = {
    compiled.optimizer.name: compiled for compiled in (COMPILED_ADAM, COMPILED_ADAMW, COMPILED_SGD)
}
