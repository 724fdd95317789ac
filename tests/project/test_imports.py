"""The directions between folders: which may import from which. Read from the source, never run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase

import pytest

from tests.support.imports import imported, imported_at_once, modules

# What the page reads of the core: the table of settings, how many weights a model has, addresses.
TABLE = (
    *("microgpt.setting", "microgpt.data_settings", "microgpt.optimization_settings"),
    *("microgpt.settings", "microgpt.shapes", "microgpt.quoting", "microgpt.patterns"),
)
# And its part that is fetched with the Lab: what experiments are.
LAB_TABLES = tuple(f"microgpt.lab.{name}" for name in ("axis", "measures", "sweep", "ready"))
ASSEMBLER, COMPILER, RUNTIME = (
    f"microgpt.wasm.{stage}" for stage in ("assembler", "compiler", "runtime")
)
HOSTS = f"{RUNTIME}.hosts"
JAX = "microgpt.jax"
DETECTION = "microgpt.corpus.detection"
CORE = ("microgpt", *TABLE, *LAB_TABLES)

# What the modules in a folder may import from outside it, the standard library aside. A module
# belongs to the longest of these names that it begins with.
MAY_IMPORT: dict[str, tuple[str, ...]] = {
    "app": (),
    # page -> shared <- worker -> microgpt; the page gets the tables of the core alone
    "app.shared": TABLE,
    "app.page": ("app.shared", *TABLE, "pyscript", "app.page.lab"),
    "app.page.lab": ("app.page", "app.shared", *TABLE, *LAB_TABLES, "pyscript"),
    # and so does the worker of Learn, which is one of its own
    "app.learning": ("app.shared", *CORE),
    "app.learning.main": ("app.learning", "app.shared", *CORE, "js", "pyodide"),
    "app.worker": ("app.shared", *CORE, RUNTIME),
    "app.worker.main": ("app.worker", "app.shared", *CORE, "js", "pyodide"),
    "app.site": ("app.page", "app.page.lab", "app.worker", "app.shared", *CORE),
    "app.site.server": ("app.site", "aiohttp"),
    "app.site.cli": ("app.site", "app.site.server"),
    # runtime -> compiler -> assembler; the command line is above all else
    "microgpt": (*TABLE, *LAB_TABLES, COMPILER, RUNTIME, HOSTS, DETECTION),
    DETECTION: ("microgpt", "charset_normalizer"),
    "microgpt.__main__": ("microgpt.cli",),
    "microgpt.cli": (*CORE, ASSEMBLER, COMPILER, RUNTIME, HOSTS, JAX),
    JAX: (*CORE, COMPILER, "jax", "numpy"),
    "microgpt.setting": (),
    "microgpt.data_settings": ("microgpt.setting",),
    "microgpt.optimization_settings": ("microgpt.setting",),
    "microgpt.settings": (
        *("microgpt.setting", "microgpt.data_settings", "microgpt.optimization_settings"),
    ),
    "microgpt.shapes": (),
    "microgpt.quoting": (),
    **dict.fromkeys(LAB_TABLES, (*TABLE, *LAB_TABLES)),
    "microgpt.patterns": ("microgpt.setting",),
    ASSEMBLER: (),
    COMPILER: (*CORE, ASSEMBLER),
    RUNTIME: (*CORE, ASSEMBLER, COMPILER, HOSTS),
    HOSTS: (RUNTIME, COMPILER, "js", "pyodide", "wasmtime"),
    "datasets": ("app.shared", *CORE),
}
# And within those: (the importer, what it may not import), as patterns.
MAY_NOT_IMPORT = [
    ("app.page.views.*", "app.page.*_controller"),
    ("app.page.*", "app.page.main"),
    ("microgpt.trainer", "microgpt.model"),
    ("microgpt.trainer", "microgpt.scalar*"),
]
# Modules that import no more than this, whatever their folder may; the standard library aside.
AT_MOST = {
    "app.shared.preset": {"app.shared.typed"},
    "app.shared.presets": {"app.shared.preset"},
    "microgpt.autograd": set[str](),
    "microgpt.tokenizer": set[str](),
    "microgpt.model": {"microgpt.config", "microgpt.settings"},
    **{f"microgpt.progression.train{number}": set() for number in range(6)},
}

PROJECT = modules("microgpt", "app", "datasets")
TESTS = modules("tests")
IMPORTS = {name: imported(path) for name, path in {**PROJECT, **TESTS}.items()}


def folder_of(name: str) -> str | None:
    """The row of `MAY_IMPORT` that a module belongs to."""
    parts = name.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in MAY_IMPORT), None)


def outside_standard_library(name: str) -> set[str]:
    """What a module imports that is not the standard library's."""
    return {other for other in IMPORTS[name] if other.split(".")[0] not in sys.stdlib_module_names}


