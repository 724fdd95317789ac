"""Fixtures: each browser that this machine has, and the built site with a worker that can die."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.site.assemble import SITE, build
from app.site.environment import SetupError
from tests.browsers.driver import BrowserCrashError, Driver
from tests.browsers.kinds import KINDS
from tests.browsers.page import PlaygroundPage
from tests.support.failures import failed, picture
from tests.support.failures import pytest_runtest_makereport as pytest_runtest_makereport
from tests.support.serving import serving

HERE = Path(__file__).parent
WINDOW = (1280, 900)
# No driver reaches into a worker, so the site's gets this in front: see `PlaygroundPage.crash`.
DIES_ON_DEMAND = """
self.addEventListener("message", (event) => {
  if (event.data.type !== "die") return;
  event.stopImmediatePropagation();
  throw new Error("died on demand");
});
"""


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of the site, served under a sub-path."""
    site = tmp_path_factory.mktemp("site") / "site"
    shutil.copytree(build(SITE), site)
    (worker,) = site.rglob("worker.mjs")
    worker.write_text(DIES_ON_DEMAND + worker.read_text(encoding="utf-8"), encoding="utf-8")
    for packed in worker.parent.glob("worker.mjs.*"):
        packed.unlink()
    with serving(site, "/microgpt/") as address:
        yield address


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has tests here that failed run once more, as in `tests/browser/`."""
    for item in items:
        callspec = getattr(item, "callspec", None)
        if callspec is not None and "browser" in callspec.params and HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


class StartedBrowser:
    """A browser of one kind, in a fresh profile; started anew after a crash."""

    def __init__(self, kind: str, tmp_path_factory: pytest.TempPathFactory) -> None:
        self._kind = kind
        self._folders = tmp_path_factory
        self._running = ExitStack()
        self._driver: Driver | None = None

    def driver(self) -> Driver:
        """Its driver.

        Raises:
            SetupError: this machine does not have the browser.
        """
        if self._driver is None:
            folder = self._folders.mktemp("browser")
            self._driver = self._running.enter_context(KINDS[self._kind](folder))
        return self._driver

    def end(self) -> None:
        """Ends it, or what a crash has left of it."""
        self._driver = None
        self._running.close()


@pytest.fixture(scope="package", params=KINDS)
def browser(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[StartedBrowser]:
    """A browser of each kind that this machine has."""
    started = StartedBrowser(request.param, tmp_path_factory)
    try:
        started.driver()
    except SetupError as error:
        pytest.skip(str(error))
    yield started
    started.end()


@pytest.fixture
def playground(
    request: pytest.FixtureRequest, browser: StartedBrowser, url: str
) -> Iterator[PlaygroundPage]:
    """The playground in each browser, not opened yet."""
    driver = browser.driver()
    driver.resize(*WINDOW)
    page = PlaygroundPage(driver, url)
    yield page
    try:
        if failed(request):
            picture(request).write_bytes(driver.screenshot())
        page.forget()
        errors = page.texts("#page-notice")
    except BrowserCrashError:
        browser.end()
        if failed(request):  # which has told it
            return
        raise
    if errors:
        pytest.fail(f"error on the page: {errors[0]}", pytrace=False)
