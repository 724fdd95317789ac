"""Set-up: virtual environments, npm, and the report on a tool that fails. Needs no network."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from app.site import assemble, cli, packages
from app.site.environment import ROOT, NodeCommands, SetupError, ensure_venv, run_tool
from tests.support.processes import SECONDS

FAILURE = "This failed: try that."


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
        run_tool([sys.executable, "-c", program], FAILURE)
    assert str(failed.value).splitlines() == [FAILURE, *output]


def test_a_program_that_is_not_there_is_reported() -> None:
    with pytest.raises(SetupError, match=r"(?s)^This failed: try that\..*no-such-program"):
        run_tool(["no-such-program"], FAILURE)


def test_a_program_that_takes_too_long_is_reported() -> None:
    with pytest.raises(SetupError, match=r"(?s)^This failed: try that\..*timed out"):
        run_tool([sys.executable, "-c", "import time; time.sleep(9)"], FAILURE, timeout=0.1)


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


def test_an_environment_is_made_once_and_again_after_an_interruption(tmp_path: Path) -> None:
    requirements = requirements_for(tmp_path, tiny_wheel(tmp_path))
    venv = tmp_path / "venv"
    venv.mkdir()
    (venv / "half").touch()  # what an interrupted installation left
    python = ensure_venv(venv, requirements)
    subprocess.run(
        [python, "-c", "import tiny; assert tiny.answer == 42"], timeout=SECONDS, check=True
    )
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
    subprocess.run([sys.executable, "-c", program, venv], cwd=ROOT, timeout=SECONDS, check=True)
