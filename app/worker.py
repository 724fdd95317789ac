"""The worker's entry: JavaScript messages in and out of a `Session`, and its slices of work.

The only module of the worker that knows JavaScript.
"""

from __future__ import annotations

import asyncio
import platform
import time
from collections.abc import Callable
from typing import Any

from js import Object
from pyodide.ffi import JsProxy, create_proxy, to_js

from app import protocol
from app.session import Session


def start(post: Callable[[JsProxy, JsProxy], None]) -> JsProxy:
    """Begin to work.

    Args:
        post: `postMessage` of the worker's scope: (message, transferred buffers).

    Returns:
        The function that takes each message; its owner is the worker's script.
    """
    worker = Worker(post)
    worker.send(protocol.ready(platform.python_version()))
    return create_proxy(worker.receive)


class Worker:
    """A session, fed with JavaScript's messages and given its slices of time."""

    def __init__(self, post: Callable[[JsProxy, JsProxy], None]) -> None:
        self._post = post
        self._session = Session(self.send, time.monotonic)
        self._wanted = asyncio.Event()
        self._task = asyncio.ensure_future(self._work())

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
        fields = message.to_py()
        blob = fields.pop("blob", None)
        self._session.receive(fields, bytes(blob) if blob is not None else None)
        self._wanted.set()

    async def _work(self) -> None:
        while True:
            try:
                wait = self._session.work()
            except Exception as error:
                # An exception in a task is seen by nobody, so it is told here.
                self.send(protocol.fatal(f"The worker has failed: {error!r}"))
                raise
            if wait is None:
                self._wanted.clear()
                await self._wanted.wait()
            else:
                await asyncio.sleep(wait)
