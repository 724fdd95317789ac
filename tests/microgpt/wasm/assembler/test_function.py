"""Functions and modules that are put together, encoded and run; and the errors on the way."""

from __future__ import annotations

import doctest
import importlib
import math
import pkgutil
import re
import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import microgpt.wasm
from microgpt.wasm.assembler import PAGE_BYTES
from microgpt.wasm.assembler.function import AssemblyError, Expression, Function
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.runtime.instance import HostError
from tests.support.emitted import running, stored, the_host

MODULES = [info.name for info in pkgutil.walk_packages(microgpt.wasm.__path__, "microgpt.wasm.")]
few = settings(max_examples=20)


def run(
    write: Callable[[Function], Expression],
    *arguments: tuple[str, float],
    result: str = "i32",
) -> object:
    """The result of a function that `write` writes, with parameters of given types."""
    module = Module()
    parameters = [(f"p{place}", kind) for place, (kind, _) in enumerate(arguments)]
    f = module.function("run", parameters, result, export=True)
    f.return_(write(f))
    with running(module) as instance:
        return instance.bind("run")(*(value for _, value in arguments))


def test_locals_of_all_types_are_0_at_first_and_keep_what_they_are_given() -> None:
    kinds = ["i32", "f32", "f64", "f32x4", "f64x2", "i32x4", "i64x2"]

    def write(f: Function, zero: Expression) -> None:
        places = {kind: f.local(kind) for kind in kinds}
        for number, local in enumerate(places.values()):
            f.store(zero, local, 16 * number)
        for number, (kind, local) in enumerate(places.items(), start=1):
            local.set(f.constant(kind, number))
        for number, local in enumerate(places.values()):
            f.store(zero, local, 16 * (len(kinds) + number))

    forms = ["i12x", "f12x", "d8x", "4f", "2d", "4i", "2q"]
    expected = b"".join(
        struct.pack(f"<{form}", *[number] * (int(form[0]) if form[0].isdigit() else 1))
        for number, form in enumerate(forms, start=1)
    )
    assert stored(write, 32 * len(kinds)) == bytes(16 * len(kinds)) + expected


def test_a_local_of_64_bits() -> None:
    def write(f: Function) -> Expression:
        local = f.let(f.constant("i64", 1 << 40))
        local.set(local + f.constant("i64", 2))
        return f.op("f64.convert_i64_s", local)

    assert run(write, result="f64") == 2.0**40 + 2


def test_more_locals_and_functions_than_one_byte_can_number() -> None:
    module = Module()
    for number in range(300):
        f = module.function(f"f{number}", result="i32")
        f.return_(f.constant("i32", number))
    f = module.function("run", result="i32", export=True)
    kept = [f.let(f.call(other)) for other in module.functions[:-1]]
    total = kept[0] + 0
    for local in kept[1:]:
        total = total + local
    f.return_(total)
    with running(module) as instance:
        assert instance.bind("run")() == sum(range(300))


def test_arithmetic_with_signs_as_in_python() -> None:
    def write(f: Function) -> Expression:
        a, b = f.parameters
        return ((a + b) * 2.0 - a / b).to("max", 1.0).to("sqrt")

    assert run(write, ("f64", 3.0), ("f64", 4.0), result="f64") == math.sqrt(13.25)
    assert run(write, ("f64", 0.0), ("f64", 0.25), result="f64") == 1.0


def test_the_bits_of_a_vector_as_another_type() -> None:
    def write(f: Function, zero: Expression) -> None:
        one = f.constant("f32x4", 1.0)
        f.store(zero, one.bits("i32x4").to("shl", f.constant("i32", 1)).bits("f32x4"))

    assert stored(write, 4) == (2 * 0x3F800000).to_bytes(4, "little")


def collatz(f: Function) -> Expression:
    """How many steps n takes to come to 1: three times n and 1, or its half."""
    (n,) = f.parameters
    steps = f.local("i32", "steps")
    with f.block() as out, f.loop() as again:
        f.br_if(out, n.to("eq", 1))
        with f.if_(n.to("and", 1)):
            n.set(n * 3 + 1)
            f.else_()
            n.set(n.to("shr_u", 1))
        steps.set(steps + 1)
        f.br(again)
    return steps


@few
@given(st.integers(1, 5000))
def test_loops_and_conditions(n: int) -> None:
    expected, m = 0, n
    while m != 1:
        m, expected = (3 * m + 1 if m % 2 else m // 2), expected + 1
    assert run(collatz, ("i32", n)) == expected


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10])
def test_leaving_any_of_several_blocks(n: int) -> None:
    def write(f: Function) -> Expression:
        (n,) = f.parameters
        digits = f.local("i32", "digits")
        with f.block() as outer:
            with f.block() as middle:
                with f.block() as inner:
                    f.br_if(outer, n.to("eqz"))
                    with f.if_(n.to("eq", 1)):
                        f.br(middle)
                    f.br_if(inner, n.to("eq", 2))
                    digits.set(digits + 1000)
                digits.set(digits + 100)
            digits.set(digits + 10)
        return digits

    assert run(write, ("i32", n)) == {0: 0, 1: 10, 2: 110}.get(n, 1110)


@pytest.mark.parametrize(("stop", "step", "times"), [(1, 1, 1), (5, 1, 5), (6, 2, 3), (7, 4, 2)])
def test_steps_run_until_the_counter_is_not_below_the_stop(
    stop: int, step: int, times: int
) -> None:
    def write(f: Function) -> Expression:
        (end,) = f.parameters
        counter, done = f.local("i32"), f.local("i32")
        with f.counted_loop(counter, end, step):
            done.set(done + 1)
        return done

    assert run(write, ("i32", stop)) == times


