"""WebAssembly's instructions as a table: one per row, with its code, operands and result.

Only those that the compiler and its tests use. The types `f32x4`, `f64x2`, `i32x4` and `i64x2` are
all `v128` in WebAssembly; they are distinguished here so that mixing them up is an error.
"""

from __future__ import annotations

from dataclasses import dataclass

VECTORS = ("f32x4", "f64x2", "i32x4", "i64x2")
TYPE_CODES = {"i32": 0x7F, "i64": 0x7E, "f32": 0x7D, "f64": 0x7C, **dict.fromkeys(VECTORS, 0x7B)}


@dataclass(frozen=True, eq=False, slots=True)
class Opcode:
    """One instruction.

    `immediates` is what follows the code: "" nothing, "memory N" an offset (N is the logarithm of
    the natural alignment), "lane" a lane, "lanes" sixteen of them, "index" the index of a local,
    function, global or label, "block" an empty block type, else the type of a constant. A trailing
    0 that an instruction always has is part of its code.
    """

    name: str
    code: bytes
    operands: tuple[str, ...]
    result: str
    immediates: str


# name | code | operands | result ("vector": any of VECTORS) | immediates
INSTRUCTION_TABLE = """
unreachable                   | 00      |                      |        |
block                         | 02      |                      |        | block
loop                          | 03      |                      |        | block
if                            | 04      | i32                  |        | block
else                          | 05      |                      |        |
end                           | 0b      |                      |        |
br                            | 0c      |                      |        | index
br_if                         | 0d      | i32                  |        | index
drop                          | 1a      | any                  |        |
i32.load                      | 28      | i32                  | i32    | memory 2
f32.load                      | 2a      | i32                  | f32    | memory 2
f64.load                      | 2b      | i32                  | f64    | memory 3
i32.load16_u                  | 2f      | i32                  | i32    | memory 1
i32.store                     | 36      | i32 i32              |        | memory 2
f32.store                     | 38      | i32 f32              |        | memory 2
f64.store                     | 39      | i32 f64              |        | memory 3
memory.grow                   | 40 00   | i32                  | i32    |
i32.const                     | 41      |                      | i32    | i32
i64.const                     | 42      |                      | i64    | i64
f32.const                     | 43      |                      | f32    | f32
f64.const                     | 44      |                      | f64    | f64
i32.eqz                       | 45      | i32                  | i32    |
i32.eq                        | 46      | i32 i32              | i32    |
i32.ne                        | 47      | i32 i32              | i32    |
i32.lt_s                      | 48      | i32 i32              | i32    |
i32.lt_u                      | 49      | i32 i32              | i32    |
i32.gt_s                      | 4a      | i32 i32              | i32    |
i32.le_s                      | 4c      | i32 i32              | i32    |
i32.ge_s                      | 4e      | i32 i32              | i32    |
f32.eq                        | 5b      | f32 f32              | i32    |
f32.lt                        | 5d      | f32 f32              | i32    |
f64.eq                        | 61      | f64 f64              | i32    |
f64.ne                        | 62      | f64 f64              | i32    |
f64.lt                        | 63      | f64 f64              | i32    |
f64.gt                        | 64      | f64 f64              | i32    |
i32.add                       | 6a      | i32 i32              | i32    |
i32.sub                       | 6b      | i32 i32              | i32    |
i32.mul                       | 6c      | i32 i32              | i32    |
i32.div_u                     | 6e      | i32 i32              | i32    |
i32.rem_u                     | 70      | i32 i32              | i32    |
i32.and                       | 71      | i32 i32              | i32    |
i32.or                        | 72      | i32 i32              | i32    |
i32.shl                       | 74      | i32 i32              | i32    |
i32.shr_u                     | 76      | i32 i32              | i32    |
i64.add                       | 7c      | i64 i64              | i64    |
i64.sub                       | 7d      | i64 i64              | i64    |
i64.and                       | 83      | i64 i64              | i64    |
i64.or                        | 84      | i64 i64              | i64    |
i64.shr_s                     | 87      | i64 i64              | i64    |
f32.add                       | 92      | f32 f32              | f32    |
f32.sub                       | 93      | f32 f32              | f32    |
f32.mul                       | 94      | f32 f32              | f32    |
f32.div                       | 95      | f32 f32              | f32    |
f32.max                       | 97      | f32 f32              | f32    |
f64.abs                       | 99      | f64                  | f64    |
f64.sqrt                      | 9f      | f64                  | f64    |
f64.add                       | a0      | f64 f64              | f64    |
f64.sub                       | a1      | f64 f64              | f64    |
f64.mul                       | a2      | f64 f64              | f64    |
f64.div                       | a3      | f64 f64              | f64    |
f64.min                       | a4      | f64 f64              | f64    |
f64.max                       | a5      | f64 f64              | f64    |
f32.demote_f64                | b6      | f64                  | f32    |
f64.convert_i32_s             | b7      | i32                  | f64    |
f64.convert_i64_s             | b9      | i64                  | f64    |
f64.promote_f32               | bb      | f32                  | f64    |
i64.reinterpret_f64           | bd      | f64                  | i64    |
f64.reinterpret_i64           | bf      | i64                  | f64    |
memory.copy                   | fc 0a 00 00 | i32 i32 i32      |        |
memory.fill                   | fc 0b 00    | i32 i32 i32      |        |
v128.load                     | fd 00   | i32                  | vector | memory 4
v128.load32_splat             | fd 09   | i32                  | f32x4  | memory 2
v128.load64_splat             | fd 0a   | i32                  | f64x2  | memory 3
v128.store                    | fd 0b   | i32 vector           |        | memory 4
v128.const                    | fd 0c   |                      | vector | vector
i8x16.shuffle                 | fd 0d   | vector vector        | vector | lanes
i32x4.splat                   | fd 11   | i32                  | i32x4  |
f32x4.splat                   | fd 13   | f32                  | f32x4  |
f64x2.splat                   | fd 14   | f64                  | f64x2  |
f32x4.extract_lane            | fd 1f   | f32x4                | f32    | lane
f64x2.extract_lane            | fd 21   | f64x2                | f64    | lane
f32x4.eq                      | fd 41   | f32x4 f32x4          | f32x4  |
f32x4.lt                      | fd 43   | f32x4 f32x4          | f32x4  |
f32x4.gt                      | fd 44   | f32x4 f32x4          | f32x4  |
f64x2.eq                      | fd 47   | f64x2 f64x2          | f64x2  |
f64x2.lt                      | fd 49   | f64x2 f64x2          | f64x2  |
f64x2.gt                      | fd 4a   | f64x2 f64x2          | f64x2  |
v128.and                      | fd 4e   | vector vector        | vector |
v128.or                       | fd 50   | vector vector        | vector |
v128.bitselect                | fd 52   | vector vector vector | vector |
v128.any_true                 | fd 53   | vector               | i32    |
v128.store64_lane             | fd 5b   | i32 vector           |        | memory 3 lane
i32x4.shl                     | fd ab 01 | i32x4 i32           | i32x4  |
i32x4.add                     | fd ae 01 | i32x4 i32x4         | i32x4  |
i64x2.shl                     | fd cb 01 | i64x2 i32           | i64x2  |
i64x2.add                     | fd ce 01 | i64x2 i64x2         | i64x2  |
f32x4.abs                     | fd e0 01 | f32x4               | f32x4  |
f32x4.neg                     | fd e1 01 | f32x4               | f32x4  |
f32x4.sqrt                    | fd e3 01 | f32x4               | f32x4  |
f32x4.add                     | fd e4 01 | f32x4 f32x4         | f32x4  |
f32x4.sub                     | fd e5 01 | f32x4 f32x4         | f32x4  |
f32x4.mul                     | fd e6 01 | f32x4 f32x4         | f32x4  |
f32x4.div                     | fd e7 01 | f32x4 f32x4         | f32x4  |
f32x4.min                     | fd e8 01 | f32x4 f32x4         | f32x4  |
f32x4.max                     | fd e9 01 | f32x4 f32x4         | f32x4  |
f64x2.abs                     | fd ec 01 | f64x2               | f64x2  |
f64x2.neg                     | fd ed 01 | f64x2               | f64x2  |
f64x2.sqrt                    | fd ef 01 | f64x2               | f64x2  |
f64x2.add                     | fd f0 01 | f64x2 f64x2         | f64x2  |
f64x2.sub                     | fd f1 01 | f64x2 f64x2         | f64x2  |
f64x2.mul                     | fd f2 01 | f64x2 f64x2         | f64x2  |
f64x2.div                     | fd f3 01 | f64x2 f64x2         | f64x2  |
f64x2.min                     | fd f4 01 | f64x2 f64x2         | f64x2  |
f64x2.max                     | fd f5 01 | f64x2 f64x2         | f64x2  |
f32x4.relaxed_madd            | fd 85 02 | f32x4 f32x4 f32x4   | f32x4  |
f64x2.relaxed_madd            | fd 87 02 | f64x2 f64x2 f64x2   | f64x2  |
local.get                     | 20      |                      | any    | index
local.set                     | 21      | any                  |        | index
call                          | 10      |                      |        | index
return                        | 0f      |                      |        |
"""


def _row(line: str) -> Opcode:
    name, code, operands, result, immediates = (cell.strip() for cell in line.split("|"))
    return Opcode(name, bytes.fromhex(code), tuple(operands.split()), result, immediates)


OPCODES = {row.name: row for row in map(_row, INSTRUCTION_TABLE.strip().splitlines())}
