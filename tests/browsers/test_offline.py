"""Without a network after one visit, in every browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.site.assemble import SITE, build
from tests.browsers.page import PlaygroundPage
from tests.support.releases import WAIT_KEPT, PlainHost, release_of
from tests.support.serving import serving_app

PREFIX = "/microgpt/"
HAS_SERVICE_WORKERS = "() => 'serviceWorker' in navigator"


@pytest.fixture
def host() -> PlainHost:
    """A host that gives the browser as little help as any may."""
    return PlainHost(build(SITE), PREFIX)


@pytest.fixture
def url(host: PlainHost) -> Iterator[str]:
    with serving_app(host.app, PREFIX) as address:
        yield address


def test_after_one_visit_everything_works_without_a_network(
    playground: PlaygroundPage, host: PlainHost
) -> None:
    playground.open("#pace=full&num_steps=100")
    if not playground.driver.evaluate(HAS_SERVICE_WORKERS):
        pytest.skip("this browser has no service workers")
    playground.driver.evaluate(WAIT_KEPT, release_of(host.site))
    host.is_down = True
    playground.reload()
    playground.press("Train")
    playground.wait_status("step 100 / 100")
    playground.press("Votes")
    playground.wait("#view-votes", r"The logit of “?\w+”?")
    playground.choose_data("Pokémon names")
    playground.wait("#statistics", "1,023 names")
    playground.press("Learn", "a")
    playground.wait("#run-status", "^Ready")
    playground.press("Run", "#learn button")
    playground.wait("#run-status", "^Done in")
