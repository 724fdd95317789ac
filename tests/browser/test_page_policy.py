"""Nothing leaves the machine: the browser keeps page and worker from reaching another server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Page, Worker, expect

from app.site.server import make_app
from tests.browser.app import Playground
from tests.browser.conftest import PREFIX
from tests.browser.learn import LearnPage
from tests.browser.watch import Watch
from tests.support.serving import serving_app

# Each tries to reach `url` in its own way, and fails if it cannot.
ATTEMPTS = {
    "fetch": "fetch(url, { mode: 'no-cors' })",
    "import": "import(url)",
    "socket": """new Promise((resolve, reject) => {
        const socket = new WebSocket(url.replace('http', 'ws'));
        Object.assign(socket, { onopen: resolve, onerror: reject });
    })""",
    "events": """new Promise((resolve, reject) => {
        Object.assign(new EventSource(url), { onopen: resolve, onerror: reject });
    })""",
    "another worker": """new Promise((resolve, reject) => {
        Object.assign(new Worker(url), { onmessage: resolve, onerror: reject });
    })""",
}
IN_THE_WORKER = {
    **ATTEMPTS,
    "Python": "python(`__import__('pyodide.http').http.pyfetch('${url}')`)",
    "Python at once": "python(`__import__('pyodide.http').http.open_url('${url}')`)",
}
ON_THE_PAGE = {
    **ATTEMPTS,
    "image": """new Promise((resolve, reject) => {
        Object.assign(new Image(), { src: url, onload: resolve, onerror: reject });
    })""",
    "script": """new Promise((resolve, reject) => {
        const script = document.createElement("script");
        document.head.append(Object.assign(script, { src: url, onload: resolve, onerror: reject }));
    })""",
    "frame": """new Promise((resolve, reject) => {
        document.addEventListener("securitypolicyviolation", reject);
        document.body.append(Object.assign(document.createElement("iframe"), { src: url }));
    })""",
}
TRY = """async (url) => {{
    const python = async (expression) => {{
        const micropip = await self.micropip;  // a way to Python from outside
        return micropip.__builtins__.get("eval")(expression, micropip.__builtins__);
    }};
    try {{ await {}; return "reached"; }} catch {{ return "refused"; }}
}}"""


class OtherServer:
    """Answers whatever it is asked, and counts how often."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self._answer)

    async def _answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        allowed = {"Access-Control-Allow-Origin": "*"}
        return web.Response(text="1", content_type="text/javascript", headers=allowed)


pytestmark = pytest.mark.first_visit  # of a host of its own


@pytest.fixture(scope="module")
def server(site: Path) -> Iterator[str]:
    """The base URL of the site, served as by a plain host: without the policy as a header."""

    async def drop_policy(_request: web.Request, response: web.StreamResponse) -> None:
        del response.headers["Content-Security-Policy"]

    app = make_app(site, PREFIX)
    app.on_response_prepare.append(drop_policy)
    with serving_app(app, PREFIX) as url:
        yield url


@pytest.fixture
def other() -> OtherServer:
    """A server that is not the site's."""
    return OtherServer()


@pytest.fixture
def url(other: OtherServer) -> Iterator[str]:
    """The URL of the other server."""
    with serving_app(other.app) as url:
        yield url


def tried(where: Page | Worker, attempts: dict[str, str], url: str) -> dict[str, str]:
    """What came of each attempt."""
    return {
        name: where.evaluate(TRY.format(attempt), f"{url}{name}")
        for name, attempt in attempts.items()
    }


# ---- what is refused -----------------------------------------------------------------------------


@pytest.fixture
def opened(playground: Playground) -> Playground:
    """The page with its worker up."""
    return playground.open().wait_worker()


@pytest.mark.expects_errors
def test_the_worker_reaches_no_other_server(
    opened: Playground, watch: Watch, other: OtherServer, url: str
) -> None:
    worker = opened.worker
    came_of_it = tried(worker, IN_THE_WORKER, url)
    assert came_of_it == dict.fromkeys(IN_THE_WORKER, "refused")
    assert other.asked == []
    assert tried(worker, {"fetch": ATTEMPTS["fetch"]}, f"{watch.origin}/") == {"fetch": "reached"}
    watch.requested.clear()  # what was refused


@pytest.mark.expects_errors
def test_a_program_of_learn_reaches_no_other_server(
    playground: Playground, watch: Watch, other: OtherServer, url: str
) -> None:
    learn = LearnPage(playground).open()
    came_of_it = tried(playground.worker, ATTEMPTS, url)
    assert came_of_it == dict.fromkeys(ATTEMPTS, "refused")
    learn.add(f"\n\nfrom pyodide.http import open_url\n\nopen_url('{url}')\n")
    learn.run(1)
    expect(learn.problem).to_contain_text("The program broke off in line", timeout=60_000)
    assert other.asked == []
    watch.requested.clear()  # what was refused


@pytest.mark.expects_errors
def test_the_page_reaches_no_other_server(
    opened: Playground, watch: Watch, other: OtherServer, url: str
) -> None:
    came_of_it = tried(opened.page, ON_THE_PAGE, url)
    assert came_of_it == dict.fromkeys(ON_THE_PAGE, "refused")
    assert other.asked == []
    watch.requested.clear()  # what was refused


def test_the_other_server_would_answer(
    page: Page, watch: Watch, other: OtherServer, url: str
) -> None:
    """A page without a policy reaches it: the tests above can fail."""
    page.goto(url)
    del other.asked[:]
    reached = {name: ON_THE_PAGE[name] for name in ("fetch", "import", "script")}
    assert tried(page, reached, url) == dict.fromkeys(reached, "reached")
    assert {f"/{name}" for name in reached} <= set(other.asked)
    watch.requested.clear()


@pytest.mark.expects_errors
def test_the_page_is_filled_in_without_style_attributes(playground: Playground) -> None:
    """Before Python is there: custom properties come from `data-style`."""
    page = playground.page
    page.route("**/core*.js", lambda route: route.abort())
    page.goto("", wait_until="domcontentloaded")
    slider = page.locator("#n_embd")
    expect(slider).to_have_attribute("style", re.compile(r"--part: 14\.3%"))
    assert page.locator("[data-style]").count() == 0
