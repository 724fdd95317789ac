"""The core's unit tests, unchanged, inside the Pyodide that the site ships."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from app.site.environment import ROOT
from tests.browser.inner import core_tests, lay_out
from tests.browser.watch import watched
from tests.setup.wheels import ensure_wheels
from tests.support.serving import serving

CORE_TESTS = core_tests()
SECONDS = 600
TESTS = ROOT / "tests" / "microgpt"


def name_of(path: Path) -> str:
    """The name of a test file relative to `tests/microgpt/`: `wasm/runtime/test_hosts`."""
    return path.relative_to(TESTS).with_suffix("").as_posix()


def _module(name: str) -> Path:
    """The module of the core that the test file `name` is about."""
    return (ROOT / "microgpt" / name.replace("test_", "")).with_suffix(".py")


class InnerRunner:
    """A page whose worker runs tests; a new page takes over when Python there crashes."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page | None = None

    def run(self, file: str) -> dict[str, Any]:
        """The report on one file: which tests passed, and why the others did not."""
        if self.page is None:
            self.page = self.context.new_page()
            self.page.goto("")
        answer = self.page.evaluate("([file, seconds]) => run(file, seconds)", [file, SECONDS])
        if "error" in answer:
            self.page.close()
            self.page = None
            pytest.fail(f"Python inside the browser crashed: {answer['error']}", pytrace=False)
        report: dict[str, Any] = answer["report"]
        return report


@pytest.fixture(scope="module")
def inside(browser: Browser, site: Path) -> Iterator[InnerRunner]:
    """The runner inside the browser; fails if it sent a request to another host."""
    (pyodide,) = (site / "vendor").glob("pyodide-*")
    small_site = ROOT / "build" / "pyodide-tests"
    lay_out(small_site, pyodide, ensure_wheels(Path(sys.executable)))
    with serving(small_site) as url:
        context, watch = watched(browser, url)
        yield InnerRunner(context)
        context.close()
        assert watch.foreign == []


def test_the_core_is_tested_inside() -> None:
    """The tests of every module of the core run inside, except those of the command line."""
    inside = {name_of(path) for path in CORE_TESTS}
    assert inside >= {"test_autograd", "test_model", "test_trainer", "wasm/runtime/test_hosts"}
    tests = {name_of(path) for path in TESTS.rglob("test_*.py")}
    of_the_core = {name for name in tests if not name.startswith("cli/")}
    assert {name for name in of_the_core if _module(name).is_file()} <= inside


@pytest.mark.parametrize("path", CORE_TESTS, ids=name_of)
def test_inside_pyodide(inside: InnerRunner, path: Path) -> None:
    report = inside.run(path.relative_to(ROOT).as_posix())
    failures = "\n\n".join(f"{name}\n{text}" for name, text in report["failed"].items())
    if failures or report["exit"] not in (0, 5):
        pytest.fail(f"inside Pyodide, pytest exit {report['exit']}:\n{failures}", pytrace=False)
    print(f"{len(report['passed'])} passed, {len(report['skipped'])} skipped")
    if not report["passed"]:
        pytest.skip("; ".join(report["skipped"].values()) or "no tests in this file")
