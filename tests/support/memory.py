"""How much memory a browser's pages take, where the operating system says so."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser


def page_megabytes(browser: Browser, figure: str = "VmRSS") -> float | None:
    """The memory in MB of the largest process with a page and its worker; None if it is not known.

    figure: what Linux calls it: `VmRSS` is the memory now, `VmHWM` the largest so far.
    """
    session = browser.new_browser_cdp_session()
    processes = session.send("SystemInfo.getProcessInfo")["processInfo"]
    session.detach()
    found = []
    for process in processes:
        path = Path(f"/proc/{process['id']}/status")
        if process["type"] == "renderer" and path.exists():
            match = re.search(rf"{figure}:\s+(\d+) kB", path.read_text(encoding="ascii"))
            found.append(int(match[1]) * 1024 / 1e6 if match else 0.0)
    return max(found, default=0.0) or None
