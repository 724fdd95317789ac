"""A WebAssembly module: functions and a memory, without imports.

>>> module = Module(pages=1)
>>> f = module.function("area", [("width", "f64"), ("height", "f64")], "f64", export=True)
>>> f.return_(f.parameters[0] * f.parameters[1])
>>> module.encode()[:8]
b'\\x00asm\\x01\\x00\\x00\\x00'
"""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.wasm.assembler.encoding import name as encoded_name
from microgpt.wasm.assembler.encoding import section, unsigned
from microgpt.wasm.assembler.function import Function
from microgpt.wasm.assembler.opcodes import TYPE_CODES


class Module:
    """A module under construction.

    Args:
        pages: the size of its memory, which is exported as `memory`.

    `start` is the function that runs when the module is instantiated; None: no function does.
    """

    def __init__(self, pages: int = 0) -> None:
        self.pages = pages
        self.functions: list[Function] = []
        self.exports: list[Function] = []
        self.start: Function | None = None

    def function(
        self,
        name: str,
        parameters: Sequence[tuple[str, str]] = (),
        result: str = "",
        export: bool = False,
    ) -> Function:
        """A new function, without code yet."""
        function = Function(len(self.functions), name, parameters, result)
        self.functions.append(function)
        if export:
            self.exports.append(function)
        return function

    def encode(self) -> bytes:
        """The module in the binary format."""
        signatures: dict[bytes, int] = {}
        indices = [
            signatures.setdefault(_signature(function), len(signatures))
            for function in self.functions
        ]
        exports = [encoded_name(f.name) + b"\x00" + unsigned(f.index) for f in self.exports]
        bodies = [function.encode() for function in self.functions]
        return b"".join(
            (
                b"\0asm\x01\0\0\0",
                section(1, list(signatures)),
                section(3, [unsigned(index) for index in indices]),
                section(5, [b"\x00" + unsigned(self.pages)]),
                section(7, [encoded_name("memory") + b"\x02\x00", *exports]),
                b"" if self.start is None else _start_section(self.start),
                section(10, [unsigned(len(body)) + body for body in bodies]),
            )
        )


def _start_section(function: Function) -> bytes:
    index = unsigned(function.index)
    return bytes((8, len(index))) + index


def _signature(function: Function) -> bytes:
    takes = [bytes((TYPE_CODES[parameter.kind],)) for parameter in function.parameters]
    gives = bytes((1, TYPE_CODES[function.result])) if function.result else b"\x00"
    return b"\x60" + unsigned(len(takes)) + b"".join(takes) + gives
