"""Watches a browser context: its requests, and the errors that it reports."""

from __future__ import annotations

import re

from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    WebError,
    WebSocket,
    expect,
)

# The page's own resources, which need no network.
LOCAL_SCHEMES = ("data:", "blob:", "about:")
# Chromium heeds only the last switch of this kind: those that Playwright turns off are here, too.
TURNED_OFF = (
    # A process for each window, which takes a fifth of what a page takes.
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup"),
    *("AimEnabled", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "LensOverlay", "MediaRouter"),
    *("NetworkTimeServiceQuerying", "OptimizationHints", "PaintHolding", "PreconnectToSearch"),
    "ThirdPartyStoragePartitioning",
)
HEADLESS = (
    f"--disable-features={','.join(TURNED_OFF)}",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Other hosts cannot even be resolved. (Routes that abort requests would disable the cache.)
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
)


class Watch:
    """Every URL that a context requested, and every error in its pages and workers."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.requested: list[str] = []
        self.errors: list[str] = []
        self._context = context
        self._listeners = {
            "request": self._record_request,
            "console": self._record_console,
            "weberror": self._record_error,
            "page": self._watch_sockets,
        }
        for event, listener in self._listeners.items():
            context.on(event, listener)  # type: ignore[call-overload]

    def end(self) -> None:
        """Watch no longer."""
        for event, listener in self._listeners.items():
            self._context.remove_listener(event, listener)

    @property
    def foreign(self) -> list[str]:
        """The requests that went, or tried to go, to another origin."""
        own = (f"{self.origin}/", *LOCAL_SCHEMES)
        return [url for url in self.requested if not url.startswith(own)]

    def _record_request(self, request: Request) -> None:
        self.requested.append(request.url)

    def _record_console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            where = message.location
            self.errors.append(f"{message.text} ({where['url']}:{where['lineNumber']})")

    def _record_error(self, error: WebError) -> None:
        self.errors.append(error.error.stack or str(error.error))

    def _watch_sockets(self, page: Page) -> None:
        page.on("websocket", self._record_socket)

    def _record_socket(self, socket: WebSocket) -> None:
        self.requested.append(socket.url)


def new_context(browser: Browser, url: str, **options: object) -> BrowserContext:
    """A new context for the site at `url`.

    Without a service worker, unless the options allow one: its requests could not be held back.
    """
    chosen = {"service_workers": "block"} | options
    return browser.new_context(base_url=url, **chosen)  # type: ignore[arg-type]


def origin_of(url: str) -> str:
    """The scheme and the host of an address."""
    return "/".join(url.split("/")[:3])


def watched(browser: Browser, url: str, **options: object) -> tuple[BrowserContext, Watch]:
    """A new context as by `new_context`, and its watch."""
    context = new_context(browser, url, **options)
    return context, Watch(context, origin_of(url))


def wait_status(page: Page, pattern: str, seconds: float = 60) -> str:
    """Waits until the training status contains a match of `pattern`; returns its whole text."""
    status = page.get_by_role("status", name="Training status")
    expect(status).to_contain_text(re.compile(pattern), timeout=1000 * seconds)
    return status.inner_text()
