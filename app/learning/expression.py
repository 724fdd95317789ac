"""Expressions such as `a*b + c`: read from a text, and computed with `Value` of `autograd.py`.

Only what is listed here is computed; nothing of a text is ever run as Python.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Mapping
from typing import Any, cast

from microgpt.interpret.recording import RecordedArithmetic, RecordedValue

MAX_EXPRESSION = 200
MAX_NUMBERS = 40  # that have to be drawn
GIVEN_NAME = "name"  # the operation of a number that is given

Number = RecordedValue | float

OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
}
SCALAR_FUNCTIONS: dict[str, Callable[[RecordedValue], RecordedValue]] = {
    "exp": RecordedArithmetic.exp,
    "log": RecordedArithmetic.log,
    "relu": RecordedArithmetic.relu,
}
LARGEST = 1e100
UNFINISHED = "+-*/(,"
ALLOWED = "names, numbers, + - * / **, and exp, log and relu"
# What is written for a thing elsewhere, and how it is written here.
HINTS: dict[type[ast.AST], str] = {
    ast.BitXor: "a power is written **",
    ast.NamedExpr: "write the expression alone, without a name for it",
    ast.Compare: "write the expression alone, without comparing it",
    ast.Tuple: "a decimal point is written .",
}


class ExpressionError(ValueError):
    """An expression that cannot be computed.

    Args:
        problem: one sentence.
        place: the character that it speaks of, from 0 on.
    """

    def __init__(self, problem: str, place: int) -> None:
        super().__init__(problem)
        self.place = place


class ScalarExpression:
    """An expression that is well formed.

    Args:
        text: as it was typed.

    Raises:
        ExpressionError: it is not.
    """

    def __init__(self, text: str) -> None:
        self._shift = len(text) - len(text.lstrip())
        self._text = text.strip()
        if not self._text:
            raise ExpressionError("Type an expression, such as a*b + c.", 0)
        if len(self._text) > MAX_EXPRESSION:
            raise ExpressionError(
                f"An expression has at most {MAX_EXPRESSION} characters here: shorten it.",
                MAX_EXPRESSION,
            )
        try:
            self._tree = ast.parse(self._text, mode="eval").body
        except (SyntaxError, MemoryError, RecursionError) as error:
            raise self._not_understood(error) from None
        self.names: list[str] = []  # in the order of their first use
        self._check(self._tree)
        if not self.names:
            raise ExpressionError("Use at least one name, such as a, to see its gradient.", 0)
        self.numbers: list[tuple[str, RecordedValue]] = []  # with their parts of the expression

    def compute(self, values: Mapping[str, float]) -> list[tuple[str, RecordedValue]]:
        """Every number with its part of the expression, in order; the last is the result.

        Args:
            values: of all names.

        Raises:
            ExpressionError: it has no result for these.
        """
        self._known = {
            name: RecordedValue(values[name], operation=GIVEN_NAME) for name in self.names
        }
        self.numbers = list(self._known.items())
        self._compute(self._tree)
        if len(self.numbers) > MAX_NUMBERS:
            raise ExpressionError(
                f"More than {MAX_NUMBERS} numbers cannot be drawn: shorten it.", 0
            )
        return self.numbers

    # ---- is it well formed? ----------------------------------------------------------------------

    def _check(self, node: ast.expr) -> None:
        if isinstance(node, ast.Constant):
            plain = type(node.value) in (int, float)
            if not plain or abs(cast(float, node.value)) > LARGEST:
                raise self._error("Only plain numbers can be computed with", node)
        elif isinstance(node, ast.Name):
            if node.id in SCALAR_FUNCTIONS:
                raise self._error(f"{node.id} needs a number in parentheses", node)
            if node.id not in self.names:
                self.names.append(node.id)
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            self._check(node.operand)
        elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
            self._check(node.left)
            self._check(node.right)
            if isinstance(node.op, ast.Pow) and has_names(node.right):
                raise self._error("An exponent has to be a plain number", node.right)
        elif isinstance(node, ast.Call):
            self._check_call(node)
        else:
            kind = type(node.op) if isinstance(node, ast.BinOp) else type(node)
            hint = HINTS.get(kind, f"there are {ALLOWED}")
            raise self._error(f"This cannot be computed here ({hint})", node)

    def _check_call(self, node: ast.Call) -> None:
        name = function_name(node)
        if name not in SCALAR_FUNCTIONS:
            raise self._error("There are the functions exp, log and relu alone", node)
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise self._error(f"{name} takes one number in parentheses", node)
        self._check(node.args[0])

    def _not_understood(self, error: BaseException) -> ExpressionError:
        text, end = self._text, self._shift + len(self._text)
        if text[-1] in UNFINISHED:
            return ExpressionError(f"Something is missing behind “{text[-1]}” at the end.", end)
        if text.count("(") > text.count(")"):
            return ExpressionError("A closing parenthesis is missing at the end.", end)
        offset = error.offset or 1 if isinstance(error, SyntaxError) else 1
        place = min(offset, len(text)) - 1
        there = text[place:].split()[0]
        return ExpressionError(
            f"“{there}” is not understood at character {self._shift + place + 1}: there are "
            f"{ALLOWED}.",
            self._shift + place,
        )

    def _error(self, problem: str, node: ast.expr) -> ExpressionError:
        at = next(part for part in ast.walk(node) if hasattr(part, "col_offset"))
        # Offsets count bytes of UTF-8.
        place = self._shift + len(self._text.encode()[: at.col_offset].decode())
        words = ast.unparse(node)
        return ExpressionError(f"{problem}: see “{words}” at character {place + 1}.", place)

    # ---- its numbers -----------------------------------------------------------------------------

    def _compute(self, node: ast.expr) -> Number:
        """The number that a part of the expression is."""
        if isinstance(node, ast.Name):
            return self._known[node.id]
        if isinstance(node, ast.Constant):
            return float(cast(float, node.value))
        if isinstance(node, ast.UnaryOp):
            operand = self._compute(node.operand)
            return operand if isinstance(node.op, ast.UAdd) else self._negative(operand, node)
        if isinstance(node, ast.Call):
            apply, argument = SCALAR_FUNCTIONS[function_name(node)], self._compute(node.args[0])
            if isinstance(argument, RecordedValue):
                return self._result(lambda: apply(argument), node)
            return self._result(lambda: apply(RecordedValue(argument)).data, node)
        assert isinstance(node, ast.BinOp)
        return self._combined(node, self._compute(node.left), self._compute(node.right))

    def _combined(self, node: ast.BinOp, left: Number, right: Number) -> Number:
        """As the operators of `Value` do it, one number at a time."""
        kind = type(node.op)
        if isinstance(left, float) and isinstance(right, float):
            return self._result(lambda: OPERATORS[kind](left, right), node)
        if kind is ast.Pow:
            return self._result(lambda: OPERATORS[kind](left, right), node)
        if kind is ast.Sub:
            right = self._negative(right, ast.UnaryOp(ast.USub(), node.right))
        elif kind is ast.Div:
            divisor = right
            inverse = ast.BinOp(ast.Constant(1), ast.Div(), node.right)
            right = self._result(lambda: divisor**-1, inverse)
        combine = operator.add if kind in (ast.Add, ast.Sub) else operator.mul
        return self._result(lambda: combine(left, right), node)

    def _negative(self, number: Number, node: ast.UnaryOp) -> Number:
        return self._result(lambda: number * -1, node)

    def _result(self, compute: Callable[[], Number], node: ast.expr) -> Number:
        """A number, which is kept if it depends on a name."""
        try:
            number = compute()
        except ZeroDivisionError:
            raise self._error("Nothing can be divided by 0", node) from None
        except OverflowError:
            raise self._error("The result is too large", node) from None
        except ValueError:
            raise self._error("Only a number above 0 has a logarithm", node) from None
        if not isinstance(number, RecordedValue):
            return self._checked(number, node)
        for figure in (number.data, *number.local_grads):
            self._checked(figure, node)
        self.numbers.append((ast.unparse(node), number))
        return number

    def _checked(self, number: float, node: ast.expr) -> float:
        if isinstance(number, complex):
            raise self._error("A number below 0 has no such power", node)
        if not math.isfinite(number):
            raise self._error("The result is too large", node)
        return number


def function_name(node: ast.Call) -> str:
    """The name of the function that is called, "" where it has none."""
    return node.func.id if isinstance(node.func, ast.Name) else ""


def has_names(node: ast.expr) -> bool:
    """Whether a part of an expression depends on a name."""
    return any(
        isinstance(part, ast.Name) and part.id not in SCALAR_FUNCTIONS for part in ast.walk(node)
    )
