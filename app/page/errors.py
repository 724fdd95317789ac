"""Exceptions in the page's own code: the traceback to the console, one sentence to the user.

Event handlers, callbacks and tasks are made through this module, so that none fails in silence. An
exception that JavaScript throws passes MicroPython by; `static/boot.js` reports that one.
"""

import asyncio
import io
import sys

from pyscript import window

from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any


def report(error: Exception) -> None:
    """Show that something went wrong, and print the traceback to the console."""
    traceback = io.StringIO()
    sys.print_exception(error, traceback)  # type: ignore[attr-defined] # MicroPython's own
    window.console.error(traceback.getvalue())
    window.microgpt.fail(f"Something went wrong on this page ({type(error).__name__}: {error})")


def guarded(callback: "Callable[..., object]") -> "Callable[..., None]":
    """`callback`, with its exceptions reported: for whatever JavaScript calls."""

    def call(*arguments: object) -> None:
        try:
            callback(*arguments)
        except Exception as error:
            report(error)

    return call


def spawn(coroutine: "Coroutine[Any, Any, None]") -> None:
    """Run a coroutine as a task whose exceptions are reported."""

    async def run() -> None:
        try:
            await coroutine
        except Exception as error:
            report(error)

    asyncio.create_task(run())
