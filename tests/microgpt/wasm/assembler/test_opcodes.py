"""Every instruction of the table, run on numbers whose result is known."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import pytest

from microgpt.wasm.assembler.encoding import Immediate
from microgpt.wasm.assembler.function import Expression, Function
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.assembler.opcodes import OPCODES, VECTORS
from tests.support.emitted import running, the_host

BYTES = {"i32": "i", "i64": "q", "f32": "f", "f64": "d"}

# instruction, immediates | operands | result. Numbers of a vector are its lanes; several ones of
# another type are several examples. A comparison of vectors gives all bits or none: -1 or 0.
EXAMPLES = """
i32.eqz                | i32 0 1 -1                     | i32 1 0 0
i32.eq                 | i32 5 5; i32 5 6               | i32 1 0
i32.ne                 | i32 5 5; i32 5 6               | i32 0 1
i32.lt_s               | i32 -1 1 1; i32 1 -1 1         | i32 1 0 0
i32.lt_u               | i32 -1 1 1; i32 1 -1 1         | i32 0 1 0
i32.gt_s               | i32 -1 1 1; i32 1 -1 1         | i32 0 1 0
i32.le_s               | i32 -1 1 1; i32 1 -1 1         | i32 1 0 1
i32.ge_s               | i32 -1 1 1; i32 1 -1 1         | i32 0 1 1
i32.add                | i32 2 2147483647; i32 3 1      | i32 5 -2147483648
i32.sub                | i32 2 -2147483648; i32 3 1     | i32 -1 2147483647
i32.mul                | i32 -3 65536; i32 7 65537      | i32 -21 65536
i32.div_u              | i32 7 -1; i32 2 2              | i32 3 2147483647
i32.rem_u              | i32 7 -1; i32 4 16             | i32 3 15
i32.and                | i32 12; i32 10                 | i32 8
i32.or                 | i32 12; i32 10                 | i32 14
i32.shl                | i32 3 1; i32 4 31              | i32 48 -2147483648
i32.shr_u              | i32 48 -1; i32 4 28            | i32 3 15
i64.add                | i64 4294967295; i64 1          | i64 4294967296
i64.sub                | i64 0; i64 4294967296          | i64 -4294967296
i64.and                | i64 -1; i64 81985529216486895  | i64 81985529216486895
i64.or                 | i64 1; i64 -9223372036854775808 | i64 -9223372036854775807
i64.shr_s              | i64 -4294967296 7; i64 32 1    | i64 -1 3
f32.eq                 | f32 1 1 nan; f32 1 2 nan       | i32 1 0 0
f32.lt                 | f32 1 2 1; f32 2 1 1           | i32 1 0 0
f32.add                | f32 0.5; f32 0.25              | f32 0.75
f32.sub                | f32 0.5; f32 0.25              | f32 0.25
f32.mul                | f32 0.5; f32 -3                | f32 -1.5
f32.div                | f32 1; f32 -8                  | f32 -0.125
f32.max                | f32 1 -2; f32 -3 4             | f32 1 4
f64.eq                 | f64 1 1 nan; f64 1 2 nan       | i32 1 0 0
f64.ne                 | f64 1 1 nan; f64 1 2 nan       | i32 0 1 1
f64.lt                 | f64 1 2 1; f64 2 1 1           | i32 1 0 0
f64.gt                 | f64 1 2 1; f64 2 1 1           | i32 0 1 0
f64.abs                | f64 -2 3 -0.0                  | f64 2 3 0
f64.sqrt               | f64 2.25                       | f64 1.5
f64.add                | f64 0.1; f64 0.2               | f64 0.30000000000000004
f64.sub                | f64 0.5; f64 0.25              | f64 0.25
f64.mul                | f64 0.5; f64 -3                | f64 -1.5
f64.div                | f64 1; f64 3                   | f64 0.3333333333333333
f64.min                | f64 1 -2; f64 -3 4             | f64 -3 -2
f64.max                | f64 1 -2; f64 -3 4             | f64 1 4
f32.demote_f64         | f64 0.1                        | f32 0.1
f64.promote_f32        | f32 0.1                        | f64 0.10000000149011612
f64.convert_i32_s      | i32 -7 2147483647              | f64 -7 2147483647
f64.convert_i64_s      | i64 -4294967297                | f64 -4294967297
i64.reinterpret_f64    | f64 -0.0                       | i64 -9223372036854775808
f64.reinterpret_i64    | i64 4607182418800017408        | f64 1
i8x16.shuffle 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 | i64x2 1 2; i64x2 3 4 | i64x2 2 3
i8x16.shuffle 3 2 1 0 0 1 2 3 31 30 29 28 4 4 4 4 | i32x4 1 2 0 0; i32x4 0 0 0 1 \
| i32x4 16777216 1 16777216 33686018
i32x4.splat            | i32 -7                         | i32x4 -7 -7 -7 -7
f32x4.splat            | f32 0.5                        | f32x4 0.5 0.5 0.5 0.5
f64x2.splat            | f64 0.1                        | f64x2 0.1 0.1
f32x4.extract_lane 3   | f32x4 1 2 3 4                  | f32 4
f64x2.extract_lane 1   | f64x2 1 2                      | f64 2
f32x4.eq               | f32x4 1 2 nan 4; f32x4 1 3 nan 4 | i32x4 -1 0 0 -1
f32x4.lt               | f32x4 1 3 5 7; f32x4 1 4 4 8   | i32x4 0 -1 0 -1
f32x4.gt               | f32x4 1 3 5 7; f32x4 1 4 4 8   | i32x4 0 0 -1 0
f64x2.eq               | f64x2 1 2; f64x2 1 3           | i64x2 -1 0
f64x2.lt               | f64x2 1 2; f64x2 1 3           | i64x2 0 -1
f64x2.lt               | f64x2 4 nan; f64x2 3 1         | i64x2 0 0
f64x2.gt               | f64x2 1 2; f64x2 1 1           | i64x2 0 -1
f64x2.gt               | f64x2 4 nan; f64x2 5 1         | i64x2 0 0
v128.and               | i32x4 12 -1 0 1; i32x4 10 7 1 1 | i32x4 8 7 0 1
v128.or                | i32x4 12 -1 0 1; i32x4 10 7 1 1 | i32x4 14 -1 1 1
v128.bitselect         | i32x4 1 2 3 15; i32x4 5 6 7 0; i32x4 -1 0 -1 9 | i32x4 1 6 3 9
v128.any_true          | i32x4 0 0 0 0                  | i32 0
v128.any_true          | i32x4 0 0 1 0                  | i32 1
i32x4.shl              | i32x4 1 2 -1 0; i32 23         | i32x4 8388608 16777216 -8388608 0
i32x4.add              | i32x4 1 2 3 2147483647; i32x4 10 20 30 1 | i32x4 11 22 33 -2147483648
i64x2.shl              | i64x2 1 -1; i32 52             | i64x2 4503599627370496 -4503599627370496
i64x2.add              | i64x2 4294967295 2; i64x2 1 -3 | i64x2 4294967296 -1
f32x4.abs              | f32x4 -1 2 -0.0 4              | f32x4 1 2 0 4
f32x4.neg              | f32x4 -1 2 0 4                 | f32x4 1 -2 -0.0 -4
f32x4.sqrt             | f32x4 4 9 2.25 0               | f32x4 2 3 1.5 0
f32x4.add              | f32x4 1 2 3 4; f32x4 10 20 30 40 | f32x4 11 22 33 44
f32x4.sub              | f32x4 1 2 3 4; f32x4 10 20 30 40 | f32x4 -9 -18 -27 -36
f32x4.mul              | f32x4 1 2 3 4; f32x4 10 20 30 40 | f32x4 10 40 90 160
f32x4.div              | f32x4 1 2 3 4; f32x4 2 8 12 16 | f32x4 0.5 0.25 0.25 0.25
f32x4.min              | f32x4 1 5 -3 -4; f32x4 2 4 -5 0 | f32x4 1 4 -5 -4
f32x4.max              | f32x4 1 5 -3 -4; f32x4 2 4 -5 0 | f32x4 2 5 -3 0
f64x2.abs              | f64x2 -1 2                     | f64x2 1 2
f64x2.neg              | f64x2 -1 0                     | f64x2 1 -0.0
f64x2.sqrt             | f64x2 4 2.25                   | f64x2 2 1.5
f64x2.add              | f64x2 1 2; f64x2 10 20         | f64x2 11 22
f64x2.sub              | f64x2 1 2; f64x2 10 20         | f64x2 -9 -18
f64x2.mul              | f64x2 1 2; f64x2 10 20         | f64x2 10 40
f64x2.div              | f64x2 1 2; f64x2 2 8           | f64x2 0.5 0.25
f64x2.min              | f64x2 1 5; f64x2 2 4           | f64x2 1 4
f64x2.max              | f64x2 1 5; f64x2 2 4           | f64x2 2 5
f32x4.relaxed_madd     | f32x4 1 2 3 4; f32x4 10 20 30 40; f32x4 5 6 7 8 | f32x4 15 46 97 168
f64x2.relaxed_madd     | f64x2 1 2; f64x2 10 20; f64x2 5 6 | f64x2 15 46
""".strip().splitlines()
RELAXED = {"f32x4.relaxed_madd", "f64x2.relaxed_madd"}


def numbers_of(cell: str) -> tuple[str, list[Immediate]]:
    """ "i32 1 2" as ("i32", [1, 2])."""
    kind, *words = cell.split()
    return kind, [int(word) if kind.startswith("i") else float(word) for word in words]


def packed(kind: str, numbers: Sequence[Immediate]) -> bytes:
    return struct.pack(f"<{len(numbers)}{BYTES[kind[:3]]}", *numbers)


def write_example(f: Function, line: str) -> bytes:
    """Emit one line of `EXAMPLES`, with its results put from address 0 on; what they should be."""
    what, operands, result = line.split("|")
    name, *immediates = what.split()
    given = [numbers_of(cell) for cell in operands.split(";")]
    kind, expected = numbers_of(result)
    zero = f.constant("i32", 0)
    for case in range(1 if kind in VECTORS else len(expected)):
        values = [
            f.lanes(k, numbers) if k in VECTORS else f.constant(k, numbers[case])
            for k, numbers in given
        ]
        made = f.op(name, *values, immediates=tuple(map(int, immediates)), kind=kind)
        if kind == "i64":  # of which there is no store
            made = f.op("f64.reinterpret_i64", made)
        f.store(zero, made, case * len(packed(kind, expected[:1])))
    return packed(kind, expected)


@pytest.mark.parametrize("line", EXAMPLES, ids=lambda line: line.partition("|")[0].split()[0])
def test_what_an_instruction_computes(line: str) -> None:
    if line.split()[0] in RELAXED and not the_host().relaxed:
        pytest.skip("no relaxed SIMD here")
    module = Module(pages=1)
    expected = write_example(module.function("run", export=True), line)
    with running(module) as instance:
        instance.bind("run")()
        assert instance.read(0, len(expected)) == expected


LOADS = {
    "i32.load": ("i32", 4, 1),
    "f32.load": ("f32", 4, 1),
    "f64.load": ("f64", 8, 1),
    "v128.load": ("f32x4", 16, 1),
    "v128.load32_splat": ("f32x4", 4, 4),
    "v128.load64_splat": ("f64x2", 8, 2),
}
OFFSETS = [0, 1, 100, 127, 128, 16_383, 16_384, 65_000]  # at the edges of LEB128 as well
CONTENTS = bytes((7 * place + place // 251) % 256 for place in range(65_536))


def write_load(f: Function, name: str, offset: int) -> None:
    """Emit a load from 20 + `offset`, with what it gives put at address 0."""
    address = f.constant("i32", 20)
    f.store(f.constant("i32", 0), f.op(name, address, immediates=(offset,), kind=LOADS[name][0]))


@pytest.mark.parametrize("name", LOADS)
def test_loads_at_offsets(name: str) -> None:
    module = Module(pages=1)
    for offset in OFFSETS:
        write_load(module.function(f"at{offset}", export=True), name, offset)
    _, size, times = LOADS[name]
    with running(module) as instance:
        instance.write(0, CONTENTS)
        for offset in OFFSETS:
            instance.bind(f"at{offset}")()
            wanted = CONTENTS[20 + offset : 20 + offset + size] * times
            assert instance.read(0, len(wanted)) == wanted
            instance.write(0, CONTENTS[:16])


@pytest.mark.parametrize("address", [0, 3, 40_000])
def test_16_bits_are_loaded_without_a_sign(address: int) -> None:
    module = Module(pages=1)
    f = module.function("run", [("address", "i32")], "i32", export=True)
    f.return_(f.load16(f.parameters[0], 2))
    with running(module) as instance:
        instance.write(address, b"\x11\x11\xfe\xff\x11")
        assert instance.bind("run")(address) == 0xFFFE


STORED = {
    "i32.store": ("i32 -5", packed("i32", [-5])),
    "f32.store": ("f32 0.5", packed("f32", [0.5])),
    "f64.store": ("f64 -0.1", packed("f64", [-0.1])),
    "v128.store": ("i64x2 1 -2", packed("i64x2", [1, -2])),
    "v128.store64_lane": ("i64x2 1 -2", packed("i64x2", [-2])),
}


def write_store(f: Function, name: str, offset: int) -> None:
    """Emit a store to 20 + `offset`; of a lane, the second one."""
    kind, numbers = numbers_of(STORED[name][0])
    address = f.constant("i32", 20)
    if name == "v128.store64_lane":
        f.emit(f.op(name, address, f.lanes(kind, numbers), immediates=(offset, 1)))
    else:
        value = f.lanes(kind, numbers) if kind in VECTORS else f.constant(kind, numbers[0])
        f.store(address, value, offset)


@pytest.mark.parametrize("name", STORED)
def test_stores_at_offsets_change_nothing_else(name: str) -> None:
    module = Module(pages=1)
    for offset in OFFSETS:
        write_store(module.function(f"at{offset}", export=True), name, offset)
    data = STORED[name][1]
    with running(module) as instance:
        for offset in OFFSETS:
            instance.write(0, CONTENTS)
            instance.bind(f"at{offset}")()
            place = 20 + offset
            expected = CONTENTS[:place] + data + CONTENTS[place + len(data) :]
            assert instance.read(0, len(CONTENTS)) == expected


def write_memory(f: Function) -> None:
    """Emit a fill of 1000 to 1009 with 7, a copy of 100 to 104 to 500, and two pages more."""
    for name, operands in (("memory.fill", (1000, 7, 10)), ("memory.copy", (500, 100, 5))):
        f.emit(f.op(name, *(f.constant("i32", operand) for operand in operands)))
    f.return_(f.op("memory.grow", f.constant("i32", 2)))


def test_filling_copying_and_growing_memory() -> None:
    module = Module(pages=1)
    write_memory(module.function("run", result="i32", export=True))
    with running(module) as instance:
        instance.write(0, CONTENTS)
        assert instance.bind("run")() == 1  # page, before
        copied = CONTENTS[:500] + CONTENTS[100:105] + CONTENTS[505:]
        assert instance.read(0, 65_536) == copied[:1000] + b"\x07" * 10 + copied[1010:]
        assert instance.read(3 * 65_536 - 4, 4) == bytes(4)


def write_control(module: Module) -> None:
    """Emit the instructions that decide what is run, and those of locals."""
    f = module.function("control", [("n", "i32")], "i32")
    (n,) = f.parameters
    with f.block() as out, f.loop() as again, f.if_(n):
        n.set(n - 1)
        f.br(again)
        f.else_()
        f.br_if(out, n.to("eqz"))
    f.emit(f.op("drop", f.call(f, n)))
    f.emit(f.op("unreachable"))
    f.return_(n)


def emitted(module: Module) -> set[str]:
    """The names of all instructions in a module."""
    return {
        item.opcode.name
        for function in module.functions
        for item in function.code
        if isinstance(item, Expression)
    }


def test_every_instruction_of_the_table_is_emitted_and_valid() -> None:
    module = Module(pages=1)
    for number, line in enumerate(EXAMPLES):
        if the_host().relaxed or line.split()[0] not in RELAXED:
            write_example(module.function(f"example{number}"), line)
    for name in LOADS:
        write_load(module.function(name), name, 0)
    for name in STORED:
        write_store(module.function(name), name, 0)
    f = module.function("load16", result="i32")
    f.return_(f.load16(f.constant("i32", 0)))
    write_memory(module.function("memory", result="i32"))
    write_control(module)
    expected = set(OPCODES) - (set() if the_host().relaxed else RELAXED)
    assert emitted(module) == expected
    assert the_host().validate(module.encode())


def test_the_table_names_each_code_once() -> None:
    codes = [opcode.code for opcode in OPCODES.values()]
    assert len(set(codes)) == len(codes)
