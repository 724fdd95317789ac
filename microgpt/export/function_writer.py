"""Changes the text of one function, so that it can stand in an exported program.

Type annotations go, `arithmetic.exp(x)` becomes what the program's numbers have for it, arguments
that nobody sets go with all that is done with them; the rest stays as it is, comments too.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import dedent
from typing import Any

from microgpt.export.source import ExportError, Part, Source

ARITHMETIC = ("arithmetic", "_arithmetic")  # what forms call it; methods have `self._arithmetic`


@dataclass(frozen=True, slots=True)
class NumberOperation:
    """What stands for an operation of `Arithmetic` in a program.

    Args:
        name: what it is called where it is passed on.
        call: from the texts of its arguments to that of a call.
        function: to be defined in the program, if it is none of Python's.
    """

    name: str
    call: Callable[..., str]
    function: Callable[..., Any] | None = None


@dataclass(slots=True)
class Excerpt:
    """A function as text.

    Args:
        text: it, without indentation.
        members: the names behind `self.` in it.
        numbers: the operations of `Arithmetic` in it.
        globals: the other names that it does not define itself, with what they stand for.
    """

    text: str = ""
    members: set[str] = field(default_factory=set)
    numbers: set[str] = field(default_factory=set)
    globals: dict[str, Any] = field(default_factory=dict)


def plain(name: str) -> str:
    """A name without the underscore that says that it is private."""
    return name if name == "_" or name.startswith("__") else name.removeprefix("_")


class FunctionWriter(ast.NodeVisitor):
    """Collects what of a function's text is to be changed.

    Args:
        source: of its module.
        function, node: it.
        numbers, off: as of `excerpt`.
        renamed: other names for some of its own.
    """

    def __init__(
        self,
        source: Source,
        function: Callable[..., Any],
        node: ast.FunctionDef,
        numbers: Mapping[str, NumberOperation],
        off: frozenset[str],
        renamed: Mapping[str, str] | None = None,
    ) -> None:
        self.excerpt = Excerpt()
        self.remains = False  # whether any statement is left
        self._source, self._globals, self._numbers = source, function.__globals__, numbers
        self._off, self._renamed = off, dict(renamed or {})
        self._aliases: dict[str, NumberOperation] = {}
        self._edits: list[tuple[int, int, str]] = []
        walked = list(ast.walk(node))
        self._local = {each.arg for each in walked if isinstance(each, ast.arg)}
        self._local |= {
            each.id
            for each in walked
            if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)
        }
        self._local |= {
            each.name for each in walked if isinstance(each, ast.FunctionDef) and each is not node
        }

    def write(self, nodes: Sequence[ast.AST]) -> None:
        """Take over what is to be changed in these parts."""
        for node in nodes:
            self.visit(node)

    def text(self, nodes: Sequence[Part]) -> str:
        """The text of parts that lie one behind the other, as changed."""
        whole = isinstance(nodes[0], ast.stmt)
        place = self._source.whole_lines if whole else self._source.place
        (begin, _), (_, end) = place(nodes[0]), place(nodes[-1])
        return dedent(self._changed(begin, end))

    def _changed(self, begin: int, end: int) -> str:
        pieces, at = [], begin
        for start, stop, new in sorted(self._edits):
            if begin <= start and stop <= end:
                pieces += [self._source.bytes[at:start].decode(), new]
                at = stop
        return "".join([*pieces, self._source.bytes[at:end].decode()])

    def _replace(self, node: Part, new: str) -> None:
        """Put a text in the place of a part, whose own changes it has."""
        begin, end = self._source.place(node)
        self._edits = [each for each in self._edits if not begin <= each[0] < end]
        self._edits.append((begin, end, new))

    def _remove(self, node: ast.stmt) -> None:
        begin, end = self._source.whole_lines(node)
        self._edits.append((begin, end, ""))

    def _number(self, node: ast.AST) -> str:
        """The name of the operation of `Arithmetic` that this is, "" if it is none."""
        if not isinstance(node, ast.Attribute):
            return ""
        owner = ast.unparse(node.value)
        return node.attr if owner in (*ARITHMETIC, "self._arithmetic") else ""

    def visit_Assign(self, node: ast.Assign) -> None:
        name, target = self._number(node.value), node.targets[0]
        if name and isinstance(target, ast.Name):
            self._local.discard(target.id)
            self._aliases[target.id] = self._use(name)
            self._remove(node)
        else:
            self.remains = True
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        assert node.value is not None, "an annotation alone"
        self.remains = True
        (_, begin), (end, _) = self._source.place(node.target), self._source.place(node.value)
        self._edits.append((begin, end, " = "))
        self.visit(node.value)

    def visit_If(self, node: ast.If) -> None:
        if isinstance(node.test, ast.Name) and node.test.id in self._off:
            self._remove(node)
        else:
            self.generic_visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if name := self._number(node):
            self._replace(node, self._use(name).name)
        elif isinstance(node.value, ast.Name) and node.value.id == "self":
            member = plain(node.attr)
            self.excerpt.members.add(member)
            self._replace(node, f"self.{member}")
        else:
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = node.func
        alias = self._aliases.get(called.id) if isinstance(called, ast.Name) else None
        name = self._number(called)
        operation = self._use(name) if name else alias
        for argument in (*node.args, *node.keywords):
            self.visit(argument)
        if operation is not None:
            texts = [self.text([argument]) for argument in node.args]
            self._replace(node, operation.call(*texts))
            return
        self.visit(called)
        last = node.args[-1] if node.args else None
        if isinstance(last, ast.Name) and last.id in self._off:
            (_, begin), (_, end) = self._source.place(node.args[-2]), self._source.place(last)
            self._edits.append((begin, end, ""))

    def visit_Name(self, node: ast.Name) -> None:
        name = node.id
        if name in self._aliases:
            self._replace(node, self._aliases[name].name)
        elif name in self._local:
            known = self._renamed.get(name, name)
            if plain(known) != name:
                self._replace(node, plain(known))
        elif not hasattr(builtins, name):
            self._check_free(plain(name))
            self.excerpt.globals[name] = self._globals[name]
            if plain(name) != name:
                self._replace(node, plain(name))

    def _use(self, name: str) -> NumberOperation:
        if name not in self._numbers:
            raise ExportError(f"The operation {name} on numbers cannot be exported here.")
        self._check_free(self._numbers[name].name)
        self.excerpt.numbers.add(name)
        return self._numbers[name]

    def _check_free(self, name: str) -> None:
        assert name not in self._local, f"{name} means two things in an exported function"
