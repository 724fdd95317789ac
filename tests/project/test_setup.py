"""Setting up the tests: which Chromium is used, and the message where there is none."""

from __future__ import annotations

import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import NoReturn

import pytest

import tests.__main__ as runner
from app.site.environment import ROOT, SetupError
from tests.setup import chromium, jax_tests, other_browsers, programs

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs here are scripts")
Program = Callable[..., Path]


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    """Makes shell scripts in the only folder on the path."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(programs, "DEBIAN", tmp_path / "debian_version")

    def make(name: str, script: str = "exit 0") -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        return path

    return make


def test_the_machine_s_own_comes_first(program: Program) -> None:
    python = program("python", "exit 1")
    program("google-chrome")
    expected = program("chromium")
    assert chromium.find_or_install(python) == expected


def test_a_browser_that_does_not_start_is_skipped(program: Program) -> None:
    python = program("python", "exit 1")
    program("chromium", "echo please install the snap; exit 1")
    expected = program("google-chrome")
    assert chromium.find_or_install(python) == expected


def test_the_variable_comes_first(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    program("chromium")
    monkeypatch.setenv("CHROMIUM", str(program("mine")))
    assert chromium.find_or_install(Path("python")).name == "mine"
    monkeypatch.setenv("CHROMIUM", "no-such-browser")
    with pytest.raises(SetupError, match="CHROMIUM names no-such-browser"):
        chromium.find_or_install(Path("python"))


def test_playwright_s_own_is_found_or_downloaded(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    browser = program("downloaded")
    mark = browser.with_name("done")
    python = program(
        "python", f'[ "$2" = playwright ] && : > {mark}; [ -e {mark} ] && echo {browser}'
    )
    assert chromium.find_or_install(python) == browser
    assert "asking Playwright" in capsys.readouterr().out
    assert chromium.find_or_install(python) == browser
    assert capsys.readouterr().out == ""


def test_a_failed_download_is_reported_in_playwright_s_own_words(
    program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    python = program("python", "echo no route to the host >&2; exit 1")
    assert chromium.downloaded_by_playwright(python) is None
    lines = capsys.readouterr().out.splitlines()
    assert lines[1:] == ["Playwright could not download its Chromium.", "no route to the host"]


def test_debian_s_package_is_installed_by_root_alone(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    python = program("python", "exit 1")
    target = python.with_name("chromium")
    install = f'[ "$1" = update ] || {{ echo "#!/bin/sh" > {target}; /bin/chmod +x {target}; }}'
    program("apt-get", install)
    programs.DEBIAN.touch()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    with pytest.raises(SetupError):
        chromium.find_or_install(python)
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert chromium.find_or_install(python) == target


def test_other_browsers_are_installed_by_root_alone(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = program("echo").parent
    monkeypatch.setattr(other_browsers, "MINI_BROWSER", [f"{folder}/MiniBrowser"[1:]])
    names = "firefox-esr WebKitWebDriver Xvfb MiniBrowser"
    put = f'for name in {names}; do echo "#!/bin/sh" > {folder}/$name; done'
    program("apt-get", f'[ "$1" = update ] || {{ {put}; /bin/chmod +x {folder}/*; }}')
    programs.DEBIAN.touch()
    monkeypatch.setattr("os.geteuid", lambda: 1000)
    firefox, webkit = other_browsers.install_missing()
    assert "apt install firefox-esr" in firefox
    assert "apt install webkit2gtk-driver xvfb" in webkit
    monkeypatch.setattr("os.geteuid", lambda: 0)
    assert other_browsers.install_missing() == []
    assert other_browsers.find_firefox() == folder / "firefox-esr"


def test_a_program_ends_with_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["tests", "one", "two"])
    with pytest.raises(SystemExit) as ended:
        runner.start(len)
    assert ended.value.code == 2


def test_a_program_that_is_interrupted_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    def stopped(_: list[str]) -> NoReturn:
        raise KeyboardInterrupt

    with pytest.raises(SystemExit) as ended:
        runner.start(stopped)
    assert ended.value.code == 130
    assert capsys.readouterr().out == "Stopped.\n"


def test_without_any_the_run_ends_with_a_sentence(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    python = program("python", "exit 1")
    monkeypatch.setattr(runner, "ensure_venv", lambda *_: python)
    monkeypatch.setattr(runner, "ensure_npm_packages", lambda **_: None)
    assert runner.main([]) == 1
    last = capsys.readouterr().out.splitlines()[-1]
    assert last.startswith("No Chromium was found and none could be installed: install")


# ---- everything at once --------------------------------------------------------------------------


def test_every_test_is_run() -> None:
    chosen = (*runner.EVERYTHING, jax_tests.JAX_TESTS)
    folders = tuple(f"{name}/" for name in chosen if not name.startswith("-"))
    paths = (ROOT / "tests").rglob("test_*.py")
    names = [path.relative_to(ROOT).as_posix() for path in paths]
    assert [name for name in names if not name.startswith(folders)] == []


@pytest.mark.parametrize(
    ("arguments", "started", "code"),
    [
        ([], ["others", "jax beside"], 3),
        (["--unit"], ["others", "jax beside"], 3),
        (["-k", "tokenizer"], ["others"], 0),
        (["tests/jax", "-x"], ["jax alone"], 4),
    ],
)
def test_the_tests_with_jax_run_beside_all_others(
    arguments: list[str], started: list[str], code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = []

    class FakeBeside:
        def finish(self) -> int:
            found.append("jax beside")
            return 3

    def others(_python: Path, _options: list[str], *, unit: bool) -> int:
        assert unit == ("--unit" in arguments)
        found.append("others")
        return 0

    def alone(options: list[str]) -> int:
        assert options == arguments
        found.append("jax alone")
        return 4

    monkeypatch.setattr(runner, "set_up", lambda *, browser: Path("python"))
    monkeypatch.setattr(runner, "beside_others", lambda: nullcontext(FakeBeside()))
    monkeypatch.setattr(runner, "run_tests", others)
    monkeypatch.setattr(runner, "run_jax_tests", alone)
    assert runner.main(arguments) == code
    assert found == started


def test_what_runs_beside_is_printed_at_its_end_and_its_failing_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    script = "import sys; print('one failed'); sys.exit(1)"
    monkeypatch.setattr(jax_tests, "BESIDE", (sys.executable, "-c", script))
    with jax_tests.beside_others() as beside:
        code = beside.finish()
    assert code == 1
    assert "one failed" in capfd.readouterr().out
