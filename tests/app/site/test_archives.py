"""Archives, bytecode, names by contents, and what a module imports."""

from __future__ import annotations

import importlib
import zipfile
from pathlib import Path

import pytest

from app.site.bytecode import add_bytecode, compile_library
from app.site.imports import imported_files
from app.site.tree import named_by_contents


def test_a_compiled_library_is_imported_without_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source.zip", tmp_path / "compiled.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("shelf_for_test/__init__.py", "")
        archive.writestr("shelf_for_test/book.py", "def title(): return __file__\n")
        archive.writestr("shelf_for_test/data.txt", "kept")
        archive.writestr("pdb.py", "")
        archive.writestr("unittest/mock.py", "")
    compile_library(str(source), str(target), str(target))
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [
            "shelf_for_test/__init__.pyc",
            "shelf_for_test/book.pyc",
            "shelf_for_test/data.txt",
        ]
    monkeypatch.syspath_prepend(str(target))
    book = importlib.import_module("shelf_for_test.book")
    assert book.title() == str(target / "shelf_for_test" / "book.pyc")
    assert book.title.__code__.co_filename == str(target / "shelf_for_test" / "book.py")


def test_bytecode_lies_where_python_looks_for_it(tmp_path: Path) -> None:
    source, target = tmp_path / "source.zip", tmp_path / "bytecode.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("app/session.py", "x = 1\n")
        archive.writestr("app/notes.txt", "no code")
    add_bytecode([str(source)], str(target), "cpython-314")
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == ["app/__pycache__/session.cpython-314.pyc"]


def test_what_a_module_imports_is_found_without_running_it(tmp_path: Path) -> None:
    sources = {
        "app/__init__.py": "",
        "app/page.py": "import json\nfrom app import protocol\nfrom app.views.chart import Chart\n",
        "app/protocol.py": "raise SystemExit('was run')\n",
        "app/views/__init__.py": "",
        "app/views/chart.py": "def later():\n    import app.views.axis\n",
        "app/views/axis.py": "import app.page\n",
        "app/session.py": "",
    }
    for name, text in sources.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    found = imported_files(tmp_path / "app" / "page.py", tmp_path)
    assert set(found) == set(sources) - {"app/session.py"}


def test_a_folder_is_named_by_its_contents(tmp_path: Path) -> None:
    names: list[str] = []
    for text in ("one", "two", "one"):
        folder = tmp_path / str(len(names)) / "r"
        folder.mkdir(parents=True)
        (folder / "file").write_text(text, encoding="utf-8")
        names.append(named_by_contents(folder).name)
    assert names[0] == names[2] != names[1]
    assert names[0].startswith("r-")
