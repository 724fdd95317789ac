"""Set-up and build of the site. Needs no browser and no network."""

from __future__ import annotations

import hashlib
import importlib
import json
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from app.site import BUILD_LABEL, assemble, cli, packages, release, vendor
from app.site.bytecode import add_bytecode, compile_library
from app.site.environment import ROOT, NodeCommands, SetupError, ensure_venv, remove, run_tool
from app.site.imports import imported_files
from app.site.tree import files_below, named_by_contents, tar_files

SITE_LABEL = {"release": "r-0123abcd", "vendor": {"uplot": "vendor/uplot-1"}, "inputs": "old"}


@pytest.fixture
def assembling(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Assembles tiny sites from inputs that stay the same; lists those it was asked for."""
    asked: list[Path] = []

    def make(site: Path, _modules: Path, inputs: str) -> None:
        asked.append(site)
        (site / "index.html").write_text(f"site {len(asked)}", encoding="utf-8")
        for name in ("r-0123abcd/page.py", "vendor/uplot-1/uPlot.js"):
            (site / name).parent.mkdir(parents=True)
            (site / name).touch()
        label = json.dumps({**SITE_LABEL, "inputs": inputs})
        (site / BUILD_LABEL).write_text(label, encoding="utf-8")

    monkeypatch.setattr(assemble, "inputs_hash", lambda: "the inputs")
    monkeypatch.setattr(assemble, "ensure_npm_packages", lambda: Path("node_modules"))
    monkeypatch.setattr(assemble, "_assemble", make)
    return asked


def test_a_site_is_made_once_until_its_inputs_change(
    tmp_path: Path, assembling: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "site"
    assemble.build(out)
    assemble.build(out)
    assert len(assembling) == 1
    monkeypatch.setattr(assemble, "inputs_hash", lambda: "other inputs")
    assemble.build(out)
    assert (out / "index.html").read_text(encoding="utf-8") == "site 2"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_an_interrupted_build_leaves_no_half_site(
    tmp_path: Path, assembling: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(site: Path, _modules: Path, _inputs: str) -> None:
        (site / "index.html").write_text("half a site", encoding="utf-8")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(assemble, "_assemble", interrupted)
        with pytest.raises(KeyboardInterrupt):
            assemble.build(tmp_path / "site")
    assert list(tmp_path.iterdir()) == []
    # One that was killed outright could not clear up: what it left is not taken for a site.
    (tmp_path / ".site.part").mkdir()
    (tmp_path / ".site.part" / "rubbish").touch()
    built = assemble.build(tmp_path / "site")
    assert len(assembling) == 1
    assert {path.name for path in built.iterdir()} == {
        BUILD_LABEL,
        "index.html",
        "r-0123abcd",
        "vendor",
    }


def test_a_folder_that_is_no_site_is_left_alone(tmp_path: Path, assembling: list[Path]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(SetupError, match="left alone"):
        assemble.build(tmp_path)
    assert assembling == []
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize(
    "label",
    [
        {},
        {"name": "another program's", "version": 2},
        {"inputs": "the inputs"},
        {**SITE_LABEL, "name": "another program's"},
        {**SITE_LABEL, "release": ""},
        {**SITE_LABEL, "release": "."},
        {**SITE_LABEL, "release": "src"},
        {**SITE_LABEL, "release": "r-ffffffff"},
        {**SITE_LABEL, "release": None},
    ],
)
def test_a_folder_with_the_build_json_of_another_program_is_left_alone(
    tmp_path: Path, assembling: list[Path], label: dict[str, object]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "r-0123abcd").mkdir()
    (tmp_path / "index.html").write_text("their page", encoding="utf-8")
    (tmp_path / BUILD_LABEL).write_text(json.dumps(label), encoding="utf-8")
    with pytest.raises(SetupError, match="left alone"):
        assemble.build(tmp_path)
    assert assembling == []
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "their page"


@pytest.mark.parametrize("missing", ["index.html", "r-0123abcd"])
def test_a_damaged_site_in_a_folder_of_the_user_is_left_alone(
    tmp_path: Path, assembling: list[Path], missing: str
) -> None:
    out = assemble.build(tmp_path / "site")
    remove(out / missing)
    kept = files_below(out)
    with pytest.raises(SetupError, match="left alone"):
        assemble.build(out)
    assert len(assembling) == 1
    assert files_below(out) == kept


@pytest.mark.parametrize("missing", ["index.html", "r-0123abcd", "vendor/uplot-1", BUILD_LABEL])
def test_a_damaged_site_of_our_own_is_made_again(
    tmp_path: Path, assembling: list[Path], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(assemble, "SITE", tmp_path / "site")
    whole = files_below(assemble.build(assemble.SITE))
    remove(assemble.SITE / missing)
    assert files_below(assemble.build(assemble.SITE)) == whole
    assert len(assembling) == 2


def test_what_the_build_writes_is_known_as_a_site_made_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lay_out(_modules: Path, site: Path, _folders: dict[str, str]) -> str:
        (site / "r-0123abcd").mkdir()
        return "r-0123abcd"

    names = ("pyodide", "pyscript", "micropython", "uplot", "fonts")
    folders = {name: f"vendor/{name}-1" for name in names}
    monkeypatch.setattr(release, "lay_out", lay_out)
    monkeypatch.setattr(vendor, "lay_out", lambda *_where: folders)
    monkeypatch.setattr(assemble, "compress", lambda *_where: None)
    assemble._assemble(tmp_path, Path("node_modules"), "the inputs")
    assert assemble._label(tmp_path) == ("r-0123abcd", folders, "the inputs")


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A script in place of npm, to be filled in; the packages go below `tmp_path`."""
    script = tmp_path / "npm.py"
    (tmp_path / "package-lock.json").write_text("{}", encoding="utf-8")
    monkeypatch.setattr(packages, "ROOT", tmp_path)
    monkeypatch.setattr(packages, "NPM_LOCK", tmp_path / "package-lock.json")
    monkeypatch.setattr(packages, "NODE_MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(
        packages, "node_and_npm", lambda: NodeCommands("node", (sys.executable, str(script)))
    )
    return script


def test_a_failed_npm_is_reported_in_its_own_words(npm: Path) -> None:
    npm.write_text("import sys; sys.exit('npm error code E404\\nnpm error 404 uplot@1.6.99')")
    with pytest.raises(SetupError) as failed:
        packages.ensure_npm_packages()
    sentence, *output = str(failed.value).splitlines()
    assert re.match(
        "npm could not install the packages .*: .* run the same command again", sentence
    )
    assert output == ["npm error code E404", "npm error 404 uplot@1.6.99"]


@pytest.mark.parametrize(
    ("program", "output"),
    [
        ("import sys; print('progress'); sys.exit('the reason')", ["the reason"]),
        ("print('the reason on stdout'); raise SystemExit(3)", ["the reason on stdout"]),
        ("raise SystemExit(1)", ["(It printed nothing.)"]),
        ("import sys; sys.exit('\\n'.join(map(str, range(99))))", [*map(str, range(59, 99))]),
    ],
)
def test_the_last_lines_of_a_failed_program_follow_the_sentence(
    program: str, output: list[str]
) -> None:
    with pytest.raises(SetupError) as failed:
        run_tool([sys.executable, "-c", program], "This failed: try that.")
    assert str(failed.value).splitlines() == ["This failed: try that.", *output]


def test_a_program_that_is_not_there_is_reported() -> None:
    with pytest.raises(SetupError, match=r"(?s)^This failed: try that\..*no-such-program"):
        run_tool(["no-such-program"], "This failed: try that.")


def test_a_failed_set_up_ends_with_an_exit_code_and_the_program_s_words(
    npm: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    npm.write_text("import sys; sys.exit('npm error no route to host')")
    monkeypatch.setattr(assemble, "ensure_npm_packages", packages.ensure_npm_packages)
    assert cli.run(["build", "--out", str(npm.parent / "site")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("npm could not install the packages")
    assert error.endswith("\nnpm error no route to host\n")
    assert not (npm.parent / "site").exists()


def test_a_failed_npm_is_run_again_and_a_finished_one_is_not(npm: Path) -> None:
    works = "from pathlib import Path; Path('node_modules').mkdir(); Path('ran').touch()"
    npm.write_text("import sys; sys.exit(1)")
    with pytest.raises(SetupError):
        packages.ensure_npm_packages()
    npm.write_text(works)
    packages.ensure_npm_packages()
    (npm.parent / "ran").unlink()
    packages.ensure_npm_packages()
    assert not (npm.parent / "ran").exists()


def tiny_wheel(folder: Path) -> str:
    """Writes the wheel of a package `tiny` with one module; returns the wheel's hash."""
    wheel = folder / "tiny-1.0-py3-none-any.whl"
    info = "tiny-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("tiny.py", "answer = 42\n")
        archive.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
        archive.writestr(
            f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{info}/RECORD", "")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


def requirements_for(folder: Path, wheel_hash: str) -> Path:
    file = folder / "requirements.txt"
    file.write_text(f"--no-index\n--find-links {folder}\ntiny==1.0 --hash=sha256:{wheel_hash}\n")
    return file


def test_an_environment_is_made_once_and_mended_after_an_interruption(tmp_path: Path) -> None:
    requirements = requirements_for(tmp_path, tiny_wheel(tmp_path))
    venv = tmp_path / "venv"
    venv.mkdir()
    (venv / "half").touch()  # what an interrupted installation left
    python = ensure_venv(venv, requirements)
    subprocess.run([python, "-c", "import tiny; assert tiny.answer == 42"], check=True)
    assert not (venv / "half").exists()
    (venv / "mark").touch()
    assert ensure_venv(venv, requirements) == python
    assert (venv / "mark").exists()


def test_a_package_with_a_wrong_hash_is_refused_in_pip_s_own_words(tmp_path: Path) -> None:
    wheel_hash = tiny_wheel(tmp_path)
    requirements = requirements_for(tmp_path, "0" * 64)
    for _ in range(2):  # a failed installation is not taken for a finished one
        with pytest.raises(SetupError) as failed:
            ensure_venv(tmp_path / "venv", requirements)
        sentence, *output = str(failed.value).splitlines()
        assert sentence.startswith("pip could not install the Python packages")
        assert any("DO NOT MATCH THE HASHES" in line for line in output)
        assert any("tiny==1.0" in line for line in output)
        assert any(wheel_hash in line for line in output)


def test_a_package_that_is_not_there_is_named_by_pip(tmp_path: Path) -> None:
    requirements = requirements_for(tmp_path, "0" * 64)
    with pytest.raises(SetupError, match=r"No matching distribution found for tiny==1\.0"):
        ensure_venv(tmp_path / "venv", requirements)


def test_the_packages_of_an_environment_can_be_imported_here(tmp_path: Path) -> None:
    venv = tmp_path / "venv"
    ensure_venv(venv, requirements_for(tmp_path, tiny_wheel(tmp_path)))
    program = (
        "import sys; from pathlib import Path; from app.site.environment import import_from;"
        "import_from(Path(sys.argv[1])); import tiny; assert tiny.answer == 42"
    )
    subprocess.run([sys.executable, "-c", program, venv], cwd=ROOT, check=True)


def test_a_compiled_library_is_imported_without_its_source(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, target = tmp_path / "source.zip", tmp_path / "compiled.zip"
    with zipfile.ZipFile(source, "w") as archive:
        archive.writestr("shelf_for_test/__init__.py", "")
        archive.writestr("shelf_for_test/book.py", "def title(): return __file__\n")
        archive.writestr("shelf_for_test/data.txt", "kept")
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


def test_an_archive_has_each_folder_before_its_files_and_the_same_bytes(tmp_path: Path) -> None:
    file = tmp_path / "axis.py"
    file.write_text("x = 1\n", encoding="utf-8")
    files = {"app/views/axis.py": file, "app/page.py": file}
    for name in ("first", "second"):
        tar_files(files, tmp_path / f"{name}.tar.gz")
    assert (tmp_path / "first.tar.gz").read_bytes() == (tmp_path / "second.tar.gz").read_bytes()
    with tarfile.open(tmp_path / "first.tar.gz") as archive:
        assert archive.getnames() == ["app", "app/views", "app/page.py", "app/views/axis.py"]


def test_a_folder_is_named_by_its_contents(tmp_path: Path) -> None:
    names: list[str] = []
    for text in ("one", "two", "one"):
        folder = tmp_path / str(len(names)) / "r"
        folder.mkdir(parents=True)
        (folder / "file").write_text(text, encoding="utf-8")
        names.append(named_by_contents(folder).name)
    assert names[0] == names[2] != names[1]
    assert names[0].startswith("r-")
