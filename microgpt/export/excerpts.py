"""Functions of the package as text that stands alone, for the programs that are exported.

A program shall compute what an engine computes, to the last bit: so its operations and optimizers
are the package's own lines, taken from their source. What they need not have alone is taken away:
type annotations, the indirection of `arithmetic`, and switches that are off.
"""

from __future__ import annotations

import ast
import builtins
import linecache
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from textwrap import dedent, indent, wrap
from typing import Any

from microgpt.settings import SettingError

ARITHMETIC = ("arithmetic", "_arithmetic")  # what forms call it; methods have `self._arithmetic`
LINE_LENGTH = 100
INDENT = "    "


class ExportError(SettingError):
    """A run or a model cannot be exported as this kind of file; one sentence says why."""


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


def excerpt(
    function: Callable[..., Any],
    numbers: Mapping[str, NumberOperation],
    name: str = "",
    doc: str = "",
    first: str = "",
    off: frozenset[str] = frozenset(),
) -> Excerpt:
    """A function of the package as text.

    Args:
        function: it, or a method.
        numbers: what stands for the operations of `Arithmetic`.
        name: what it is to be called, if not as it is.
        doc: its docstring, if not the first paragraph of its own.
        first: an argument that it is to begin with, in place of its arithmetic: `self`.
        off: names of arguments that nobody sets: they are left out, and what is done with them.

    Raises:
        ExportError: its source is not here.
    """
    source = _source(function.__code__.co_filename)
    node = source.function(function)
    writer = _Writer(source, function, node, numbers, off)
    arguments = _header_arguments(node.args, first, off)
    doc = doc or (ast.get_docstring(node) or "").split("\n\n")[0]
    body = [each for each in node.body if not _is_docstring(each)]
    writer.write(body)
    name = name or plain(function.__name__)
    writer.excerpt.text = method_text(name, arguments, doc, writer.text(body))
    return writer.excerpt


def plain(name: str) -> str:
    """A name without the underscore that says that it is private."""
    return name if name == "_" or name.startswith("__") else name.removeprefix("_")


def docstring(words: str) -> str:
    """Words as a docstring of lines that are not too long."""
    lines = wrap(" ".join(words.split()), LINE_LENGTH - 2 * len(INDENT) - 6, break_on_hyphens=False)
    if len(lines) == 1:
        return f'"""{lines[0]}"""\n'
    return "\n".join([f'"""{lines[0]}', *lines[1:], '"""', ""])


def elementwise(
    form: Callable[..., Any], numbers: Mapping[str, NumberOperation], name: str, doc: str
) -> Excerpt | None:
    """A scalar form that makes each number of the same formula, for all numbers at once.

    So `[x * y for x, y in zip(a, b)]` becomes `a * b`. None for any other form.
    """
    source = _source(form.__code__.co_filename)
    node = source.function(form)
    returned = node.body[-1]
    if not isinstance(returned, ast.Return) or not isinstance(returned.value, ast.ListComp):
        return None
    (loop, *more), formula = returned.value.generators, returned.value.elt
    names = _names_of_loop(loop)
    if more or loop.ifs or not names:
        return None
    writer = _Writer(source, form, node, numbers, frozenset(), names)
    try:
        writer.write([each for each in node.body[:-1] if not _is_docstring(each)])
        if writer.remains:
            return None
        writer.write([formula])
    except ExportError:
        return None  # it is no formula of single numbers
    arguments = _header_arguments(node.args, "self", frozenset())
    body = f"return {' '.join(writer.text([formula]).split())}"
    writer.excerpt.text = method_text(name, arguments, doc, body)
    return writer.excerpt


def method_text(name: str, arguments: str, doc: str, body: str) -> str:
    """A function as text, of the text of its parts; without a docstring if `doc` is empty."""
    doc = indent(docstring(doc), INDENT) if doc else ""
    return f"def {name}({arguments}):\n{doc}{indent(body, INDENT).rstrip()}\n"


