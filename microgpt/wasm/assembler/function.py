"""WebAssembly functions, built from expressions whose types are checked as they are made.

    >>> f = Function(0, "area", [("width", "f64"), ("height", "f64")], "f64")
    >>> width, height = f.parameters
    >>> f.return_(width * height)
    >>> f.encode().hex()        # local.get 0, local.get 1, f64.mul, return, unreachable, end
    '0020002001a20f000b'

Control flow has the names of the specification, with an underscore where Python has taken them:
`block`, `loop`, `if_`, `else_`, `br`, `br_if`, `return_`. Every error names the instruction and the
function.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from microgpt.wasm.assembler.encoding import Immediate, encoded_instruction, unsigned
from microgpt.wasm.assembler.opcodes import OPCODES, TYPE_CODES, VECTORS, Opcode


class AssemblyError(TypeError):
    """An instruction was given operands that it does not take."""


class Expression:
    """An instruction with its operands; `+`, `-`, `*` and `/` make further expressions.

    Using an expression twice computes it twice; `Function.let` puts its value into a local.
    """

    __slots__ = ("function", "immediates", "kind", "opcode", "operands")

    def __init__(
        self,
        function: Function,
        opcode: Opcode,
        kind: str,
        operands: Sequence[Expression],
        immediates: tuple[Immediate, ...] = (),
    ) -> None:
        self.function = function
        self.opcode = opcode
        self.kind = kind
        self.operands = operands
        self.immediates = immediates

    def __add__(self, other: Expression | float) -> Expression:
        return self._with("add", other)

    def __sub__(self, other: Expression | float) -> Expression:
        return self._with("sub", other)

    def __mul__(self, other: Expression | float) -> Expression:
        return self._with("mul", other)

    def __truediv__(self, other: Expression | float) -> Expression:
        return self._with("div", other)

    def to(self, name: str, *others: Expression | float, lane: int | None = None) -> Expression:
        """The instruction `name` of this expression's type, on it and `others`.

        >>> f = Function(0, "f", [("x", "f64")])
        >>> f.parameters[0].to("max", 0.0).opcode.name
        'f64.max'
        """
        return self._with(name, *others, lane=lane)

    def bits(self, kind: str) -> Expression:
        """The same bits of a vector, reinterpreted as lanes of another type."""
        if self.kind not in VECTORS or kind not in VECTORS:
            raise AssemblyError(
                f"{self.function.name}: {self.kind} cannot be reinterpreted as {kind}"
            )
        if self.opcode.immediates == "vector":  # a constant is encoded by the type of its lanes
            return self.function.let(self).bits(kind)
        return Expression(self.function, self.opcode, kind, self.operands, self.immediates)

    def _with(self, name: str, *others: Expression | float, lane: int | None = None) -> Expression:
        function = self.function
        operands = [
            other if isinstance(other, Expression) else function.constant(self.kind, other)
            for other in others
        ]
        immediates = () if lane is None else (lane,)
        return function.op(f"{self.kind}.{name}", self, *operands, immediates=immediates)


class Local(Expression):
    """A local variable or parameter; used as an expression, it is its value."""

    __slots__ = ("index", "name")

    def __init__(self, function: Function, index: int, kind: str, name: str) -> None:
        super().__init__(function, OPCODES["local.get"], kind, (), (index,))
        self.index = index
        self.name = name

    def set(self, value: Expression | float) -> None:
        """Assign a new value."""
        function = self.function
        if not isinstance(value, Expression):
            value = function.constant(self.kind, value)
        if value.kind != self.kind:
            raise AssemblyError(
                f"{function.name}: local.set ${self.name} takes {self.kind}, not {value.kind}"
            )
        function.emit(function.op("local.set", value, immediates=(self.index,)))


class Function:
    """A function under construction.

    Args:
        index: its index in the module.
        name: its name in the text format and, where it is exported, in the export.
        parameters: (name, type) of each.
        result: the type of its result, "" for none.
    """

    def __init__(
        self, index: int, name: str, parameters: Sequence[tuple[str, str]], result: str = ""
    ) -> None:
        self.index = index
        self.name = name
        self.result = result
        self.locals: list[Local] = []
        self.code: list[Expression | str] = []  # in order of execution; a string is a comment
        self._depth = 0
        self.parameters = [self.local(kind, name) for name, kind in parameters]

    def local(self, kind: str, name: str = "") -> Local:
        """A new local variable, initially 0."""
        local = Local(self, len(self.locals), kind, name or f"v{len(self.locals)}")
        self.locals.append(local)
        return local

    def let(self, value: Expression, name: str = "") -> Local:
        """A new local variable with the value of an expression, computed here."""
        local = self.local(value.kind, name)
        local.set(value)
        return local

    def op(
        self,
        name: str,
        *operands: Expression,
        immediates: tuple[Immediate, ...] = (),
        kind: str = "",
    ) -> Expression:
        """An instruction on `operands`; `kind` is its result's type if the opcode leaves it open.

        Raises `AssemblyError` where the operands do not have the types that it takes.
        """
        opcode = OPCODES.get(name)
        if opcode is None:
            raise AssemblyError(f"{self.name}: there is no instruction {name}")
        takes = opcode.operands
        fits = len(operands) == len(takes)
        for operand, taken in zip(operands, takes, strict=False):
            fits = fits and (operand.kind == taken or _fits(operand.kind, taken))
        if not fits:
            given = ", ".join(operand.kind for operand in operands)
            raise AssemblyError(f"{self.name}: {name} takes ({', '.join(takes)}), not ({given})")
        return Expression(self, opcode, kind or opcode.result, operands, immediates)

    def constant(self, kind: str, value: float) -> Expression:
        """A constant; for a vector type, the same in every lane."""
        if kind in VECTORS:
            return self.lanes(kind, [value] * int(kind[-1]))
        bits = {"i32": 32, "i64": 64}.get(kind)
        if bits and not -(1 << (bits - 1)) <= value < 1 << bits:
            raise AssemblyError(f"{self.name}: {kind}.const takes {bits} bits, not {value}")
        return self.op(f"{kind}.const", immediates=(value,))

    def lanes(self, kind: str, values: Sequence[Immediate]) -> Expression:
        """A constant vector, lane by lane."""
        if kind not in VECTORS or len(values) != int(kind[-1]):
            raise AssemblyError(f"{self.name}: v128.const of {kind} takes not {len(values)} lanes")
        return self.op("v128.const", immediates=tuple(values), kind=kind)

    def call(self, function: Function, *arguments: Expression | int) -> Expression:
        """A call; pass it to `emit` if the function has no result."""
        values = [a if isinstance(a, Expression) else self.constant("i32", a) for a in arguments]
        takes = [parameter.kind for parameter in function.parameters]
        given = [value.kind for value in values]
        if given != takes:
            raise AssemblyError(
                f"{self.name}: call ${function.name} takes ({', '.join(takes)}), "
                f"not ({', '.join(given)})"
            )
        return Expression(self, OPCODES["call"], function.result, values, (function.index,))

    def load(self, kind: str, address: Expression, offset: int = 0) -> Expression:
        """The number or vector at `address` + `offset` (bytes)."""
        name = "v128.load" if kind in VECTORS else f"{kind}.load"
        return self.op(name, address, immediates=(offset,), kind=kind)

    def load16(self, address: Expression, offset: int = 0) -> Expression:
        """The unsigned 16 bits at `address` + `offset` (bytes), as an i32."""
        return self.op("i32.load16_u", address, immediates=(offset,))

    def store(self, address: Expression, value: Expression, offset: int = 0) -> None:
        """Store `value` at `address` + `offset` (bytes)."""
        name = "v128.store" if value.kind in VECTORS else f"{value.kind}.store"
        self.emit(self.op(name, address, value, immediates=(offset,)))

    def emit(self, expression: Expression) -> None:
        """Append an expression without a value."""
        if expression.kind:
            raise AssemblyError(
                f"{self.name}: {expression.opcode.name} leaves a value that nothing takes"
            )
        self._append(expression)

    def comment(self, text: str) -> None:
        """A comment, shown where the module is printed as text."""
        self.code.append(text)

    def return_(self, value: Expression | None = None) -> None:
        """Return from the function, with its result."""
        kind = value.kind if value is not None else ""
        if kind != self.result:
            raise AssemblyError(
                f"{self.name}: return takes {self.result or 'nothing'}, not {kind or 'nothing'}"
            )
        if value is not None:
            self._append(value)
        self.emit(self.op("return"))

    @contextmanager
    def block(self) -> Iterator[int]:
        """A block: a branch to its label jumps to its end."""
        with self._nested("block") as label:
            yield label

    @contextmanager
    def loop(self) -> Iterator[int]:
        """A loop: a branch to its label jumps to its beginning."""
        with self._nested("loop") as label:
            yield label

    @contextmanager
    def if_(self, condition: Expression) -> Iterator[None]:
        """Code that runs if `condition` (i32) is not 0."""
        with self._nested("if", condition):
            yield

    def else_(self) -> None:
        """Inside `if_`: what follows runs if the condition is 0."""
        self.emit(self.op("else"))

    def br(self, label: int) -> None:
        """Branch to the label of an enclosing `block` or `loop`."""
        self.emit(self.op("br", immediates=(self._depth - label,)))

    def br_if(self, label: int, condition: Expression) -> None:
        """Branch to a label if `condition` (i32) is not 0."""
        self.emit(self.op("br_if", condition, immediates=(self._depth - label,)))

    @contextmanager
    def counted_loop(self, counter: Local, stop: Expression | int, step: int) -> Iterator[None]:
        """Code that runs at least once; `counter` grows by `step` until it reaches `stop`."""
        with self.loop() as again:
            yield
            counter.set(counter + step)
            self.br_if(again, counter.to("lt_u", stop))

    @contextmanager
    def _nested(self, name: str, *operands: Expression) -> Iterator[int]:
        self.emit(self.op(name, *operands))
        self._depth += 1
        yield self._depth
        self._depth -= 1
        self.emit(self.op("end"))

    def _append(self, expression: Expression) -> None:
        for operand in expression.operands:
            self._append(operand)
        self.code.append(expression)

    def encode(self) -> bytes:
        """The function's body in the binary format."""
        declared = self.locals[len(self.parameters) :]
        body = bytearray(unsigned(len(declared)))
        for local in declared:
            body += bytes((1, TYPE_CODES[local.kind]))
        for item in self.code:
            if not isinstance(item, str):
                body += encoded_instruction(item.opcode, item.kind, item.immediates)
        if self.result:
            body += OPCODES["unreachable"].code  # every path ends in a return
        body += OPCODES["end"].code
        return bytes(body)


def _fits(given: str, taken: str) -> bool:
    """Whether an operand of type `given` fits where the table says `taken`."""
    return given in VECTORS if taken == "vector" else taken == "any" and given != ""
