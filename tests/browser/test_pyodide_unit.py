"""The core's unit tests, unchanged, inside the Pyodide that the site ships."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.site.environment import ROOT
from tests.browser.conftest import Launch
from tests.browser.pyodide_site import build_test_site, core_tests
from tests.browser.watch import watched
from tests.setup.wheels import ensure_wheels
from tests.support.serving import serving

CORE_TESTS = core_tests()
FILE_TIMEOUT_SECONDS = 600
TESTS = ROOT / "tests" / "microgpt"


def short_name(path: Path) -> str:
    """The name of a test file relative to `tests/microgpt/`: `wasm/runtime/test_hosts`."""
    return path.relative_to(TESTS).with_suffix("").as_posix()


def _module_of(name: str) -> Path:
    """The module of the core that the test file `name` tests."""
    return (ROOT / "microgpt" / name.replace("test_", "")).with_suffix(".py")


class PyodideRunner:
    """A page whose worker runs test files; a new page replaces it when Python crashes there."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page | None = None

    def run(self, file: str) -> dict[str, Any]:
        """Runs one file; returns which tests passed, and why the others did not."""
        if self.page is None:
            self.page = self.context.new_page()
            self.page.goto("")
        answer = self.page.evaluate(
            "([file, seconds]) => run(file, seconds)", [file, FILE_TIMEOUT_SECONDS]
        )
        if "error" in answer:
            self.page.close()
            self.page = None
            pytest.fail(f"Python inside the browser crashed: {answer['error']}", pytrace=False)
        report: dict[str, Any] = answer["report"]
        return report


@pytest.fixture(scope="module")
def browser(launch: Launch) -> Iterator[Browser]:
    """A browser that optimizes Python's interpreter, which works hard here."""
    launched = launch()
    yield launched
    launched.close()


@pytest.fixture(scope="module")
def runner(browser: Browser, site: Path) -> Iterator[PyodideRunner]:
    """The runner in the browser; fails if anything there requested another host."""
    (pyodide,) = (site / "vendor").glob("pyodide-*")
    small_site = ROOT / "build" / "pyodide-tests"
    build_test_site(small_site, pyodide, ensure_wheels(Path(sys.executable)))
    with serving(small_site) as url:
        context, watch = watched(browser, url)
        yield PyodideRunner(context)
        context.close()
        assert watch.foreign == []


def test_every_module_of_the_core_is_tested_inside_pyodide() -> None:
    """The tests of every module run there, except those of the command line and of programs that
    are exported, which run in processes of their own."""
    selected = {short_name(path) for path in CORE_TESTS}
    assert selected >= {"test_autograd", "test_model", "test_trainer", "wasm/runtime/test_hosts"}
    tests = {short_name(path) for path in TESTS.rglob("test_*.py")}
    core_names = {name for name in tests if not name.startswith(("cli/", "export/"))}
    assert {name for name in core_names if _module_of(name).is_file()} <= selected


@pytest.mark.parametrize("path", CORE_TESTS, ids=short_name)
def test_inside_pyodide(runner: PyodideRunner, path: Path) -> None:
    report = runner.run(path.relative_to(ROOT).as_posix())
    failures = "\n\n".join(f"{name}\n{text}" for name, text in report["failed"].items())
    if failures or report["exit"] not in (0, 5):
        pytest.fail(f"pytest in Pyodide exited with {report['exit']}:\n{failures}", pytrace=False)
    print(f"{len(report['passed'])} passed, {len(report['skipped'])} skipped")
    if not report["passed"]:
        pytest.skip("; ".join(report["skipped"].values()) or "no tests in this file")