def is_allowed(name: str, other: str) -> bool:
    """Whether the tables allow the module `name` to import `other`."""
    folder = folder_of(name)
    assert folder is not None
    if any(fnmatchcase(name, who) and fnmatchcase(other, what) for who, what in MAY_NOT_IMPORT):
        return False
    source = folder_of(other) or other.split(".")[0]  # of a third-party module, its package
    return source in (folder, *MAY_IMPORT[folder])


def reached(start: str) -> dict[str, str]:
    """Everything that importing `start` imports, directly or not, with the path there in words."""
    paths: dict[str, str] = {}
    waiting = [(start, start)]
    while waiting:
        module, path = waiting.pop()
        for name in sorted(IMPORTS.get(module, ())):
            if name not in paths:
                paths[name] = f"{path} imports {name}"
                waiting.append((name, paths[name]))
    return paths


def cycles() -> Iterator[str]:
    """The path of each module that imports itself in the end."""
    for name in IMPORTS:
        path = reached(name).get(name)
        if path:
            yield path


def test_the_tables_name_what_there_is() -> None:
    assert [name for name in PROJECT if folder_of(name) is None] == []
    assert set(map(folder_of, PROJECT)) == MAY_IMPORT.keys()
    assert PROJECT.keys() >= AT_MOST.keys()
    for pattern in {pattern for rule in MAY_NOT_IMPORT for pattern in rule}:
        assert any(fnmatchcase(name, pattern) for name in PROJECT), pattern


def test_folders_import_in_the_directions_of_the_table() -> None:
    wrong = [
        f"{name} imports {other}"
        for name in PROJECT
        for other in sorted(outside_standard_library(name))
        if not is_allowed(name, other)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("app.page.main", "app.worker.session"),
        ("app.page.series", "microgpt.model"),
        ("app.page.views.chart", "app.page.run_controller"),
        ("app.shared.presets", "app.page.link"),
        ("app.worker.session", "app.page.series"),
        ("app.worker.session", "js"),
        ("microgpt.model", "microgpt.cli.main"),
        ("microgpt.model", "numpy"),
        ("microgpt.corpus.decoding", "charset_normalizer"),
        ("microgpt.trainer", "microgpt.scalar.engine"),
        ("microgpt.run", "microgpt.jax.engine"),
        ("microgpt.cli.commands", "jax"),
        (f"{ASSEMBLER}.module", f"{COMPILER}.graph"),
        (f"{COMPILER}.graph", f"{RUNTIME}.engine"),
        (f"{RUNTIME}.engine", "wasmtime"),
    ],
)
def test_the_tables_forbid_the_other_direction(name: str, other: str) -> None:
    assert name in PROJECT
    assert not is_allowed(name, other)


@pytest.mark.parametrize("name", AT_MOST)
def test_some_modules_import_hardly_anything(name: str) -> None:
    assert outside_standard_library(name) <= AT_MOST[name]


def test_the_page_reaches_nothing_of_the_core_but_its_tables() -> None:
    paths = reached("app.page.main")
    core = {name: path for name, path in paths.items() if name.split(".")[0] == "microgpt"}
    tables = {*TABLE, *LAB_TABLES}
    assert [path for name, path in core.items() if name not in tables] == []
    assert core.keys() == tables


@pytest.mark.parametrize("package", ["js", "pyodide", "pyodide_js"])
def test_three_modules_meet_the_python_of_the_browser(package: str) -> None:
    users = {name for name in PROJECT for other in IMPORTS[name] if other.split(".")[0] == package}
    assert users <= {"app.worker.main", "app.learning.main", HOSTS}


def test_jax_is_imported_where_it_is_asked_for() -> None:
    """What else imports its folder does so within functions, or for the type checker."""
    others = [name for name in PROJECT if not name.startswith(JAX)]
    early = {
        name: sorted(found)
        for name in others
        if (found := {each for each in imported_at_once(PROJECT[name]) if each.startswith(JAX)})
    }
    assert early == {}


def test_there_are_no_cycles() -> None:
    assert list(cycles()) == []