def _names_of_loop(loop: ast.comprehension) -> dict[str, str]:
    """The vectors that a comprehension goes over, by the names of their elements."""
    if isinstance(loop.target, ast.Name) and isinstance(loop.iter, ast.Name):
        return {loop.target.id: loop.iter.id}
    if isinstance(loop.target, ast.Tuple) and isinstance(loop.iter, ast.Call):
        pairs = zip(loop.target.elts, loop.iter.args, strict=False)
        return {
            element.id: vector.id
            for element, vector in pairs
            if isinstance(element, ast.Name) and isinstance(vector, ast.Name)
        }
    return {}


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _header_arguments(given: ast.arguments, first: str, off: frozenset[str]) -> str:
    """The arguments of a function without types, and without those that are off."""
    defaults = [None] * (len(given.args) - len(given.defaults)) + given.defaults
    texts = [first] if first else []
    for argument, default in zip(given.args, defaults, strict=True):
        if argument.arg not in (*ARITHMETIC, "self", *off):
            name = plain(argument.arg)
            texts.append(name if default is None else f"{name}={ast.unparse(default)}")
    named = [
        argument.arg if default is None else f"{argument.arg}={ast.unparse(default)}"
        for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
        if argument.arg not in off
    ]
    texts += ["*", *named] if named else []
    texts += [f"**{given.kwarg.arg}"] if given.kwarg else []
    return ", ".join(texts)


class _Source:
    """The text of a module, and where its parts are."""

    def __init__(self, text: str) -> None:
        self.bytes = text.encode()
        self.module = ast.parse(text)
        self._lines = [0]
        for line in self.bytes.splitlines(keepends=True):
            self._lines.append(self._lines[-1] + len(line))

    def function(self, function: Callable[..., Any]) -> ast.FunctionDef:
        """The definition of a function."""
        line = function.__code__.co_firstlineno  # that of its first decorator, if it has any
        for node in ast.walk(self.module):
            if isinstance(node, ast.FunctionDef):
                lines = [node.lineno, *(each.lineno for each in node.decorator_list)]
                if min(lines) == line:
                    return node
        raise ExportError(f"The source of {function.__name__}() is not here: try once more.")

    def constant(self, name: str) -> str:
        """The text of a module's constant; "" if there is none of this name."""
        for node in self.module.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                if node.targets[0].id == name:
                    return ast.unparse(node.value)
        return ""

    def begin(self, node: ast.AST) -> int:
        """The byte that a part begins with."""
        return self._lines[node.lineno - 1] + node.col_offset  # type: ignore[attr-defined]

    def end(self, node: ast.AST) -> int:
        """The byte behind a part."""
        return self._lines[node.end_lineno - 1] + node.end_col_offset  # type: ignore[attr-defined]

    def whole_lines(self, node: ast.AST) -> tuple[int, int]:
        """Where the lines of a statement begin and end."""
        return self._lines[node.lineno - 1], self._lines[node.end_lineno]  # type: ignore[attr-defined]


@lru_cache(maxsize=32)
def _source(file_name: str) -> _Source:
    # As a trace does it, so that whoever has asked for this text once can do without the file.
    lines = linecache.getlines(file_name)
    if not lines:
        raise ExportError("The program's own source has not come yet: try once more.")
    return _Source("".join(lines))


def constant_text(function: Callable[..., Any], name: str, value: object) -> str:
    """The text of a constant that a function uses, with this value."""
    return _source(function.__code__.co_filename).constant(name) or repr(value)


class _Writer(ast.NodeVisitor):
    """Collects what of a function's text is to be changed.

    Args:
        source: of its module.
        function, node: it.
        numbers, off: as of `excerpt`.
        renamed: other names for some of its own.
    """

    def __init__(
        self,
        source: _Source,
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
        self._local |= {each.name for each in walked if isinstance(each, ast.FunctionDef)}

    def write(self, nodes: list[Any]) -> None:
        """Take over what is to be changed in these parts."""
        for node in nodes:
            self.visit(node)

    def text(self, nodes: list[Any]) -> str:
        """The text of parts that lie one behind the other, as changed."""
        whole = isinstance(nodes[0], ast.stmt)
        begin = self._source.whole_lines(nodes[0])[0] if whole else self._source.begin(nodes[0])
        end = self._source.whole_lines(nodes[-1])[1] if whole else self._source.end(nodes[-1])
        return dedent(self._changed(begin, end))

    def _changed(self, begin: int, end: int) -> str:
        pieces, at = [], begin
        for start, stop, new in sorted(self._edits):
            if begin <= start and stop <= end:
                pieces += [self._source.bytes[at:start].decode(), new]
                at = stop
        return "".join([*pieces, self._source.bytes[at:end].decode()])

    def _replace(self, node: ast.AST, new: str) -> None:
        """Put a text in the place of a part, whose own changes it has."""
        begin, end = self._source.begin(node), self._source.end(node)
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
        self._edits.append((self._source.end(node.target), self._source.begin(node.value), " = "))
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
            begin = self._source.end(node.args[-2])
            self._edits.append((begin, self._source.end(last), ""))

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
