"""A slow line to a fast server: a relay on this machine that all connections share.

What a browser's own throttling leaves out, the requests of workers, goes through here like the
rest. It relays bytes and knows nothing of what they say.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

BYTES_A_SECOND = 20_000_000 / 8
ROUND_TRIP = 0.030  # seconds
CHUNK = 8192  # small enough that connections take turns


class SlowLine:
    """Relays connections to a port of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.free_at = 0.0  # when the line has carried all that was given to it

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries one connection, until both ends have closed it."""
        with suppress(asyncio.CancelledError):  # the line is taken down
            await asyncio.sleep(ROUND_TRIP)  # that of the handshake
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self._ask(reader, far_writer), self._answer(far_reader, writer))

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries requests: they are small, so only the way there and back takes time."""
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                await asyncio.sleep(ROUND_TRIP)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Carries answers, each chunk when the line is free for it."""
        clock = asyncio.get_running_loop().time
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK):
                self.free_at = max(self.free_at, clock()) + len(chunk) / BYTES_A_SECOND
                await asyncio.sleep(self.free_at - clock())
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def serve(self, opened: Future[tuple[int, Callable[[], object]]]) -> None:
        """Relays until it is told to stop; `opened` gets its port, and what stops it."""
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self.relay, "127.0.0.1", 0) as server:
            port: int = server.sockets[0].getsockname()[1]
            opened.set_result((port, partial(loop.call_soon_threadsafe, done.set)))
            await done.wait()


@contextmanager
def slow_line(url: str) -> Iterator[str]:
    """Gives the URL of the server at `url` at the far end of a slow line."""
    target = urlsplit(url).port
    assert target is not None
    opened: Future[tuple[int, Callable[[], object]]] = Future()
    # A thread of its own, since the one that drives the browser is busy with its own loop.
    thread = threading.Thread(target=lambda: asyncio.run(SlowLine(target).serve(opened)))
    thread.start()
    port, stop = opened.result()
    try:
        yield url.replace(f":{target}/", f":{port}/", 1)
    finally:
        stop()
        thread.join()
