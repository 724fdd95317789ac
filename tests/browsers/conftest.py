"""Fixtures: each browser that this machine has, and the built site with a worker that can die."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from app.site.assemble import SITE, build
from app.site.environment import SetupError
from tests.browsers.driver import Driver
from tests.browsers.kinds import KINDS
from tests.browsers.page import PlaygroundPage
from tests.support.failures import failed, picture
from tests.support.failures import pytest_runtest_makereport as pytest_runtest_makereport
from tests.support.serving import serving

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


@pytest.fixture(scope="package", params=KINDS)
def driver(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Driver]:
    """A browser of each kind that this machine has, with a fresh profile."""
    with ExitStack() as stack:
        try:
            folder = tmp_path_factory.mktemp("browser")
            started = stack.enter_context(KINDS[request.param](folder))
        except SetupError as error:
            pytest.skip(str(error))
        yield started


@pytest.fixture
def playground(
    request: pytest.FixtureRequest, driver: Driver, url: str
) -> Iterator[PlaygroundPage]:
    """The playground in each browser, not opened yet."""
    driver.resize(*WINDOW)
    page = PlaygroundPage(driver, url)
    yield page
    if failed(request):
        picture(request).write_bytes(driver.screenshot())
    page.forget()
    if errors := page.texts("#page-notice"):
        pytest.fail(f"error on the page: {errors[0]}", pytrace=False)
