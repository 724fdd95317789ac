"""Functions of the package as text that stands alone, for the programs that are exported.

A program shall compute what an engine computes, to the last bit: so its operations and optimizers
are the package's own lines, taken from their source. What they need not have alone is taken away:
type annotations, the indirection of `arithmetic`, and switches that are off.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from textwrap import indent, wrap
from typing import Any

from microgpt.export.function_writer import (
    ARITHMETIC,
    Excerpt,
    FunctionWriter,
    NumberOperation,
    plain,
)
from microgpt.export.source import ExportError, source_of

LINE_LENGTH = 100
INDENTATION = "    "


def excerpt(
    function: Callable[..., Any],
    numbers: Mapping[str, NumberOperation],
    name: str = "",
    doc: str | None = None,
    first: str = "",
    off: frozenset[str] = frozenset(),
) -> Excerpt:
    """A function of the package as text.

    Args:
        function: it, or a method.
        numbers: what stands for the operations of `Arithmetic`.
        name: what it is to be called, if not as it is.
        doc: its docstring, "" for none; if not given, the first paragraph of its own.
        first: an argument that it is to begin with, in place of its arithmetic: `self`.
        off: names of arguments that nobody sets: they are left out, and what is done with them.

    Raises:
        ExportError: its source is not here.
    """
    source = source_of(function)
    node = source.function(function)
    writer = FunctionWriter(source, function, node, numbers, off)
    arguments = _header_arguments(node.args, first, off)
    if doc is None:
        doc = (ast.get_docstring(node) or "").split("\n\n")[0]
    body = [each for each in node.body if not _is_docstring(each)]
    writer.write(body)
    name = name or plain(function.__name__)
    writer.excerpt.text = method_text(name, arguments, doc, writer.text(body))
    return writer.excerpt


def summary(function: Callable[..., Any] | None) -> str:
    """The first paragraph of a function's docstring, "" without one."""
    return (getattr(function, "__doc__", "") or "").split("\n\n")[0]


def docstring(words: str) -> str:
    """Words as a docstring of lines that are not too long."""
    lines = wrap(
        " ".join(words.split()), LINE_LENGTH - 2 * len(INDENTATION) - 6, break_on_hyphens=False
    )
    if len(lines) == 1:
        return f'"""{lines[0]}"""\n'
    return "\n".join([f'"""{lines[0]}', *lines[1:], '"""', ""])


def elementwise(
    form: Callable[..., Any], numbers: Mapping[str, NumberOperation], name: str, doc: str
) -> Excerpt | None:
    """A scalar form that makes each number of the same formula, for all numbers at once.

    So `[x * y for x, y in zip(a, b)]` becomes `a * b`. None for any other form.
    """
    source = source_of(form)
    node = source.function(form)
    returned = node.body[-1]
    if not isinstance(returned, ast.Return) or not isinstance(returned.value, ast.ListComp):
        return None
    (loop, *more), formula = returned.value.generators, returned.value.elt
    names = _names_of_loop(loop)
    if more or loop.ifs or not names:
        return None
    writer = FunctionWriter(source, form, node, numbers, frozenset(), names)
    before = [each for each in node.body[:-1] if not _is_docstring(each)]
    if not all(isinstance(each, (ast.Assign, ast.FunctionDef)) for each in before):
        return None
    try:
        writer.write(before)
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
    """A function as text, of the text of its parts; without a docstring if `doc` is empty.

    A method of one statement has none: its name says as much.
    """
    if arguments.startswith("self") and len(ast.parse(body).body) == 1:
        doc = ""
    doc = indent(docstring(doc), INDENTATION) if doc else ""
    return f"def {name}({arguments}):\n{doc}{indent(body, INDENTATION).rstrip()}\n"


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
    texts += ["*"] if named and not first else []  # operations are also called without names
    texts += named
    texts += [f"**{given.kwarg.arg}"] if given.kwarg else []
    return ", ".join(texts)
