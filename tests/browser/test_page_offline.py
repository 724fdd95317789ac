"""Kept by the browser after one visit: without a network, through new releases, and damaged."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from app.site.offline import SERVICE_WORKER
from tests.browser.app import READY_TIMEOUT_MS, Playground
from tests.browser.conftest import PREFIX, VIEWPORT
from tests.browser.learn import LearnPage
from tests.browser.watch import Watch, watched
from tests.support.releases import WAIT_KEPT, PlainHost, another_release, release_of
from tests.support.serving import serving_app

SECOND, THIRD = "r-00000002", "r-00000003"
# These run in the page.
CACHES = """
async () => {
  const begin = new URL(".", location.href).href;
  const names = await caches.keys();
  return names.filter((name) => name.startsWith(begin)).map((name) => name.slice(begin.length));
}
"""
DAMAGE = """
async ([folder, path, content]) => {
  const begin = new URL(".", location.href).href;
  const cache = await caches.open(begin + folder);
  if (content === null) await cache.delete(begin + path, { ignoreVary: true });
  else await cache.put(begin + path, new Response(content));
}
"""
SIZE = """
async ([folder, path]) => {
  const begin = new URL(".", location.href).href;
  const kept = await caches.match(begin + path, { cacheName: begin + folder, ignoreVary: true });
  return kept ? (await kept.arrayBuffer()).byteLength : 0;
}
"""
# The page is out of sight: it takes the time to ask for a new release.
LOOK_AWAY = """
() => {
  Object.defineProperty(document, "hidden", { value: true, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
  delete document.hidden;
}
"""
TEND = "() => navigator.serviceWorker.controller.postMessage('tend')"
IS_REGISTERED = "async () => Boolean(await navigator.serviceWorker.getRegistration())"


@pytest.fixture
def host(site: Path) -> PlainHost:
    """A host that gives the browser as little help as any may."""
    return PlainHost(site, PREFIX)


@pytest.fixture
def server(host: PlainHost) -> Iterator[str]:
    with serving_app(host.app, PREFIX) as url:
        yield url


@pytest.fixture
def watched_context(browser: Browser, server: str) -> Iterator[tuple[BrowserContext, Watch]]:
    """A fresh context that allows service workers; the tests here make errors on purpose."""
    context, watch = watched(browser, server, viewport=VIEWPORT, service_workers="allow")
    yield context, watch
    context.close()
    assert watch.foreign == []


@pytest.fixture
def release(site: Path) -> str:
    return release_of(site)


@pytest.fixture
def kept(playground: Playground, release: str) -> Playground:
    """The playground at the end of a first visit, still open: all of it is kept."""
    playground.open().wait_worker()
    playground.page.evaluate(WAIT_KEPT, release)
    playground.wait_snapshot()  # whose maker, begun before that, asks the network
    return playground


def start(context: BrowserContext) -> Playground:
    """The playground in a new tab, ready."""
    return Playground(context.new_page()).open().wait_worker()


def shown_release(page: Page) -> str | None:
    return page.locator("body").get_attribute("data-release")


def open_view(page: Page, name: str) -> None:
    """Opens a view of the inside, whose code is fetched then."""
    page.get_by_role("button", name=name, exact=True).click()
    body = page.get_by_role("region", name=name).locator(".view-body")
    expect(body).not_to_be_empty(timeout=READY_TIMEOUT_MS)


# ---- without a network ---------------------------------------------------------------------------


def test_everything_works_without_a_network(
    kept: Playground, host: PlainHost, context: BrowserContext
) -> None:
    kept.page.close()
    host.is_down = True
    playground = start(context)
    page = playground.page
    playground.train(100)
    playground.button("Reset").click()
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(1)
    open_view(page, "Votes")
    page.get_by_role("radio", name="Pokémon names").check()
    expect(playground.statistics).to_contain_text("1,023 names")
    page.get_by_role("button", name="Edit the code").click()
    expect(page.get_by_role("textbox", name="Model code")).to_contain_text("def gpt")
    page.reload()
    playground.wait_worker()
    page.get_by_role("link", name="Learn").click()
    learn = LearnPage(playground).wait_ready()
    learn.go("Counts")
    learn.run()
    learn.wait_done()


def test_packages_are_kept_too(kept: Playground, host: PlainHost, context: BrowserContext) -> None:
    kept.page.close()
    host.is_down = True
    playground = start(context)
    name = playground.worker.evaluate(
        """
        async () => {
          const micropip = await self.micropip;
          await micropip.install("charset-normalizer");
          return micropip.list().get("charset-normalizer").name;
        }
        """
    )
    assert name == "charset-normalizer"


def test_a_kept_site_asks_for_nothing_but_its_service_worker(
    kept: Playground, host: PlainHost, context: BrowserContext
) -> None:
    """And so a start is as fast as can be on any network."""
    kept.page.close()
    del host.asked[:]
    start(context).train(100)
    assert set(host.asked) <= {SERVICE_WORKER}


@pytest.mark.parametrize("address", ["?lang=en", "index.html", "?embed=text"])
def test_the_page_is_kept_under_all_its_addresses(
    kept: Playground, host: PlainHost, context: BrowserContext, address: str
) -> None:
    kept.page.close()
    host.is_down = True
    Playground(context.new_page()).open(address)


REFUSE = """
ServiceWorkerContainer.prototype.register = () => {
  document.documentElement.dataset.refused = true;
  return Promise.reject(new Error("a private window"));
};
"""


def test_where_a_service_worker_is_refused_the_page_works_as_without(
    playground: Playground, watch: Watch
) -> None:
    playground.page.add_init_script(REFUSE)
    playground.open().wait_worker()
    playground.page.locator("html[data-refused]").wait_for(timeout=READY_TIMEOUT_MS)
    playground.train(100)
    expect(playground.page.locator("#page-notice")).to_be_hidden()
    assert watch.errors == []


# ---- releases ------------------------------------------------------------------------------------


def test_a_new_release_is_shown_by_the_next_start_and_an_open_page_keeps_its_own(
    kept: Playground, host: PlainHost, context: BrowserContext, release: str, tmp_path: Path
) -> None:
    host.site = another_release(host.site, tmp_path / "site", SECOND)
    kept.page.evaluate(LOOK_AWAY)
    kept.page.evaluate(WAIT_KEPT, SECOND)
    del host.asked[:]
    newer = start(context)
    assert shown_release(newer.page) == SECOND
    assert shown_release(kept.page) == release
    kept.train(100)
    open_view(kept.page, "Votes")  # its files are no longer on the host
    newer.train(100)
    open_view(newer.page, "Votes")
    newer.page.evaluate(TEND)
    assert set(host.asked) <= {SERVICE_WORKER}
    assert {release, SECOND} <= set(newer.page.evaluate(CACHES))
    kept.page.close()
    newer.page.evaluate(TEND)
    newer.page.wait_for_function(f"async () => !(await ({CACHES})()).includes('{release}')")
    assert SECOND in newer.page.evaluate(CACHES)


def test_a_release_that_is_not_whole_is_not_taken(
    kept: Playground, host: PlainHost, context: BrowserContext, release: str, tmp_path: Path
) -> None:
    host.site = another_release(host.site, tmp_path / "site", SECOND)
    for file in (host.site / SECOND).glob("page.bin*"):
        file.unlink()
    failed = kept.page.evaluate(
        """
        async () => {
          const registration = await navigator.serviceWorker.getRegistration();
          const { installing } = await registration.update();
          await new Promise((resume) => installing.onstatechange = resume);
          return installing.state;
        }
        """
    )
    assert failed == "redundant"
    newer = start(context)
    assert shown_release(newer.page) == release
    newer.train(100)


# ---- damage --------------------------------------------------------------------------------------


def test_a_missing_file_comes_from_the_network_and_is_kept_again(
    kept: Playground, host: PlainHost, context: BrowserContext, release: str
) -> None:
    where = [release, f"{release}/page.bin"]
    kept.page.evaluate(DAMAGE, [*where, None])
    del host.asked[:]
    playground = start(context)
    assert f"{release}/page.bin" in host.asked
    playground.page.evaluate(TEND)
    playground.page.wait_for_function(f"async (where) => await ({SIZE})(where) > 0", arg=where)


def test_a_damaged_file_is_fetched_again(
    kept: Playground, site: Path, context: BrowserContext, release: str
) -> None:
    where = [release, f"{release}/page.bin"]
    whole = (site / release / "page.bin").stat().st_size
    kept.page.evaluate(DAMAGE, [*where, "rubbish"])
    page = context.new_page()
    page.goto("")
    expect(page.locator("#page-notice")).to_be_visible(timeout=READY_TIMEOUT_MS)
    page.wait_for_function(f"async ([where, n]) => await ({SIZE})(where) === n", arg=[where, whole])
    page.get_by_role("button", name="Reload").click()
    Playground(page).wait_worker().train(100)


def test_a_damaged_page_is_put_right_while_another_is_open(
    kept: Playground, site: Path, release: str
) -> None:
    where = [release, ""]
    kept.page.evaluate(DAMAGE, [*where, "<p>rubbish"])
    kept.page.evaluate(TEND)
    whole = (site / "index.html").stat().st_size
    has_size = f"async ([where, n]) => await ({SIZE})(where) === n"
    kept.page.wait_for_function(has_size, arg=[where, whole])


def test_where_nothing_is_left_of_the_caches_the_page_comes_from_the_network(
    kept: Playground, context: BrowserContext
) -> None:
    kept.page.evaluate(
        "async () => { for (const name of await caches.keys()) caches.delete(name); }"
    )
    start(context).train(100)


def test_a_site_without_its_service_worker_is_no_longer_kept(
    kept: Playground, host: PlainHost, context: BrowserContext, tmp_path: Path
) -> None:
    host.site = another_release(host.site, tmp_path / "site", SECOND)
    (host.site / SERVICE_WORKER).unlink()
    kept.page.evaluate(TEND)
    kept.page.wait_for_function(f"async () => !(await ({IS_REGISTERED})())")
    kept.page.wait_for_function(f"async () => !(await ({CACHES})()).length")
    kept.page.close()
    newer = start(context)
    assert shown_release(newer.page) == SECOND
    newer.train(100)
