"""A module in WebAssembly's text format, with the comments of the code that wrote it.

Expressions are folded, so each line is one statement. The text can be assembled again.
"""

from __future__ import annotations

from collections.abc import Iterator

from microgpt.wasm.assembler.function import Expression, Function, Local
from microgpt.wasm.assembler.module import Module
from microgpt.wasm.assembler.opcodes import VECTORS

INDENT = "  "


def module_text(module: Module) -> str:
    """The whole module.

    >>> from microgpt.wasm.assembler.module import Module
    >>> module = Module(pages=1)
    >>> f = module.function("double", [("x", "f64")], "f64")
    >>> f.return_(f.parameters[0] * 2.0)
    >>> print(module_text(module))
    (module
      (memory (export "memory") 1)
      (func $double (param $x f64) (result f64)
        (f64.mul (local.get $x) (f64.const 2.0))
        return
        unreachable
      )
    )
    """
    exported = {function.index for function in module.exports}
    lines = ["(module", f'{INDENT}(memory (export "memory") {module.pages})']
    for function in module.functions:
        lines += _function(module, function, function.index in exported)
    if module.start is not None:
        lines.append(f"{INDENT}(start ${module.start.name})")
    return "\n".join([*lines, ")"])


def _function(module: Module, function: Function, exported: bool) -> Iterator[str]:
    names = _names(function)
    parameters = function.parameters
    head = f"{INDENT}(func ${function.name}"
    head += f' (export "{function.name}")' * exported
    head += "".join(f" (param {names[p.index]} {_type(p.kind)})" for p in parameters)
    yield head + f" (result {function.result})" * bool(function.result)
    for local in function.locals[len(parameters) :]:
        yield f"{2 * INDENT}(local {names[local.index]} {_type(local.kind)})"
    yield from _body(module, function, names)
    if function.result:
        yield f"{2 * INDENT}unreachable"
    yield f"{INDENT})"


def _body(module: Module, function: Function, names: list[str]) -> Iterator[str]:
    depth = 2
    stack: list[str] = []  # expressions whose values are still unused
    for item in function.code:
        if isinstance(item, str):
            yield f"{depth * INDENT};; {item}"
            continue
        count = len(item.operands)
        operands = stack[len(stack) - count :]
        del stack[len(stack) - count :]
        if item.kind:
            stack.append(f"({' '.join((_instruction(module, item, names), *operands))})")
            continue
        yield from (f"{depth * INDENT}{text}" for text in stack)
        stack.clear()
        name = item.opcode.name
        if name in ("end", "else"):
            depth -= 1
        if name in ("block", "loop", "if", "else", "end", "return"):
            yield from (f"{depth * INDENT}{text}" for text in operands)
            yield f"{depth * INDENT}{name}"
        else:
            text = " ".join((_instruction(module, item, names), *operands))
            yield f"{depth * INDENT}({text})"
        if name in ("block", "loop", "if", "else"):
            depth += 1


def _instruction(module: Module, item: Expression, names: list[str]) -> str:
    """The instruction with its immediates, without its operands."""
    name, form, values = item.opcode.name, item.opcode.immediates, item.immediates
    if name.startswith("local."):
        return f"{name} {names[int(values[0])]}"
    if name == "call":
        return f"call ${module.functions[int(values[0])].name}"
    if form.startswith("memory"):
        offset, *lane = values
        words = [f"offset={offset}"] * bool(offset) + [str(number) for number in lane]
    elif form == "vector":
        words = [item.kind, *map(str, values)]
    else:
        words = [str(value) for value in values]
    return " ".join((name, *words))


def _names(function: Function) -> list[str]:
    """A name for each local variable; equal names get their index appended."""
    given = [local.name for local in function.locals]
    return [f"${_unique(local, given)}" for local in function.locals]


def _unique(local: Local, given: list[str]) -> str:
    return local.name if given.count(local.name) == 1 else f"{local.name}.{local.index}"


def _type(kind: str) -> str:
    return "v128" if kind in VECTORS else kind
