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

    def send(message: dict[str, Any], blob: bytes | None = None) -> None:
        outgoing = to_js(message, dict_converter=Object.fromEntries)
        transferred = []
        if blob is not None:
            outgoing.blob = to_js(blob)
            transferred = [outgoing.blob.buffer]
        post(outgoing, to_js(transferred))

    session = Session(send, time.monotonic)
    wanted = asyncio.Event()

    def receive(message: JsProxy) -> None:
        fields = message.to_py()
        blob = fields.pop("blob", None)
        session.receive(fields, bytes(blob) if blob is not None else None)
        wanted.set()

    async def work() -> None:
        while True:
            try:
                wait = session.work()
            except Exception as error:
                # An exception in a task is seen by nobody, so it is told here.
                send(protocol.fatal(f"The worker has failed: {error!r}"))
                raise
            if wait is None:
                wanted.clear()
                await wanted.wait()
            elif wait:
                await asyncio.sleep(wait)
            else:
                await asyncio.sleep(0)

    task = asyncio.ensure_future(work())
    receive.task = task  # the loop keeps weak references only
    send(protocol.ready("scalar", platform.python_version()))
    return create_proxy(receive)
