"""What the tests ask of a browser, and what its drivers share."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Protocol, TypeVar

WAIT_SECONDS = 120.0  # enough for a browser, and for Python in it, to start on a busy machine
END_SECONDS = 10.0
POLL_SECONDS = 0.05
CONTROL, ENTER, END = "\ue009", "\ue007", "\ue010"  # keys, as WebDriver calls them

T = TypeVar("T")


class BrowserCrashError(Exception):
    """The browser itself has ended, or its page's process: no command reaches it any more."""


class Driver(Protocol):
    """A browser with a profile of its own and one page, driven from outside."""

    name: str  # with its version, as `Firefox 153.8.0`

    def open(self, url: str) -> None:
        """Loads the page at `url`."""

    def reload(self) -> None:
        """Loads the page once more."""

    def evaluate(self, function: str, *arguments: object) -> Any:
        """What a JavaScript function returns, or its promise settles to; all of it is JSON."""

    def click(self, x: int, y: int) -> None:
        """Clicks at a point of the window, as a user does."""

    def press_keys(self, *keys: str) -> None:
        """Presses keys together, as a user does: characters, and those named above."""

    def type_text(self, text: str) -> None:
        """Types characters one after the other."""

    def choose_files(self, selector: str, paths: Sequence[Path]) -> None:
        """Chooses files in the file input that a CSS selector finds."""

    def resize(self, width: int, height: int) -> None:
        """Gives the page this size in pixels, or the nearest that the browser's window can have."""

    def screenshot(self) -> bytes:
        """What the window shows, as PNG."""


def until(condition: Callable[[], T | None], what: str) -> T:
    """Waits until `condition` returns something true; returns it.

    Raises:
        TimeoutError: it has not for long; the message says what was waited for.
    """
    end = time.monotonic() + WAIT_SECONDS
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"waited {WAIT_SECONDS:.0f} seconds until {what}")
        time.sleep(POLL_SECONDS)


def mouse_click(x: int, y: int) -> dict[str, object]:
    """A click at a point of the window, as WebDriver and its BiDi both want it."""
    steps = [
        {"type": "pointerMove", "x": x, "y": y},
        {"type": "pointerDown", "button": 0},
        {"type": "pointerUp", "button": 0},
    ]
    return {"type": "pointer", "id": "mouse", "actions": steps}


def held_keys(keys: Sequence[str]) -> dict[str, object]:
    """Keys pressed together, as WebDriver and its BiDi both want them."""
    downs = [{"type": "keyDown", "value": key} for key in keys]
    ups = [{"type": "keyUp", "value": key} for key in reversed(keys)]
    return {"type": "key", "id": "keyboard", "actions": downs + ups}


def typed_keys(text: str) -> dict[str, object]:
    """Keys pressed one after the other; as `held_keys`."""
    presses = [{"type": way, "value": key} for key in text for way in ("keyDown", "keyUp")]
    return {"type": "key", "id": "keyboard", "actions": presses}


@contextmanager
def running(
    command: Sequence[str], home: Path, *, pass_fds: tuple[int, ...] = (), **variables: str
) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a program in the background, and ends it with all that it has started.

    Args:
        command: the program and its arguments.
        home: the folder that it takes for the user's.
        pass_fds: open files that it inherits.
        variables: further environment variables.
    """
    process = subprocess.Popen(
        command,
        env=os.environ | {"HOME": str(home)} | variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        pass_fds=pass_fds,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        for number in (signal.SIGTERM, signal.SIGKILL):  # its children may outlive it
            with suppress(ProcessLookupError):
                os.killpg(process.pid, number)
            with suppress(subprocess.TimeoutExpired):
                process.wait(END_SECONDS)
