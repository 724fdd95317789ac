"""The worker's entry: JavaScript messages in and out of a `Session`, and its slices of work.

The only module of the worker that knows JavaScript.
"""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from js import Object
from pyodide.ffi import JsProxy, create_proxy, to_js

from app.shared import events
from app.worker.session import Session
from microgpt.engine import can_compile


def start(post: Callable[[JsProxy, JsProxy], None]) -> JsProxy:
    """Begin to work.

    Args:
        post: `postMessage` of the worker's scope: (message, transferred buffers).

    Returns:
        The function that takes each message; its owner is the worker's script.
    """
    worker = Worker(post)
    worker.send(events.ready(platform.python_version(), can_compile()))
    return create_proxy(worker.receive)


class Worker:
    """A session, fed with JavaScript's messages and given its slices of time."""

    def __init__(self, post: Callable[[JsProxy, JsProxy], None]) -> None:
        self._post = post
        self._session = Session(self.send, time.monotonic, self._beside)
        self._wanted = asyncio.Event()
        self._task = asyncio.ensure_future(self._tell_of_failure(self._work()))
        self._beside_task: asyncio.Future[None] | None = None

    def send(self, message: dict[str, Any], blob: bytes | None = None) -> None:
        """Post an event to the page."""
        outgoing = to_js(message, dict_converter=Object.fromEntries)
        transferred = []
        if blob is not None:
            outgoing.blob = to_js(blob)
            transferred = [outgoing.blob.buffer]
        self._post(outgoing, to_js(transferred))

    def receive(self, message: JsProxy) -> None:
        """Take a command from the page."""
        blob = None
        if hasattr(message, "blob"):
            blob = message.blob.to_bytes()
            del message.blob  # so that a large one is not copied once more
        self._session.receive(message.to_py(), blob)
        self._wanted.set()

    def _beside(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Run a coroutine beside the session's work, and look for work when it has ended."""
        self._beside_task = asyncio.ensure_future(self._tell_of_failure(coroutine))
        self._beside_task.add_done_callback(lambda task: self._wanted.set())

    async def _work(self) -> None:
        while True:
            self._wanted.clear()
            wait = self._session.work()
            if wait == 0:
                await asyncio.sleep(0)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._wanted.wait(), wait)

    async def _tell_of_failure(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """An exception in a task is seen by nobody, so it is told to the page."""
        try:
            await coroutine
        except Exception as error:
            self.send(events.fatal(f"The worker has failed: {error!r}"))
            raise
