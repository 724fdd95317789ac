"""The worker's entry: passes messages between JavaScript and a `Session`, and gives it its slices.

The only module of the worker that knows JavaScript.
"""

from __future__ import annotations

import asyncio
import gc
import json
import platform
import random
import time
import traceback
from collections.abc import Callable, Coroutine, Mapping
from importlib import metadata
from typing import Any

import js
from js import JSON, console
from pyodide.ffi import JsProxy, create_proxy, to_js

from app.shared import events
from app.worker.pool.member import PoolWorker
from app.worker.session import Session
from microgpt.engine import can_compile

MAX_POOL_WORKERS = 7


def start(post: Callable[[JsProxy, JsProxy], None], start_pool_worker: JsProxy) -> JsProxy:
    """Starts the worker.

    Args:
        post: `postMessage` of the worker's scope: (message, transferred buffers).
        start_pool_worker: starts a worker of the pool, and calls its argument with each of its
            messages.

    Returns:
        The function that takes each message. The worker's script owns it, and keeps it as long as
        the worker lives.
    """
    gc.freeze()  # what is imported stays: a collection that looks at it takes 12 ms, often in a run
    random.seed()  # in a Python restored from a snapshot, it would be the same at every visit
    worker = Worker(post, start_pool_worker)
    worker.send(
        events.ReadyEvent(type="ready", python=platform.python_version(), compiles=can_compile())
    )
    return create_proxy(worker.receive)


async def install(package: str) -> None:
    """Installs a package that the site serves, with `micropip`, which is loaded for it."""
    micropip = await js.micropip
    await micropip.install(package)
    # Where a file is missing, Pyodide only prints a warning; this raises an exception.
    metadata.version(package)


def num_pool_workers() -> int:
    """One for each core but that which this worker has, and not too many: each takes memory."""
    cores = getattr(js.navigator, "hardwareConcurrency", 2)
    return max(1, min(cores - 1, MAX_POOL_WORKERS))


def to_message(fields: Mapping[str, Any], blob: bytes | None) -> tuple[JsProxy, JsProxy]:
    """What `postMessage` takes: the message, and what is transferred so that it is not copied."""
    message = JSON.parse(json.dumps(fields))
    if blob is None:
        return message, to_js([])
    message.blob = to_js(blob)
    return message, to_js([message.blob.buffer])


def from_message(message: JsProxy) -> Any:
    """A message as plain data; the bytes beside it are its `blob`."""
    blob = None
    if hasattr(message, "blob"):
        blob = message.blob.to_bytes()
        del message.blob  # a large one must not be written as JSON
    fields: dict[str, Any] = json.loads(JSON.stringify(message))
    if blob is not None:
        fields["blob"] = blob
    return fields


class JsPoolWorker:
    """A worker of the pool.

    Args:
        start: starts it.
        take: called with each of its messages.
    """

    def __init__(self, start: JsProxy, take: Callable[[JsProxy], None]) -> None:
        self._take = create_proxy(take)  # ours: it is destroyed with the worker
        self._worker = start(self._take)

    def post(self, message: Mapping[str, Any], blob: bytes) -> None:
        """Send a message, with bytes beside it."""
        self._worker.postMessage(*to_message(message, blob))

    def end(self) -> None:
        """End the worker."""
        self._worker.onmessage = self._worker.onerror = None
        self._worker.terminate()
        self._take.destroy()


class Worker:
    """A session that is fed with JavaScript's messages and driven by its event loop."""

    def __init__(
        self, post: Callable[[JsProxy, JsProxy], None], start_pool_worker: JsProxy
    ) -> None:
        self._post, self._start_js = post, start_pool_worker
        self._session = Session(
            *(self.send, time.monotonic, self._spawn, console.error, install),
            *(self._start_pool_worker, num_pool_workers()),
        )
        self._wake = asyncio.Event()
        self._work_task = asyncio.ensure_future(self._work_forever())
        self._spawned: set[asyncio.Future[None]] = set()  # kept, so that none is collected

    def send(self, event: events.Event) -> None:
        """Posts an event to the page; its blob is transferred, so that nothing is copied twice."""
        fields: dict[str, Any] = {**event}
        self._post(*to_message(fields, fields.pop("blob", None)))

    def receive(self, message: JsProxy) -> None:
        """Takes a command from the page."""
        self._session.receive(from_message(message))
        self._wake.set()

    def _start_pool_worker(self, receive: Callable[[dict[str, Any]], None]) -> PoolWorker:
        def take(message: JsProxy) -> None:
            with self._session.reporting("train_seeds"):
                receive(from_message(message))
            self._wake.set()

        return JsPoolWorker(self._start_js, take)

    def _spawn(self, coroutine: Coroutine[Any, Any, None]) -> None:
        """Runs a coroutine concurrently, and looks for work once it has ended."""
        task = asyncio.ensure_future(self._run_spawned(coroutine))
        self._spawned.add(task)
        task.add_done_callback(self._spawned.discard)

    async def _run_spawned(self, coroutine: Coroutine[Any, Any, None]) -> None:
        with self._session.reporting("warm_up"):
            await coroutine
        self._wake.set()

    async def _work_forever(self) -> None:
        """Gives the session its slices; whatever ends that is the end of the worker."""
        try:
            while True:
                self._wake.clear()
                wait = self._session.work()
                if wait == 0:
                    await asyncio.sleep(0)
                elif wait is None:
                    await self._wake.wait()
                else:
                    # Not `wait_for`: Pyodide's loop fails where its deadline is already past.
                    timer = asyncio.get_running_loop().call_later(wait, self._wake.set)
                    await self._wake.wait()
                    timer.cancel()
        except Exception as error:
            console.error(traceback.format_exc())
            reason = f"Python has failed ({type(error).__name__})"
            self.send(events.FatalEvent(type="fatal", message=reason))
