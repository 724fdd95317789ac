"""Python starts from a snapshot at later visits, and from nothing wherever there is any doubt."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

from app.site.environment import ROOT
from app.site.packages import NODE_MODULES
from app.site.vendor import version_of
from tests.browser.app import Playground
from tests.browser.watch import watched

# These run in the page.
# Keeps a copy of the snapshot for `PUT`.
COPY = """
async (url) => {
    const response = await (await caches.open("python-snapshot")).match(url);
    await (await caches.open("copy")).put(url, response);
}
"""
# Puts the copy in place of whatever is kept: unchanged, damaged, or under another address.
PUT = """
async ([url, address, change]) => {
    const response = await (await caches.open("copy")).match(url);
    let bytes = new Uint8Array(await response.arrayBuffer());
    if (change === "flipped") bytes[bytes.length >> 1] ^= 1;
    if (change === "truncated") bytes = bytes.subarray(0, bytes.length >> 1);
    if (change === "empty") bytes = new Uint8Array();
    const cache = await caches.open("python-snapshot");
    for (const kept of await cache.keys()) await cache.delete(kept);
    await cache.put(address, new Response(bytes, { headers: response.headers }));
}
"""
REMOVE = "() => caches.delete('python-snapshot')"
KEPT = "async () => (await (await caches.open('python-snapshot')).keys()).map(({ url }) => url)"
# And these in the worker.
IS_RESTORED = "() => performance.getEntriesByName('restored').length === 1"
RANDOM = """
async () => (await self.micropip).__builtins__.get("__import__")("random").random()
"""
# Put before the worker's own code: storage as browsers refuse it.
REFUSALS = {
    "absent": "Object.defineProperty(self, 'caches', { value: undefined });",
    "throws": "Object.defineProperty(self, 'caches', { get() { throw new Error('refused'); } });",
    "rejects": "CacheStorage.prototype.match = () => Promise.reject(new Error('refused'));",
}


class Visited:
    """A browser in which a first visit, still open as `home`, has left a snapshot."""

    def __init__(self, home: Page, address: str) -> None:
        self.home, self.address = home, address
        home.evaluate(COPY, address)

    def visit(self, change: str = "", address: str = "") -> Playground:
        """A later visit, with a snapshot that is changed or lies at another address."""
        self.put(change, address)
        return come_back(self.home.context.new_page())

    def put(self, change: str = "", address: str = "") -> None:
        """Have the browser keep the snapshot, which an earlier test may have had removed."""
        self.home.evaluate(PUT, [self.address, address or self.address, change])


def come_back(page: Page) -> Playground:
    """The playground, opened in `page` with everything ready."""
    return Playground(page).open().wait_worker()


@pytest.fixture(scope="module")
def visited(browser: Browser, server: str) -> Iterator[Visited]:
    context, watch = watched(browser, server)
    playground = come_back(context.new_page())
    assert not is_restored(playground)
    yield Visited(playground.page, playground.wait_snapshot())
    context.close()
    assert watch.errors == []
    assert watch.foreign == []


@pytest.fixture(autouse=True)
def closed(visited: Visited) -> Iterator[None]:
    """Later visits end with the test, so that none of them goes on to make a snapshot."""
    yield
    for page in visited.home.context.pages:
        if page is not visited.home:
            page.close()


def is_restored(playground: Playground) -> bool:
    """Whether the worker's Python was restored from a snapshot."""
    return bool(playground.worker.evaluate(IS_RESTORED))


def results(playground: Playground) -> tuple[float, dict[str, float]]:
    """The last loss of a short run, and what its model expects first."""
    playground.train(100)
    return playground.loss(), playground.probability_by_token()


def test_a_restored_python_computes_the_same(visited: Visited) -> None:
    restored = visited.visit()
    assert is_restored(restored)
    plain = visited.visit("empty")
    assert not is_restored(plain)
    assert results(restored) == results(plain)


