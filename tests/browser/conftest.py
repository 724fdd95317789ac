"""Fixtures of the browser tests: the built site, its server, Chromium, and a watched page."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.site.assemble import SITE, build
from tests.browser.app import Playground
from tests.browser.watch import HEADLESS, Watch, new_context, origin_of
from tests.setup.chromium import find_or_install
from tests.support.failures import failed, picture
from tests.support.failures import pytest_runtest_makereport as pytest_runtest_makereport
from tests.support.serving import serving

HERE = Path(__file__).parent
# A sub-path, as project pages have on a public host; the site must work under any.
PREFIX = "/microgpt/"
VIEWPORT = {"width": 1280, "height": 900}
Launch = Callable[..., Browser]  # with further switches
MEDIA = ("color_scheme", "reduced_motion", "forced_colors")  # options that a page has for itself


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Has a test here that failed run once more, for a shared machine may stop a browser for
    seconds; pytest's summary counts these. What is wrong fails twice."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=1))


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
def launch() -> Iterator[Launch]:
    """Launches a headless Chromium that can reach no other host than this machine."""
    # Other tests run beside these: what comes in a moment for a user may take longer here.
    expect.set_options(timeout=40_000)
    chromium = find_or_install(Path(sys.executable))
    with sync_playwright() as playwright:
        yield lambda *switches: playwright.chromium.launch(
            executable_path=chromium, args=[*HEADLESS, *switches]
        )


@pytest.fixture(scope="package")
def browser(launch: Launch) -> Iterator[Browser]:
    """The browser of most tests. It compiles WebAssembly in one pass: at visits of a few seconds
    optimizing it takes a quarter of the time, and `tests/browsers/` has it optimized."""
    launched = launch("--js-flags=--liftoff-only")
    yield launched
    launched.close()


@pytest.fixture(scope="package")
def visited_context(browser: Browser, server: str) -> Iterator[BrowserContext]:
    """A context for many tests: as at most visits, the browser has been here before, and has the
    site's files and Python's snapshot."""
    context = new_context(browser, server, viewport=VIEWPORT)
    first_visit = Playground(context.new_page()).open()
    first_visit.wait_snapshot()
    first_visit.page.close()
    yield context
    context.close()


@pytest.fixture
def watched_context(
    request: pytest.FixtureRequest, browser: Browser, server: str
) -> Iterator[tuple[BrowserContext, Watch]]:
    """A context that holds nothing of another test, and its watch.

    It is fresh where the test asks for the context itself or for a first visit, or has options that
    no page can have for itself. What the watch finds fails the test when it ends.
    """
    options = options_of(request)
    is_fresh = (
        "context" in request.fixturenames
        or request.node.get_closest_marker("first_visit") is not None
        or not options.keys() <= {"viewport", *MEDIA}
    )
    if is_fresh:
        context = new_context(browser, server, **options)
    else:
        context = request.getfixturevalue("visited_context")
    watch = Watch(context, origin_of(server))
    yield context, watch
    if failed(request):
        for number, page in enumerate(context.pages):
            page.screenshot(path=picture(request, number), full_page=True)
    watch.end()
    if is_fresh:
        context.close()
    else:
        forget_visit(context, watch.origin)
    problems = [f"request to another host: {url}" for url in watch.foreign]
    if not request.node.get_closest_marker("expects_errors"):
        problems += [f"error on the page: {error}" for error in watch.errors]
    if problems:
        pytest.fail("\n".join(problems), pytrace=False)


def options_of(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the test wants its browser to be like: options of Playwright's `new_context`."""
    marker = request.node.get_closest_marker("context_options")
    return {"viewport": VIEWPORT} | (marker.kwargs if marker else {})


def forget_visit(context: BrowserContext, origin: str) -> None:
    """Close the pages, and remove what they kept; the site's files and the snapshot stay."""
    context.unroute_all()
    context.clear_permissions()
    for page in context.pages:
        page.close()
    blank = context.new_page()
    storage = {"origin": origin, "storageTypes": "local_storage,indexeddb"}
    context.new_cdp_session(blank).send("Storage.clearDataForOrigin", storage)
    blank.close()


@pytest.fixture
def context(watched_context: tuple[BrowserContext, Watch]) -> BrowserContext:
    """A fresh browser context, in which relative URLs are those of the site."""
    return watched_context[0]


@pytest.fixture
def watch(watched_context: tuple[BrowserContext, Watch]) -> Watch:
    """The requests of the context so far, and the errors that it reported."""
    return watched_context[1]


@pytest.fixture
def page(request: pytest.FixtureRequest, watched_context: tuple[BrowserContext, Watch]) -> Page:
    """An empty page; open the site with `page.goto("")`."""
    page = watched_context[0].new_page()
    options = options_of(request)
    page.set_viewport_size(options.pop("viewport"))
    page.emulate_media(**{name: options[name] for name in MEDIA if name in options})
    return page


@pytest.fixture
def playground(page: Page) -> Playground:
    """The playground, not opened yet."""
    return Playground(page)
