"""Numbers, instructions and sections in WebAssembly's binary format.

After the WebAssembly Core Specification, release 3, chapter 5. The module knows bytes only;
`function.py` checks the types of the operands.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache

from microgpt.wasm.assembler.opcodes import Opcode

Immediate = int | float
STRUCT_CODES = {"i32": "i", "i64": "q", "f32": "f", "f64": "d"}  # formats of struct


def unsigned(value: int) -> bytes:
    """`value` as unsigned LEB128.

    >>> unsigned(624485).hex()
    'e58e26'
    """
    if value < 0x80:
        return bytes((value,))
    result = bytearray()
    while value > 0x7F:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value)
    return bytes(result)


def signed(value: int) -> bytes:
    """`value` as signed LEB128.

    >>> signed(-123456).hex()
    'c0bb78'
    """
    result = bytearray()
    while not -0x40 <= value < 0x40:
        result.append(value & 0x7F | 0x80)
        value >>= 7
    result.append(value & 0x7F)
    return bytes(result)


def encoded_instruction(opcode: Opcode, kind: str, values: tuple[Immediate, ...]) -> bytes:
    """An instruction with its immediates; `kind` is its result's type."""
    if opcode.immediates in ("f32", "f64", "vector"):
        # Not cached: the cache would not tell -0.0 from 0.0.
        return opcode.code + _immediates(opcode.immediates, kind, values)
    return _encoded(opcode, kind, values)


@lru_cache(maxsize=4096)
def _encoded(opcode: Opcode, kind: str, values: tuple[Immediate, ...]) -> bytes:
    return opcode.code + _immediates(opcode.immediates, kind, values)


def _immediates(form: str, kind: str, values: tuple[Immediate, ...]) -> bytes:
    if form == "":
        return b""
    if form == "index":
        return unsigned(int(values[0]))
    if form in ("i32", "i64"):
        value, bits = int(values[0]), int(form[1:])
        # Addresses are given unsigned; the bits are the same.
        return signed(value - (1 << bits) if value >= 1 << (bits - 1) else value)
    if form.startswith("memory"):
        alignment, offset, *lane = int(form[7]), *values
        return unsigned(alignment) + unsigned(int(offset)) + bytes(map(int, lane))
    if form == "block":
        return b"\x40"  # no parameters, no results
    if form == "vector":
        return struct.pack(f"<{len(values)}{STRUCT_CODES[kind[:3]]}", *values)
    if form in STRUCT_CODES:
        return struct.pack(f"<{STRUCT_CODES[form]}", *values)
    return bytes(map(int, values))  # lanes


def section(number: int, items: Sequence[bytes]) -> bytes:
    """A section of a module: the number of items, then the items."""
    content = unsigned(len(items)) + b"".join(items)
    return bytes((number,)) + unsigned(len(content)) + content


def name(text: str) -> bytes:
    """A name: its length in bytes, then its UTF-8."""
    raw = text.encode()
    return unsigned(len(raw)) + raw
