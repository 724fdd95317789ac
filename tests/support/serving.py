"""Serves a site, or another application, to the tests from a thread of this process."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from aiohttp import web

from app.site.address import listen, url_of
from app.site.server import make_app

STOP_SECONDS = 10  # for the server to start, and to stop


@contextmanager
def serving(site: Path, prefix: str = "/", host: str = "127.0.0.1") -> Iterator[str]:
    """Serves the folder `site` below the path `prefix`; yields the URL."""
    with serving_app(make_app(site, prefix), prefix, host) as url:
        yield url


@contextmanager
def serving_app(app: web.Application, prefix: str = "/", host: str = "127.0.0.1") -> Iterator[str]:
    """Runs an application, which has a page at the path `prefix`; yields the page's URL."""
    started: Future[Callable[[], object]] = Future()
    with listen(host, 0) as listening:
        work = _serve(app, listening, started)
        thread = threading.Thread(target=asyncio.run, args=(work,), daemon=True)
        thread.start()
        stop = started.result(STOP_SECONDS)
        try:
            yield url_of(host, listening, prefix)
        finally:
            stop()
            thread.join(STOP_SECONDS)


async def _serve(
    app: web.Application, listening: socket.socket, started: Future[Callable[[], object]]
) -> None:
    """Serves until what it puts into `started` is called."""
    stopped = asyncio.Event()
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.SockSite(runner, listening).start()
    started.set_result(partial(asyncio.get_running_loop().call_soon_threadsafe, stopped.set))
    await stopped.wait()
    await runner.cleanup()
