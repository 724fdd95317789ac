"""The kinds of browser that the page is made for."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from tests.browsers.chromium import chromium
from tests.browsers.driver import Driver
from tests.browsers.firefox import firefox
from tests.browsers.webkit import webkit

# Each starts a browser that keeps its files in an empty folder, until the context ends.
KINDS: dict[str, Callable[[Path], AbstractContextManager[Driver]]] = {
    "Chromium": chromium,
    "Firefox": firefox,
    "WebKit": webkit,
}
