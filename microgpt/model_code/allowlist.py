"""What model code may say: a list of what Python has, and nothing beyond it.

Inside Pyodide hiding names fences nothing off: from any object a way leads to all others. So the
text is parsed, and every part of it must be on the list. That gives good messages as well.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from typing import Any

from microgpt.model_code.definition import CodeError

MAX_SOURCE_CHARS = 100_000
FUNCTIONS = {
    "parameter_shapes": ("config",),
    "gpt": ("ops", "config", "weights", "token", "position", "caches"),
}
LOOPS = ("range", "enumerate", "zip")
BUILTINS = (*LOOPS, "len", "min", "max", "sum", "abs", "int")
CONFIG_FIELDS = ("vocab_size", "n_embd", "n_head", "n_layer", "block_size", "head_dim")
# The parts of Python that may stand anywhere: they reach nothing but what their own parts reach.
PLAIN = (
    *(ast.Module, ast.arguments, ast.arg, ast.Return, ast.Pass, ast.Break, ast.Continue),
    *(ast.Assign, ast.AugAssign, ast.If, ast.Expr, ast.BinOp, ast.UnaryOp, ast.BoolOp),
    *(ast.Compare, ast.IfExp, ast.Subscript, ast.Slice, ast.Tuple, ast.List, ast.Dict),
    *(ast.ListComp, ast.JoinedStr, ast.keyword),
    *(ast.expr_context, ast.operator, ast.unaryop, ast.boolop, ast.cmpop),
)
# What people try, and what to do in its place.
ADVICE: dict[type[ast.AST], str] = {
    ast.While: "there is no `while` in model code; use `for ... in range(...)`",
    ast.Import: "nothing can be imported in model code; use the operations of `ops`",
    ast.ImportFrom: "nothing can be imported in model code; use the operations of `ops`",
    ast.ClassDef: "there are no classes in model code; write functions",
    ast.Lambda: "there is no `lambda` in model code; write a function with `def`",
    ast.Try: "there is no `try` in model code; remove it",
    ast.With: "there is no `with` in model code; remove it",
    ast.Starred: "there is no `*` before an argument in model code; name each one",
    ast.Delete: "there is no `del` in model code; remove it",
    ast.Global: "there is no `global` in model code; pass values as arguments",
    ast.FunctionDef: "functions stand beside each other; move this one out",
    ast.GeneratorExp: "write this list with square brackets",
}


def check_source(source: str, operations: Iterable[str]) -> ast.Module:
    """The parsed text, if all of it is on the list.

    Args:
        source: the text.
        operations: the names of the operations that there are.

    Raises:
        CodeError: the text is no Python, or holds something that is not on the list.
    """
    module = parse(source)
    functions: dict[str, ast.FunctionDef] = {}
    constants: set[str] = set()
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef):
            if statement.name in functions:
                raise _error(f"there are two functions {statement.name}(); rename one", statement)
            functions[statement.name] = statement
        elif isinstance(statement, ast.Assign):
            constants |= {name.id for name in _assigned(statement)}
        elif not _is_text(statement):
            raise _refused(statement, "outside of a function there may be constants and `def` only")
    checker = _Checker(set(operations), functions.keys() | constants)
    for statement in module.body:
        if isinstance(statement, ast.FunctionDef):
            checker.check_function(statement)
        else:
            checker.check(statement, set())
    check_functions(module)
    return module


def check_functions(module: ast.Module) -> None:
    """Raise `CodeError` unless the two functions are there, with their arguments."""
    functions = {node.name: node for node in module.body if isinstance(node, ast.FunctionDef)}
    for name, arguments in FUNCTIONS.items():
        head = f"def {name}({', '.join(arguments)})"
        if name not in functions:
            raise CodeError(f"there is no function {name}(); write `{head}:`.")
        node = functions[name]
        if tuple(argument.arg for argument in node.args.args) != arguments:
            raise _error(f"this function has other arguments; begin it with `{head}:`", node)


def parse(source: str) -> ast.Module:
    """The text, parsed. Raises `CodeError` if it is no Python."""
    if len(source) > MAX_SOURCE_CHARS:
        raise CodeError(
            f"the text has {len(source):,} characters, but {MAX_SOURCE_CHARS:,} are the most; "
            "shorten it."
        )
    try:
        return ast.parse(source)
    except SyntaxError as error:
        words = (error.msg or "this cannot be read").rstrip(".")
        raise CodeError(f"this is no Python ({words}); correct it.", error.lineno or 0) from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise CodeError("this is no Python that can be read; shorten or correct it.") from error


class _Checker:
    """Checks the parts of a text.

    Args:
        operations: the names of the operations.
        names: what every function can name: the functions and constants of the text.
    """

    def __init__(self, operations: set[str], names: set[str]) -> None:
        self._operations, self._names = operations, names
        # What is checked further than by its kind.
        self._checks: dict[type[ast.AST], Callable[[Any, set[str]], None]] = {
            ast.Name: self._check_use,
            ast.Attribute: self._check_attribute,
            ast.Call: self._check_call,
            ast.Constant: _check_constant,
            ast.FormattedValue: _check_braces,
            ast.For: _check_loop,
            ast.comprehension: _check_loop,
            ast.Assign: _check_assignment,
            ast.AugAssign: _check_assignment,
            ast.keyword: _check_keyword,
            ast.Dict: _check_keys,
        }

    def check_function(self, function: ast.FunctionDef) -> None:
        """Raise unless all of a function is on the list."""
        given = function.args
        if function.decorator_list:
            raise _error("there are no decorators in model code; remove it", function)
        if given.vararg or given.kwarg or given.kwonlyargs or given.posonlyargs:
            raise _error("give this function plain arguments, without * and /", function)
        if function.returns or any(argument.annotation for argument in given.args):
            raise _error("there are no type annotations in model code; remove them", function)
        _check_name(function.name, function)
        local = {argument.arg for argument in given.args}
        for name in local:
            _check_name(name, function)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
                local.add(node.id)
        for default in given.defaults:
            self.check(default, set())
        for statement in function.body:
            self.check(statement, local)

    def check(self, node: ast.AST, local: set[str]) -> None:
        """Raise unless this part, whose function has these names, is on the list."""
        check = self._checks.get(type(node))
        if check is not None:
            check(node, local)
        elif not isinstance(node, PLAIN):
            raise _refused(node, "this is more of Python than model code has; write it otherwise")
        if isinstance(node, ast.Call):
            return  # whose function may have a dot, and whose arguments are checked
        for part in ast.iter_child_nodes(node):
            self.check(part, local)

    def _check_use(self, node: ast.Name, local: set[str]) -> None:
        _check_name(node.id, node)
        if node.id in BUILTINS and node.id not in local | self._names:
            raise _error(f"{node.id} is a function; call it: {node.id}(...)", node)
        self._check_known(node, local | self._names)

    def _check_known(self, node: ast.Name, known: set[str]) -> None:
        if node.id not in known:
            like = _like(node.id, known)
            raise _error(f"there is no {node.id!r} here{like or '; check the name'}", node)

    def _check_attribute(self, node: ast.Attribute, _: set[str]) -> None:
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if owner == "config":
            if node.attr not in CONFIG_FIELDS:
                like = _like(node.attr, CONFIG_FIELDS) or f"; it has {', '.join(CONFIG_FIELDS)}"
                raise _error(f"config has no {node.attr!r}{like}", node)
        elif owner == "ops":
            raise _error("an operation is called: put its arguments in brackets behind it", node)
        else:
            raise _error("a dot can stand behind `ops` and `config` alone", node)

    def _check_call(self, node: ast.Call, local: set[str]) -> None:
        called = node.func
        if isinstance(called, ast.Name):
            _check_name(called.id, called)
            if called.id in local:
                raise _error(f"{called.id} is a value here, no function; rename it", node)
            self._check_known(called, self._names | set(BUILTINS))
        elif (
            isinstance(called, ast.Attribute)
            and isinstance(called.value, ast.Name)
            and called.value.id == "ops"
        ):
            if called.attr not in self._operations:
                like = _like(called.attr, self._operations)
                like = like or f"; there are {', '.join(sorted(self._operations))}"
                raise _error(f"there is no operation {called.attr!r}{like}", called)
            self.check(called.value, local)
        elif isinstance(called, ast.Attribute):
            raise _error("a dot can stand behind `ops` and `config` alone", called)
        else:
            raise _error("operations and the functions of this text can be called alone", node)
        for part in (*node.args, *node.keywords):
            self.check(part, local)


def _check_constant(node: ast.Constant, _: set[str]) -> None:
    if not isinstance(node.value, (int, float, str, bool, type(None))):
        raise _error("numbers and texts are the only constants; use one of these", node)


def _check_braces(node: ast.FormattedValue, _: set[str]) -> None:
    if node.conversion != -1 or node.format_spec is not None:
        raise _error("only a value stands in the braces of a text, without ! and :", node)


def _check_keyword(node: ast.keyword, _: set[str]) -> None:
    if node.arg is None:
        raise _error("there is no `**` before an argument in model code; name each one", node)


def _check_keys(node: ast.Dict, _: set[str]) -> None:
    if None in node.keys:
        raise _error("there is no `**` in a dictionary in model code; name each entry", node)


def _check_assignment(node: ast.Assign | ast.AugAssign, _: set[str]) -> None:
    list(_assigned(node))


def _check_loop(node: ast.For | ast.comprehension, _: set[str]) -> None:
    things = node.iter
    plain = isinstance(things, (ast.Tuple, ast.List, ast.Constant))
    called = things.func if isinstance(things, ast.Call) else None
    counted = isinstance(called, ast.Name) and called.id in LOOPS
    if not plain and not counted:
        raise _error("a loop goes over range(...), enumerate(...), zip(...) or a list", things)
    if isinstance(node, ast.comprehension) and node.is_async:
        raise _error("there is no `async` in model code; remove it", things)
    _check_target(node.target)


def _assigned(node: ast.Assign | ast.AugAssign) -> Iterator[ast.Name]:
    """The names that a statement assigns to; raises unless it is to names and entries."""
    for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
        yield from _check_target(target)


def _check_target(target: ast.expr) -> list[ast.Name]:
    if isinstance(target, ast.Name):
        _check_name(target.id, target)
        if target.id in ("ops", "config", *BUILTINS):
            raise _error(f"{target.id!r} is taken; choose another name", target)
        return [target]
    if isinstance(target, ast.Tuple):
        return [name for part in target.elts for name in _check_target(part)]
    if isinstance(target, ast.Subscript):
        return []
    raise _error("only a name or an entry of a list can be assigned to", target)


def _check_name(name: str, node: ast.AST) -> None:
    if name.startswith("_"):
        raise _error(f"the name {name!r} begins with an underscore; choose another", node)


def _is_text(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )


def _like(name: str, known: Iterable[str]) -> str:
    """A name that was perhaps meant, as the end of a sentence."""
    close = get_close_matches(name, sorted(known), 1)
    return f"; perhaps {close[0]!r} is meant" if close else ""


def _refused(node: ast.AST, words: str) -> CodeError:
    return _error(ADVICE.get(type(node), words), node)


def _error(words: str, node: ast.AST) -> CodeError:
    return CodeError(f"{words}.", getattr(node, "lineno", 0))
