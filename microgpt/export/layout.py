"""How an exported program is laid out: its parts in order, and values as text."""

from __future__ import annotations

import ast
import builtins
import json
from collections.abc import Iterable, Mapping, Sequence
from textwrap import indent

from microgpt.config import ModelConfig
from microgpt.export.excerpts import INDENTATION, LINE_LENGTH, docstring
from microgpt.export.source import ExportError
from microgpt.model_code.allowlist import CONFIG_FIELDS
from microgpt.model_code.source import default_source

FUTURE_IMPORT = "from __future__ import annotations"  # which has one place in a file: its head
TORCH = "torch"  # the one package that is not Python's own, and stands behind all that is
MAX_TEXT_CHARS = 80  # of a text on one line
OWN_PACKAGE = "microgpt"  # which a program that stands alone does not have
RUN_MAIN = """\
if __name__ == "__main__":
    main()
"""


def lay_out(
    doc: str,
    imports: Iterable[str],
    sections: Sequence[tuple[str, Sequence[str]]],
    code: str = "",
    end: str = RUN_MAIN,
) -> str:
    """The text of a program.

    Args:
        doc: its docstring.
        imports: lines that import something, in any order.
        sections: the title of each, and its definitions.
        code: the one among them that the user may have written.
        end: what follows.

    Raises:
        ExportError: the user's code has names that the program has, or needs this package.
    """
    _check_code(code, [part for _, parts in sections for part in parts if part != code])
    groups: list[list[str]] = [[], [], []]
    for line in _joined_imports(imports):
        module = line.split()[1].split(".")[0]
        groups[0 if line == FUTURE_IMPORT else 2 if module == TORCH else 1].append(line)
    heads = [f'"""{doc}"""', *("\n".join(group) for group in groups if group)]
    pieces = ["\n\n".join(heads) + "\n"]
    for number, (title, parts) in enumerate(sections):
        pieces.append("\n" * (2 if number else 1))
        pieces.append(f"# ---- {title} ".ljust(LINE_LENGTH, "-") + "\n")
        pieces.append(joined(part for part in parts if part))
    return "".join(pieces) + f"\n\n{end}"


def _joined_imports(lines: Iterable[str]) -> list[str]:
    """Lines that import something, in order, one for each module."""
    names: dict[str, set[str]] = {}
    for line in sorted(set(lines), key=lambda line: (line.split()[0] == "from", line)):
        head, _, name = line.partition(" import ")
        names.setdefault(head, set()).update([name] if name else [])
    return [
        f"{head} import {', '.join(sorted(found))}" if found else head
        for head, found in names.items()
    ]


def joined(parts: Iterable[str]) -> str:
    """Definitions one behind the other: two empty lines around functions, none between values."""
    text = ""
    for part in parts:
        large = part.lstrip().startswith(("def ", "class ", '"""', "#"))
        if text and (large or _ends_in_definition(text)):
            text += "\n\n"
        text += part
    return text


def _ends_in_definition(text: str) -> bool:
    """Whether a text ends inside a function or a class."""
    last = text.rstrip("\n").rsplit("\n", 1)[-1]
    return last.startswith(" ")


def model_source(config: ModelConfig, with_shapes: bool = True) -> str:
    """The two functions that define the model, as the user has them in the editor.

    with_shapes: whether `parameter_shapes()` is needed.
    """
    source = config.code.source if config.code else default_source()
    text = source.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line for line in text.split("\n") if line.rstrip() != FUTURE_IMPORT]
    if not with_shapes:
        (shapes,) = (
            node
            for node in ast.parse("\n".join(lines)).body
            if isinstance(node, ast.FunctionDef) and node.name == "parameter_shapes"
        )
        del lines[shapes.lineno - 1 : shapes.end_lineno]
    return _with_short_docstrings("\n".join(lines).strip("\n") + "\n")


def _with_short_docstrings(source: str) -> str:
    """The same text, of each docstring the first paragraph."""
    lines = source.split("\n")
    for node in reversed(ast.parse(source).body):
        doc = ast.get_docstring(node) if isinstance(node, ast.FunctionDef) else None
        if isinstance(node, ast.FunctionDef) and doc and "\n\n" in doc:
            text = indent(docstring(doc.split("\n\n")[0]), INDENTATION).rstrip("\n")
            lines[node.body[0].lineno - 1 : node.body[0].end_lineno] = [text]
    return "\n".join(lines)