def test_random_numbers_differ_from_visit_to_visit(visited: Visited) -> None:
    visits = [visited.visit() for _ in range(2)]
    assert all(map(is_restored, visits))
    first, second = (playground.worker.evaluate(RANDOM) for playground in visits)
    assert first != second


def test_a_restored_python_has_the_whole_library(visited: Visited) -> None:
    """Modules that were not imported when the snapshot was made; micropip is another."""
    assert imports_more(visited.visit())


@pytest.mark.parametrize("file", ["python_stdlib.zip", "sources.bin"])
def test_a_restored_python_waits_for_nothing_that_it_can_do_without(
    visited: Visited, file: str
) -> None:
    visited.put()
    page = visited.home.context.new_page()
    held: list[Route] = []
    page.route(f"**/{file}*", lambda route: held.append(route))  # noqa: PLW0108 - it sets attributes
    playground = come_back(page)
    playground.train(100)
    assert is_restored(playground)
    assert held, "it was not asked for"


def test_who_imports_from_the_library_before_it_is_there_waits_for_it(visited: Visited) -> None:
    held: list[Route] = []

    def answer(route: Route) -> None:
        if route.request.resource_type == "xhr":
            route.continue_()
        else:
            held.append(route)

    visited.put()
    page = visited.home.context.new_page()
    page.route("**/python_stdlib.zip*", answer)
    playground = come_back(page)
    assert is_restored(playground)
    assert imports_more(playground)
    assert held, "the library was not asked for"


def imports_more(playground: Playground) -> bool:
    """Whether the worker can import a module that it did not need so far."""
    code = "async () => (await self.micropip).__builtins__.get('__import__')('ftplib').__name__"
    return bool(playground.worker.evaluate(code) == "ftplib")


@pytest.mark.parametrize("damage", ["flipped", "truncated", "empty"])
def test_a_damaged_snapshot_is_removed_and_python_starts_from_nothing(
    visited: Visited, damage: str
) -> None:
    playground = visited.visit(damage)
    assert not is_restored(playground)
    assert playground.page.evaluate(KEPT) == []


def test_a_snapshot_of_another_release_is_not_used(visited: Visited) -> None:
    other = re.sub(r"/r-[0-9a-f]+/", "/r-00000000/", visited.address)
    assert other != visited.address
    assert not is_restored(visited.visit(address=other))


def test_a_snapshot_of_another_browser_is_not_used(visited: Visited) -> None:
    assert not is_restored(visited.visit(address=f"{visited.address}.1"))


@pytest.mark.parametrize("refusal", REFUSALS)
def test_python_starts_where_storage_is_refused(visited: Visited, refusal: str) -> None:
    page = visited.home.context.new_page()
    put_before(page, REFUSALS[refusal])
    assert not is_restored(come_back(page))


def test_where_nothing_can_be_kept_the_page_works_on(visited: Visited) -> None:
    visited.home.evaluate(REMOVE)
    page = visited.home.context.new_page()
    put_before(page, "Cache.prototype.put = () => Promise.reject(new Error('full'));")
    with page.expect_console_message(
        lambda message: "no snapshot" in message.text, timeout=180_000
    ):
        playground = come_back(page)
    assert page.evaluate(KEPT) == []
    playground.train(100)


def put_before(page: Page, code: str) -> None:
    """Puts code before that of the module which keeps snapshots."""

    def fulfill(route: Route) -> None:
        response = route.fetch()
        route.fulfill(response=response, body=f"{code}\n{response.text()}")

    page.route("**/snapshot.mjs", fulfill)


def test_the_version_that_snapshots_were_tested_with_is_the_one_that_is_pinned() -> None:
    """They are a private function of Pyodide: with another version, run these tests first."""
    script = (ROOT / "static" / "snapshot.mjs").read_text(encoding="utf-8")
    assert f'TESTED_VERSION = "{version_of(NODE_MODULES / "pyodide")}"' in script
