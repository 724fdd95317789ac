"""The directions between the modules: who may import whom. Read from the source, never run."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.support.imports import imported, modules

PROJECT = modules("microgpt", "app", "tests")
IMPORTS = {name: imported(path) for name, path in PROJECT.items()}
CORE = [name for name in PROJECT if name.split(".")[0] == "microgpt"]
VIEWS = [name for name in PROJECT if name.startswith("app.page.views.")]
PAGE = ["app.page.main", *VIEWS]
WORKER = ["app.worker.session", "app.worker.main"]

NOTHING = ["app.shared.presets", "app.shared.commands", "app.shared.events", "microgpt.setting"]
TABLE = ("microgpt.setting", "microgpt.settings", "microgpt.data_settings")
STANDARD_LIBRARY = ["microgpt.autograd", "microgpt.tokenizer"]
BROWSER = {"js", "pyodide", "pyodide_js", "pyscript"}
# The one module that may meet a WebAssembly host, whichever it is.
HOSTS = "microgpt.wasm.runtime.hosts"

# (importer, what it must not import, what of that it may after all)
Rule = tuple[str, str, tuple[str, ...]]
ITSELF: list[Rule] = [
    *((name, "app", ()) for name in CORE),
    ("microgpt.trainer", "microgpt.model", ()),
    ("microgpt.trainer", "microgpt.scalar", ()),
    *(("app.worker.session", browser, ()) for browser in BROWSER),
]
# These hold for all that the importer leads to as well.
NOR_BY_WAY_OF_OTHERS: list[Rule] = [
    *((name, "microgpt", TABLE) for name in PAGE),
    *((name, other, ()) for name in PAGE for other in ("app.worker.session", "app.worker.main")),
    *((name, "app.page.main", ()) for name in VIEWS),
    *((name, other, ()) for name in WORKER for other in ("app.page.main", "app.page.views")),
]


def within(name: str, package: str) -> bool:
    """Whether a module is `package` or lies in it."""
    return name == package or name.startswith(f"{package}.")


def reached(start: str) -> dict[str, str]:
    """Every import that starting `start` leads to, with the way to it in words."""
    ways: dict[str, str] = {}
    waiting = [(start, start)]
    while waiting:
        module, way = waiting.pop()
        for name in sorted(IMPORTS.get(module, ())):
            if name not in ways:
                ways[name] = f"{way} imports {name}"
                waiting.append((name, ways[name]))
    return ways


def outside_standard_library(names: set[str]) -> set[str]:
    """The names that are not the standard library's."""
    return {name for name in names if name.split(".")[0] not in sys.stdlib_module_names}


def cycles() -> Iterator[str]:
    """Each module that leads back to itself."""
    for name in PROJECT:
        way = reached(name).get(name)
        if way:
            yield way


def broken(rules: list[Rule], name: str, way: str) -> list[str]:
    """What is wrong with importing `name` by `way`, which starts with the importer."""
    importer = way.split()[0]
    return [
        way
        for who, package, allowed in rules
        if who == importer and within(name, package) and name not in allowed
    ]


def test_the_modules_that_the_rules_name_exist() -> None:
    rules = ITSELF + NOR_BY_WAY_OF_OTHERS
    named = {*NOTHING, *STANDARD_LIBRARY, *(importer for importer, _, _ in rules)}
    assert named <= PROJECT.keys()
    assert {"microgpt.config", "microgpt.model", "microgpt.scalar"} <= PROJECT.keys()
    assert VIEWS


@pytest.mark.parametrize("name", NOTHING)
def test_imports_nothing(name: str) -> None:
    assert IMPORTS[name] == set()


def test_the_table_of_settings_imports_what_a_row_is() -> None:
    assert IMPORTS["microgpt.settings"] == {"microgpt.setting", "microgpt.data_settings"}
    assert IMPORTS["microgpt.data_settings"] == {"microgpt.setting"}


@pytest.mark.parametrize("name", STANDARD_LIBRARY)
def test_imports_the_standard_library_alone(name: str) -> None:
    assert outside_standard_library(IMPORTS[name]) == set()


def test_the_model_imports_its_configuration_alone() -> None:
    assert outside_standard_library(IMPORTS["microgpt.model"]) <= {"microgpt.config"}


def test_the_core_depends_on_nothing() -> None:
    others = {
        f"{name} imports {other}"
        for name in CORE
        if name != HOSTS
        for other in outside_standard_library(IMPORTS[name])
        if not within(other, "microgpt")
    }
    assert others == set()


def test_directions() -> None:
    wrong = [
        *(
            problem
            for importer in PROJECT
            for name in IMPORTS[importer]
            for problem in broken(ITSELF, name, f"{importer} imports {name}")
        ),
        *(
            problem
            for importer in PROJECT
            for name, way in reached(importer).items()
            for problem in broken(NOR_BY_WAY_OF_OTHERS, name, way)
        ),
    ]
    assert wrong == []


def test_there_are_no_cycles() -> None:
    assert list(cycles()) == []