def imports_of(config: ModelConfig) -> list[str]:
    """What must stand before all else for the user's code, as lines that import."""
    lines = config.code.lines if config.code else []
    return [FUTURE_IMPORT] if FUTURE_IMPORT in map(str.rstrip, lines) else []


def config_text(config: ModelConfig) -> str:
    """The sizes of the model, as the model's functions take them: those that they use."""
    source = model_source(config)
    is_free = config.code is not None and config.code.trusted
    names = [name for name in CONFIG_FIELDS if is_free or f".{name}" in source]
    names = list(dict.fromkeys([*names, "block_size"]))
    fields = [f"{name}={getattr(config, name)}" for name in names]
    line = f"config = SimpleNamespace({', '.join(fields)})\n"
    if len(line) <= LINE_LENGTH + 1:
        return line
    lines = ",\n".join(INDENTATION + each for each in fields)
    return f"config = SimpleNamespace(\n{lines},\n)\n"


def constants_text(values: Mapping[str, object]) -> str:
    """Constants, as many as fit on one line."""
    line = f"{', '.join(values)} = {', '.join(map(value_text, values.values()))}\n"
    if len(line) <= LINE_LENGTH + 1 and "\n" not in line[:-1]:
        return line if values else ""
    return "".join(f"{name} = {value_text(value)}\n" for name, value in values.items())


def call_text(head: str, arguments: Sequence[str]) -> str:
    """A call on one line, or on several if it is too long.

    Args:
        head: what stands before the bracket, with its indentation.
        arguments: the texts between the brackets.
    """
    begin = " " * (len(head) - len(head.lstrip()))
    line = f"{head}({', '.join(arguments)})"
    if len(line) <= LINE_LENGTH:
        return f"{line}\n"
    inner = f"{begin}{INDENTATION}{', '.join(arguments)}"
    if len(inner) > LINE_LENGTH:
        inner = "\n".join(f"{begin}{INDENTATION}{each}," for each in arguments)
    return f"{head}(\n{inner}\n{begin})\n"


def value_text(value: object) -> str:
    """A number or a text as Python writes it, without a character that cannot be seen."""
    if not isinstance(value, str):
        return repr(value)
    if len(value) <= MAX_TEXT_CHARS:
        return _quoted(value)
    begins = range(0, len(value), MAX_TEXT_CHARS)
    lines = [f"{INDENTATION}{_quoted(value[at : at + MAX_TEXT_CHARS])}\n" for at in begins]
    return f"(\n{''.join(lines)})"


def _quoted(value: str) -> str:
    if value.isprintable():
        return json.dumps(value, ensure_ascii=False)
    escaped = value.encode("unicode_escape").decode().replace('"', '\\"')
    return f'"{escaped}"'


def safe_words(text: str) -> str:
    """A name that anybody may have written, as it can stand in a docstring."""
    kept = "".join(each if each.isalnum() or each in "-_.," else " " for each in text)
    return " ".join(kept.split())


def _check_code(code: str, parts: Sequence[str]) -> None:
    """Raise unless the user's code can stand among these parts."""
    own, ours = _names(code), _names("\n".join(parts))
    if both := sorted(own & (ours | set(dir(builtins)))):
        raise ExportError(
            f"The exported program has a {both[0]!r} of its own: call yours otherwise in the model "
            "code."
        )
    for node in ast.walk(ast.parse(code)):
        named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            named = [node.module or OWN_PACKAGE]
        if any(name.split(".")[0] == OWN_PACKAGE for name in named):
            raise ExportError(
                "The model code imports microgpt, which an exported program does without: write "
                "what it needs into the code."
            )


def _names(text: str) -> set[str]:
    """What a text defines at its top level."""
    names = set()
    for node in ast.parse(text).body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.add(node.name)
        elif isinstance(node, ast.ImportFrom) and node.module != "__future__":
            names |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names |= {
                each.id for t in targets for each in ast.walk(t) if isinstance(each, ast.Name)
            }
    return names
