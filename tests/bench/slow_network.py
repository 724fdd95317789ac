"""Simulates a slow network: a relay on this machine, whose bandwidth all connections share.

It slows down the requests of workers, too, which a browser's own throttling does not.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from urllib.parse import urlsplit

BYTES_PER_SECOND = 20_000_000 / 8
ROUND_TRIP_SECONDS = 0.030
CHUNK_BYTES = 8192  # small enough that connections take turns


class SlowNetwork:
    """Relays connections to a port of this machine."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.free_at = 0.0  # the time when all data so far will have been sent

    async def relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relays one connection until both ends have closed it."""
        with suppress(asyncio.CancelledError):  # at the end of the measurement
            await asyncio.sleep(ROUND_TRIP_SECONDS)  # of the handshake
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self.target)
            await asyncio.gather(self._send(reader, far_writer), self._receive(far_reader, writer))

    async def _send(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relays requests, which are small: only the round trip takes time."""
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK_BYTES):
                await asyncio.sleep(ROUND_TRIP_SECONDS)
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def _receive(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Relays responses, each chunk when the network is free."""
        clock = asyncio.get_running_loop().time
        with suppress(ConnectionError):
            while chunk := await reader.read(CHUNK_BYTES):
                self.free_at = max(self.free_at, clock()) + len(chunk) / BYTES_PER_SECOND
                await asyncio.sleep(self.free_at - clock())
                writer.write(chunk)
                await writer.drain()
        writer.close()

    async def serve(self, opened: Future[tuple[int, Callable[[], object]]]) -> None:
        """Relays until stopped; sets `opened` to the port and the function that stops the relay."""
        loop, done = asyncio.get_running_loop(), asyncio.Event()
        async with await asyncio.start_server(self.relay, "127.0.0.1", 0) as server:
            port: int = server.sockets[0].getsockname()[1]
            opened.set_result((port, partial(loop.call_soon_threadsafe, done.set)))
            await done.wait()


@contextmanager
def slow_network(url: str) -> Iterator[str]:
    """Yields the URL that reaches the server at `url` through a slow network."""
    target = urlsplit(url).port
    assert target is not None
    opened: Future[tuple[int, Callable[[], object]]] = Future()
    # In another thread, since the one that drives the browser already runs an event loop.
    thread = threading.Thread(target=lambda: asyncio.run(SlowNetwork(target).serve(opened)))
    thread.start()
    port, stop = opened.result()
    try:
        yield url.replace(f":{target}/", f":{port}/", 1)
    finally:
        stop()
        thread.join()
