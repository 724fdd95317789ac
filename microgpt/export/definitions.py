"""What an exported program needs of the package: each function, constant and import once.

A function brings in what it uses itself, and so on: an operation that nobody uses is in no program.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from textwrap import indent
from types import FunctionType, ModuleType
from typing import Any

from microgpt.autograd import Value
from microgpt.config import ModelConfig
from microgpt.export.excerpts import INDENTATION, excerpt, method_text, summary
from microgpt.export.function_writer import Excerpt, NumberOperation
from microgpt.export.source import ExportError, constant_text
from microgpt.export.vector_forms import shorter_form
from microgpt.model import Operations
from microgpt.scalar import operations
from microgpt.scalar.operations import FloatArithmetic, ScalarOperations, ValueArithmetic
from microgpt.wasm.compiler.trace import trace

VALUE_METHODS = ("__add__", "__mul__", "__pow__")  # what each program's numbers can do
APPLY = """\
def apply(self, name, *vectors, **parameters):
    return getattr(self, name)(*vectors, **parameters)
"""


class UsedOperations:
    """Which operations a model uses.

    Args:
        config: the architecture, with its code.

    Raises:
        CodeError: the code is no model.
    """

    def __init__(self, config: ModelConfig) -> None:
        nodes = trace(config)[0].nodes
        self.names = sorted({node.op for node in nodes})
        switches = {name for node in nodes if node.op == "attention" for name in node.parameters}
        self.off = frozenset({"window", "alibi"} - switches)  # arguments of attention
        self.by_name = config.code is not None and ".apply(" in config.code.source


class Definitions:
    """Collects them.

    Args:
        numbers: what stands for the operations of `Arithmetic`.
        off: names of arguments that are not used.
    """

    def __init__(self, numbers: Mapping[str, NumberOperation], off: frozenset[str]) -> None:
        self._numbers, self._off = numbers, off
        self._functions: dict[str, str] = {}
        self._constants: dict[str, str] = {}
        self._members: dict[str, str] = {}
        self._methods: dict[str, str] = {}
        self.imports: set[str] = set()

    def add_function(self, function: Callable[..., Any]) -> None:
        """A function, and what it uses."""
        name = function.__name__
        if name not in self._functions:
            self._functions[name] = ""
            found = excerpt(function, self._numbers)
            self._add_used(found, function)
            del self._functions[name]  # it comes behind what it uses
            self._functions[name] = found.text

    def add_member(self, name: str) -> None:
        """A method of the vector operations, and what it uses."""
        if name in self._members:
            return
        self._members[name] = ""
        form = operations.SCALAR_FORMS.get(name) or getattr(ScalarOperations, name)
        found = shorter_form(name, self._numbers, self._off)
        if found is None:
            doc = summary(getattr(Operations, name, form))
            found = excerpt(form, self._numbers, name, doc, "self", self._off)
        self.add_excerpt(name, found, form)

    def add_excerpt(self, name: str, found: Excerpt, function: Callable[..., Any]) -> None:
        """A method that is already found, and what it uses."""
        self._members[name] = found.text
        self._add_used(found, function)
        for member in sorted(found.members):
            self.add_member(member)

    def add_text(self, name: str, arguments: str, doc: str, body: str) -> None:
        """A method that is written out."""
        self._members[name] = method_text(name, f"self, {arguments}", doc, body)

    def add_members(self, used: UsedOperations) -> None:
        """The operations of a model, and the softmax, which comes behind it."""
        for name in (*used.names, "softmax"):
            self.add_member(name)
        self.add_apply(used)

    def add_apply(self, used: UsedOperations) -> None:
        """The method that finds an operation by its name, where the model's code calls that."""
        if used.by_name:
            self._members["apply"] = APPLY

    def add_method(self, name: str) -> None:
        """A method of `Value`, and what it uses."""
        if name not in self._methods:
            function = getattr(Value, name)
            found = excerpt(function, self._numbers, doc="", first="self")
            self._methods[name] = found.text
            self._add_used(found, function)

    def _add_used(self, found: Excerpt, function: Callable[..., Any]) -> None:
        for name in sorted(found.numbers):
            operation = self._numbers[name]
            if operation.function is not None:
                self.add_function(operation.function)
            elif operation.name.startswith("Value."):
                self.add_method(name)
            elif operation.name.startswith("math."):
                self.imports.add("import math")
        for name, value in found.globals.items():
            self._add_global(name, value, function)

    def _add_global(self, name: str, value: object, function: Callable[..., Any]) -> None:
        if isinstance(value, ModuleType):
            self.imports.add(f"import {name}")
        elif isinstance(value, FunctionType):
            self.add_function(value)
        elif isinstance(value, (int, float, str)):
            text = constant_text(function, name, value)
            if "math." in text:
                self.imports.add("import math")
            self._constants[name] = text
        elif value is not Value:
            module = getattr(value, "__module__", "")
            if module.startswith("microgpt"):
                raise ExportError(f"{function.__name__}() uses {name}, which cannot be exported.")
            self.imports.add(f"from {module} import {name}")

    # ---- the texts -------------------------------------------------------------------------------

    @property
    def constants(self) -> str:
        """The constants, one a line."""
        return "".join(f"{name} = {text}\n" for name, text in self._constants.items())

    def functions(self) -> list[str]:
        """The functions."""
        return list(self._functions.values())

    @property
    def members(self) -> str:
        """The methods of the class of operations."""
        order = [*vars(Operations), *vars(ScalarOperations), *self._members]
        names = sorted(self._members, key=order.index)
        return "\n".join(indent(self._members[name], INDENTATION) for name in names)

    @property
    def methods(self) -> str:
        """The methods of `Value`."""
        for name in VALUE_METHODS:
            self.add_method(name)
        names = sorted(self._methods, key=list(vars(Value)).index)
        return "\n".join(indent(self._methods[name], INDENTATION) for name in names)


def _in_brackets(text: str) -> str:
    """The text of an expression that a method can be called of."""
    return text if text.replace("_", "").isalnum() else f"({text})"


def _operation(name: str, function: Callable[..., Any]) -> NumberOperation:
    """What stands for an operation that this function of the package is."""
    qualified = function.__qualname__
    if isinstance(function, FunctionType) and qualified.startswith("Value."):
        return NumberOperation(qualified, lambda x: f"{_in_brackets(x)}.{name}()")
    if isinstance(function, FunctionType):
        plain = function.__name__
        return NumberOperation(plain, lambda *x: f"{plain}({', '.join(x)})", function)
    text = f"math.{name}" if function.__module__ == math.__name__ else qualified
    return NumberOperation(text, lambda *x: f"{text}({', '.join(x)})")


def number_operations(arithmetic: type) -> dict[str, NumberOperation]:
    """The table of one of the two classes of `Arithmetic`."""
    names = [name for name in vars(arithmetic) if not name.startswith("_")]
    return {name: _operation(name, getattr(arithmetic, name)) for name in names}


# In a program that trains, and in one that only writes.
VALUES = number_operations(ValueArithmetic) | {
    "data": NumberOperation("data", lambda x: f"{_in_brackets(x)}.data"),
    "total": NumberOperation("sum", lambda x: f"sum({x}, Value(0.0))"),  # more nodes, same bits
}
FLOATS = number_operations(FloatArithmetic) | {"data": NumberOperation("float", lambda x: x)}
