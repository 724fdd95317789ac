"""The page's end of the wire to its worker, and the watch over whether the worker is alive.

Messages are as in `app/protocol/`; blobs are passed through untouched. It knows nothing of what
they mean.
"""

import asyncio
import json

from pyscript import window

from app.page.types import JsProxy, Message, TakeMessage, Tell
from app.shared import commands

PING_EVERY = 2.0  # seconds
DEAD_AFTER = 20.0  # seconds without any sign of life after a ping
BOOT_LIMIT = 120.0  # seconds for the worker to come up


class Link:
    """A line to the worker of the moment.

    Args:
        receive: called with each message and its blob (or None).
        died: called with a sentence when the worker is dead.
    """

    def __init__(self, receive: TakeMessage, died: Tell) -> None:
        self._receive = receive
        self._died = died
        self.up = False
        self._over = False
        self._reset()

    def open(self) -> None:
        """Take the messages that have come already, and every one from now on."""
        window.microgpt.attach(self._take)
        asyncio.create_task(self._watch())

    def send(self, message: Message, blob: JsProxy = None, give: bool = False) -> None:
        """Post a message; the worker takes it as soon as it is up.

        give: whether the blob becomes the worker's own, so that nothing need be copied.
        """
        window.microgpt.post(json.dumps(message), blob, give)

    def restart(self) -> None:
        """Put a new worker in the place of the one there is."""
        self.up = False
        self._reset()
        window.microgpt.restart()

    def give_up(self) -> None:
        """Wait for no worker any more, and listen to none."""
        self.up = False
        self._over = True

    def _reset(self) -> None:
        self._silence = 0.0  # seconds since the last sign of life
        self._asked = False

    def _take(self, text: str, blob: JsProxy) -> None:
        if self._over:
            return  # from a worker that was not quite dead: nobody counts on it any more
        self._reset()
        message = json.loads(text)
        if message["type"] == "fatal":
            self.up = False
            self._died(message["message"])
            return
        if message["type"] == "ready":
            self.up = True
        if message["type"] != "pong":
            self._receive(message, blob)

    async def _watch(self) -> None:
        while not self._over:
            before = window.performance.now()
            await asyncio.sleep(PING_EVERY)
            passed = (window.performance.now() - before) / 1000
            if passed > 3 * PING_EVERY:
                # The page itself was asleep, so silence says nothing.
                self._silence = 0.0
                continue
            self._silence += passed
            limit = DEAD_AFTER if self.up else BOOT_LIMIT
            if self._silence > limit:
                self._reset()
                self.up = False
                self._died(f"Python has not answered for {limit:.0f} seconds")
            elif self.up and not self._asked:
                self._asked = True
                self.send(commands.ping())
