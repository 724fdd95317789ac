"""How much memory a browser's pages take, where the operating system says so."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser

# What Linux calls them; those of one row are added up.
NOW = ("VmRSS",)
LARGEST = ("VmHWM",)  # so far
OWN = ("RssAnon", "RssShmem")  # without what is mapped from files: mostly the browser's program


def page_megabytes(browser: Browser, figures: Sequence[str] = NOW) -> float | None:
    """The memory in MB of the largest process with a page and its worker; None: it is not known."""
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    found = []
    for process in processes:
        path = Path(f"/proc/{process['id']}/status")
        if process["type"] == "renderer" and path.exists():
            words = path.read_text(encoding="ascii")
            sizes = re.findall(rf"^(?:{'|'.join(figures)}):\s+(\d+) kB", words, re.MULTILINE)
            found.append(sum(map(int, sizes)) * 1024 / 1e6)
    return max(found, default=0.0) or None
