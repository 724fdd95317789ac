"""WebKit as GTK has it, driven by WebDriver, on a display in memory: https://w3.org/TR/webdriver2.

Commands are HTTP requests to `WebKitWebDriver`, which starts WebKit's own MiniBrowser.
"""

from __future__ import annotations

import json
import os
from base64 import b64decode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from app.site.address import listen
from tests.browsers.driver import (
    BrowserCrashError,
    Driver,
    held_keys,
    mouse_click,
    running,
    typed_keys,
    until,
)
from tests.setup.other_browsers import find_webkit

COMMAND_SECONDS = 300.0
SCREEN = "1600x1400x24"
LANGUAGE = "en_US.UTF-8"
READY_TO_START = "WebKit's driver listens"
# What the driver calls a session whose page's process has crashed, or answers no more.
NO_SESSION = "invalid session id"


class Session:
    """A session of a driver that listens at `address`."""

    def __init__(self, address: str) -> None:
        self._address = address

    def command(self, method: str, path: str, **body: object) -> Any:
        """The result of a command.

        Raises:
            BrowserCrashError: the driver has lost the page.
            RuntimeError: the driver refuses it.
        """
        value, error = self._send(method, path, body)
        if error is None:
            return value
        words = f"WebKit refuses {path}: {value['message']}"
        # A crash first shows as some other error of the command that it came in.
        lost = value["error"] == NO_SESSION or self._send("GET", "/title", {})[1] == NO_SESSION
        raise BrowserCrashError(words) if lost else RuntimeError(words)

    def _send(self, method: str, path: str, body: dict[str, object]) -> tuple[Any, str | None]:
        """What the driver answers, and the name of the error where it is one."""
        data = json.dumps(body).encode() if method == "POST" else None
        request = Request(self._address + path, data, method=method)
        try:
            with urlopen(request, timeout=COMMAND_SECONDS) as answer:
                return json.load(answer)["value"], None
        except HTTPError as refusal:
            said = json.load(refusal)["value"]
            return said, said["error"]

    def listens(self) -> bool:
        """Whether the driver can start a browser."""
        try:
            return bool(self.command("GET", "/status")["ready"])
        except URLError:
            return False

    def start(self, browser: Path) -> str:
        """Starts the browser; returns its version. Later commands go to it."""
        options = {"binary": str(browser), "args": ["--automation"]}
        wanted = {"alwaysMatch": {"webkitgtk:browserOptions": options}}
        started = self.command("POST", "/session", capabilities=wanted)
        self._address += f"/session/{started['sessionId']}"
        return str(started["capabilities"]["browserVersion"])


class WebKitDriver:
    """A page in WebKit."""

    def __init__(self, session: Session, version: str) -> None:
        self.name = f"WebKit {version}"
        self._command = session.command

    def open(self, url: str) -> None:
        self._command("POST", "/url", url=url)

    def reload(self) -> None:
        self._command("POST", "/refresh")

    def evaluate(self, function: str, *arguments: object) -> Any:
        script = f"return ({function})(...arguments)"
        return self._command("POST", "/execute/sync", script=script, args=arguments)

    def click(self, x: int, y: int) -> None:
        self._command("POST", "/actions", actions=[mouse_click(x, y)])

    def press_keys(self, *keys: str) -> None:
        self._command("POST", "/actions", actions=[held_keys(keys)])

    def type_text(self, text: str) -> None:
        self._command("POST", "/actions", actions=[typed_keys(text)])

    def choose_files(self, selector: str, paths: Sequence[Path]) -> None:
        found = self._command("POST", "/element", using="css selector", value=selector)
        (element,) = found.values()
        text = "\n".join(map(str, paths))
        self._command("POST", f"/element/{element}/value", text=text)

    def resize(self, width: int, height: int) -> None:
        # A window has a frame of unknown size around the page.
        self._command("POST", "/window/rect", width=width, height=height)
        inside: list[int] = self.evaluate("() => [innerWidth, innerHeight]")
        outer = [2 * width - inside[0], 2 * height - inside[1]]
        self._command("POST", "/window/rect", width=outer[0], height=outer[1])

    def screenshot(self) -> bytes:
        return b64decode(self._command("GET", "/screenshot"))


@contextmanager
def webkit(folder: Path, language: str = LANGUAGE) -> Iterator[Driver]:
    """Starts WebKit with `folder` as the user's, and in this locale.

    Raises:
        SetupError: WebKit's driver, its MiniBrowser or Xvfb is missing.
    """
    programs = find_webkit()
    with listen("127.0.0.1", 0) as free:
        port = free.getsockname()[1]
    command = [str(programs.driver), "--host=127.0.0.1", f"--port={port}"]
    with (
        display(programs.xvfb, folder) as number,
        running(command, folder, DISPLAY=f":{number}", LANG=language, LC_ALL=language),
    ):
        session = Session(f"http://127.0.0.1:{port}")
        until(session.listens, READY_TO_START)
        yield WebKitDriver(session, session.start(programs.browser))
        with suppress(BrowserCrashError):
            session.command("DELETE", "")


@contextmanager
def display(xvfb: Path, folder: Path) -> Iterator[str]:
    """Starts an X server without a screen; yields the number of its display, which is free."""
    reading, writing = os.pipe()
    command = [str(xvfb), "-displayfd", str(writing), "-screen", "0", SCREEN, "-nolisten", "tcp"]
    with (
        running(command, folder, pass_fds=(writing,)),
        os.fdopen(reading, encoding="ascii") as answer,
    ):
        os.close(writing)
        yield answer.readline().strip()
