"""Numbers in WebAssembly's binary format, read back by the hosts."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.wasm.assembler.encoding import signed, unsigned
from microgpt.wasm.assembler.function import Expression, Function
from tests.support.emitted import stored

few = settings(max_examples=20)


def edges(bits: int) -> st.SearchStrategy[int]:
    """Signed numbers of a number of bits, many of them where LEB128 takes one byte more."""
    places = {1 << shift for shift in (*range(6, bits - 1, 7), *range(7, bits - 1, 7), bits - 1)}
    near = {sign * place + step for place in places for sign in (1, -1) for step in (-1, 0, 1)}
    lowest, highest = -(1 << bits - 1), (1 << bits - 1) - 1
    at_edges = sorted(number for number in near if lowest <= number <= highest)
    return st.sampled_from(at_edges) | st.integers(lowest, highest)


def read_leb128(data: bytes) -> int:
    """The unsigned number whose LEB128 is the whole of `data`."""
    assert all(byte & 0x80 for byte in data[:-1])
    assert not data[-1] & 0x80
    return sum((byte & 0x7F) << 7 * place for place, byte in enumerate(data))


@given(edges(33).filter(lambda number: number >= 0))
def test_unsigned_numbers(number: int) -> None:
    data = unsigned(number)
    assert read_leb128(data) == number
    assert len(data) == max(1, -(-number.bit_length() // 7))


@given(edges(64))
def test_signed_numbers(number: int) -> None:
    data = signed(number)
    bits = 7 * len(data)
    assert read_leb128(data) - number in (0, 1 << bits)
    assert -(1 << bits - 1) <= number < 1 << bits - 1  # the last bit is the sign
    smaller = bits - 7
    assert not smaller or not -(1 << smaller - 1) <= number < 1 << smaller - 1


def stored_constants(kind: str, numbers: Sequence[float]) -> bytes:
    form = {"i32": "i", "i64": "q", "f32": "f", "f64": "d"}[kind]

    def write(f: Function, zero: Expression) -> None:
        for place, number in enumerate(numbers):
            value = f.constant(kind, number)
            if kind == "i64":  # of which there is no store
                value = f.op("f64.reinterpret_i64", value)
            f.store(zero, value, place * struct.calcsize(form))

    return stored(write, len(numbers) * struct.calcsize(form))


@few
@given(st.lists(edges(32), min_size=1), st.lists(edges(64), min_size=1))
def test_whole_constants(small: list[int], large: list[int]) -> None:
    assert stored_constants("i32", small) == struct.pack(f"<{len(small)}i", *small)
    assert stored_constants("i64", large) == struct.pack(f"<{len(large)}q", *large)


def test_whole_constants_without_a_sign() -> None:
    assert stored_constants("i32", [1 << 31, (1 << 32) - 1]) == bytes.fromhex("00000080 ffffffff")
    assert stored_constants("i64", [1 << 63]) == bytes.fromhex("0000000000000080")


@few
@given(st.lists(st.floats(width=32), min_size=1), st.lists(st.floats(), min_size=1))
def test_constants_of_floating_point(small: list[float], large: list[float]) -> None:
    assert stored_constants("f32", small) == struct.pack(f"<{len(small)}f", *small)
    assert stored_constants("f64", large) == struct.pack(f"<{len(large)}d", *large)


@pytest.mark.parametrize("kind", ["f32", "f64"])
def test_zero_keeps_its_sign_and_no_number_stays_none(kind: str) -> None:
    numbers = [0.0, -0.0, math.nan, -0.0, 0.0, math.inf, -math.inf]
    expected = struct.pack(f"<7{kind.replace('f32', 'f').replace('f64', 'd')}", *numbers)
    assert stored_constants(kind, numbers) == expected


@pytest.mark.parametrize(
    ("kind", "lanes", "form"),
    [
        ("f32x4", [0.0, -0.0, 1.5, math.inf], "4f"),
        ("f64x2", [-0.0, 0.1], "2d"),
        ("i32x4", [1, -2, 3, -(1 << 31)], "4i"),
        ("i64x2", [1, -(1 << 63)], "2q"),
    ],
)
def test_constant_vectors(kind: str, lanes: list[float], form: str) -> None:
    def write(f: Function, zero: Expression) -> None:
        f.store(zero, f.lanes(kind, lanes))
        f.store(zero, f.constant(kind, lanes[0]), 16)

    everywhere = [lanes[0]] * len(lanes)
    assert stored(write, 32) == struct.pack(f"<{form}{form}", *lanes, *everywhere)