def test_calls_with_arguments_in_their_order_also_of_itself() -> None:
    module = Module()
    power = module.function("power", [("base", "f64"), ("exponent", "i32")], "f64", export=True)
    base, exponent = power.parameters
    with power.if_(exponent.to("eqz")):
        power.return_(power.constant("f64", 1.0))
    power.return_(power.call(power, base, exponent - 1) * base)
    square = module.function("square", [("x", "f64")], "f64", export=True)
    square.return_(square.call(power, square.parameters[0], 2))
    with running(module) as instance:
        assert instance.bind("power")(3.0, 4) == 81.0
        assert instance.bind("square")(1.5) == 2.25


def test_leaving_a_function_early_with_and_without_a_result() -> None:
    module = Module(pages=1)
    note = module.function("note", [("x", "i32")], export=True)
    (x,) = note.parameters
    with note.if_(x.to("eqz")):
        note.return_()
    note.store(note.constant("i32", 8), x)
    with running(module) as instance:
        call = instance.bind("note")
        assert call(7) is None
        call(0)
        assert instance.read(8, 4) == b"\x07\0\0\0"


def test_memory_is_exported_and_as_large_as_asked_for() -> None:
    with running(Module(pages=200)) as instance:
        instance.write(200 * PAGE_BYTES - 1, b"x")
        with pytest.raises(IndexError):
            instance.read(200 * PAGE_BYTES, 1)


def test_only_what_is_exported_can_be_called() -> None:
    module = Module()
    module.function("inside")
    module.function("outside", export=True)
    with running(module) as instance:
        assert instance.bind("outside")() is None
        with pytest.raises(HostError, match="inside"):
            instance.bind("inside")


def test_remarks_change_nothing() -> None:
    modules = [Module(), Module()]
    for module in modules:
        f = module.function("run", result="i32", export=True)
        if module is modules[1]:
            f.comment("a remark")
        f.return_(f.constant("i32", 1))
    assert modules[0].encode() == modules[1].encode()
    assert the_host().validate(modules[0].encode())


WRONG: dict[str, Callable[[Function], object]] = {
    r"there is no instruction f64\.pow": lambda f: f.op("f64.pow"),
    r"there is no instruction i32x4\.mul": lambda f: f.constant("i32x4", 1) * 2,
    r"there is no instruction i64\.store": lambda f: f.store(
        f.constant("i32", 0), f.constant("i64", 1)
    ),
    r"f64\.add takes \(f64, f64\), not \(f64, f32\)": lambda f: (
        f.constant("f64", 1) + f.constant("f32", 1)
    ),
    r"f32x4\.mul takes \(f32x4, f32x4\), not \(f32x4, f64x2\)": lambda f: (
        f.constant("f32x4", 1) * f.constant("f64x2", 1)
    ),
    r"f64\.sqrt takes \(f64\), not \(\)": lambda f: f.op("f64.sqrt"),
    r"f64\.sqrt takes \(f64\), not \(f64, f64\)": lambda f: f.op(
        "f64.sqrt", *[f.constant("f64", 1)] * 2
    ),
    r"v128\.load takes \(i32\), not \(f32\)": lambda f: f.load("f32x4", f.constant("f32", 0)),
    r"v128\.and takes \(vector, vector\), not \(f32x4, f32\)": lambda f: f.op(
        "v128.and", f.constant("f32x4", 1), f.constant("f32", 1)
    ),
    r"drop takes \(any\), not \(\)": lambda f: f.op("drop", f.call(f, 0)),
    r"f64\.store takes \(i32, f64\), not \(f64, f64\)": lambda f: f.store(
        f.constant("f64", 0), f.constant("f64", 1)
    ),
    r"local\.set \$count takes i32, not f64": lambda f: f.local("i32", "count").set(
        f.constant("f64", 1)
    ),
    r"call \$broken takes \(i32\), not \(f64\)": lambda f: f.call(f, f.constant("f64", 1)),
    r"call \$broken takes \(i32\), not \(\)": lambda f: f.call(f),
    r"return takes nothing, not i32": lambda f: f.return_(f.constant("i32", 1)),
    r"i32\.const leaves a value that nothing takes": lambda f: f.emit(f.constant("i32", 1)),
    r"br_if takes \(i32\), not \(f64\)": lambda f: f.br_if(0, f.constant("f64", 1)),
    r"if takes \(i32\), not \(f32x4\)": lambda f: f.if_(f.constant("f32x4", 1)).__enter__(),
    r"f64 cannot be reinterpreted as i64x2": lambda f: f.constant("f64", 1).bits("i64x2"),
    r"f32x4 cannot be reinterpreted as i32": lambda f: f.constant("f32x4", 1).bits("i32"),
}


@pytest.mark.parametrize("message", WRONG, ids=lambda text: re.sub(r"\W+", "-", text))
def test_wrong_operands_are_an_error_that_names_instruction_and_function(message: str) -> None:
    f = Module().function("broken", [("x", "i32")])
    with pytest.raises(AssemblyError, match=f"^broken: {message}$"):
        WRONG[message](f)


def test_a_result_of_the_wrong_type_is_an_error() -> None:
    f = Module().function("broken", result="f64")
    with pytest.raises(AssemblyError, match=r"^broken: return takes f64, not nothing$"):
        f.return_()
    with pytest.raises(AssemblyError, match=r"^broken: return takes f64, not f32$"):
        f.return_(f.constant("f32", 1))


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
