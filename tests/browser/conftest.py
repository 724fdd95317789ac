"""Fixtures of the browser tests: the built site, its server, Chromium, and a watched page."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from app.site.assemble import SITE, build
from tests.browser.app import Playground
from tests.browser.watch import HEADLESS, Watch, watched
from tests.setup.chromium import find_or_install
from tests.support.failures import failed, picture
from tests.support.failures import pytest_runtest_makereport as pytest_runtest_makereport
from tests.support.serving import serving

# A sub-path, as project pages have on a public host; the site must work under any.
PREFIX = "/microgpt/"
VIEWPORT = {"width": 1280, "height": 900}


@pytest.fixture(scope="session")
def site() -> Path:
    """The folder of the built site."""
    return build(SITE)


@pytest.fixture(scope="session")
def server(site: Path) -> Iterator[str]:
    """The base URL of the site, served under a sub-path."""
    with serving(site, PREFIX) as url:
        yield url


# Playwright's event loop runs in this thread, so it must end before tests of other packages run.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """A headless Chromium that can reach no other host than this machine."""
    chromium = find_or_install(Path(sys.executable))
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=HEADLESS)
        yield launched
        launched.close()


@pytest.fixture
def watched_context(
    request: pytest.FixtureRequest, browser: Browser, server: str
) -> Iterator[tuple[BrowserContext, Watch]]:
    """A fresh context and its watch, whose findings fail the test when it ends."""
    marker = request.node.get_closest_marker("context_options")
    options = {"viewport": VIEWPORT} | (marker.kwargs if marker else {})
    context, watch = watched(browser, server, **options)
    yield context, watch
    if failed(request):
        for number, page in enumerate(context.pages):
            page.screenshot(path=picture(request, number), full_page=True)
    context.close()
    problems = [f"request to another host: {url}" for url in watch.foreign]
    if not request.node.get_closest_marker("expects_errors"):
        problems += [f"error on the page: {error}" for error in watch.errors]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


@pytest.fixture
def context(watched_context: tuple[BrowserContext, Watch]) -> BrowserContext:
    """A fresh browser context, in which relative URLs are those of the site."""
    return watched_context[0]


@pytest.fixture
def watch(watched_context: tuple[BrowserContext, Watch]) -> Watch:
    """The requests of the context so far, and the errors that it reported."""
    return watched_context[1]


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty page; open the site with `page.goto("")`."""
    return context.new_page()


@pytest.fixture
def playground(page: Page) -> Playground:
    """The playground, not opened yet."""
    return Playground(page)
