"""One word for one thing: phrases that are not the field's own, and names that stand for two."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.tracked import FILES, name_of, text_of

# Written so that no pattern finds itself.
PHRASES = [
    r"chances? to loo[k] up",
    r"\bin for[c]e\b",
    r"complai[n]",
    r"\bso man[y]\b",
    r"\bthe perso[n]\b",
    r"beyond all bound[s]",
    r"\bodd[s]\b",
    r"\b(?:gives? bac[k]|give_bac[k])\b",
    r"\bportrai[t]",
    r"\bsift(?:s|ed|in[g])\b",
    r"settings that sui[t]",
    r"Documents a ste[p]",
    r"the dic[e] (?:start|are thrown)",
    r"everything that was learn[t]",
    r"what comes o[f] `",
]
# Parts of identifiers in the program.
IDENTIFIERS = re.compile(
    r"(?:^|_)(?:odd[s]|chance[s]|complai[n]\w*|portrai[t]|sif[t]\w*|settled?|heat|beside|sound"
    r"|otherwise|give_bac[k]|dice)(?:_|$)"
)
WRITTEN = {".py", ".mjs", ".js", ".css", ".html", ".md"}
CODE = [
    path
    for path in FILES
    if path.suffix == ".py" and name_of(path).startswith(("app/", "microgpt/", "datasets/"))
]
STAND_ALONE = "microgpt/progression/"  # programs that have the same names on purpose


@pytest.mark.parametrize("phrase", PHRASES)
def test_no_file_has_the_phrase(phrase: str) -> None:
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in FILES
        if path.suffix in WRITTEN
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if re.search(phrase, line, re.IGNORECASE)
    ]
    assert found == []


def test_no_identifier_has_a_word_that_the_field_does_not_use() -> None:
    found = {
        f"{name_of(path)}: {token.string}"
        for path in CODE
        for token in tokenize.generate_tokens(io.StringIO(text_of(path)).readline)
        if token.type == tokenize.NAME and IDENTIFIERS.search(token.string)
    }
    assert sorted(found) == []


def classes(path: Path) -> Iterator[str]:
    """The names of the classes that a file defines."""
    for node in ast.walk(ast.parse(text_of(path))):
        if isinstance(node, ast.ClassDef):
            yield node.name


def constants(path: Path) -> Iterator[str]:
    """The names of the constants that a file defines: `A`, and both of `B, C = 1, 2`."""
    for node in ast.parse(text_of(path)).body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AnnAssign):
            targets = [node.target]
        for name in (part for target in targets for part in ast.walk(target)):
            if isinstance(name, ast.Name) and name.id.isupper():
                yield name.id


@pytest.mark.parametrize("names", [classes, constants])
def test_a_name_stands_for_one_class_or_constant(
    names: Callable[[Path], Iterator[str]],
) -> None:
    files: dict[str, set[str]] = defaultdict(set)
    for path in CODE:
        for name in () if name_of(path).startswith(STAND_ALONE) else names(path):
            files[name].add(name_of(path))
    assert {name: sorted(where) for name, where in files.items() if len(where) > 1} == {}


def test_the_names_of_a_file_are_found(tmp_path: Path) -> None:
    file = tmp_path / "example.py"
    text = "A: int = 1\nB, (C, d) = 2, (3, 4)\n\nclass One:\n    E = 5\n    class Two: ...\n"
    file.write_text(text, encoding="utf-8")
    assert list(constants(file)) == ["A", "B", "C"]
    assert list(classes(file)) == ["One", "Two"]
