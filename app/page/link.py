"""The page's end of the wire to its worker: messages in, commands out, a watch over the worker."""

import asyncio
import json

from pyscript import document, window

from app.page.aliases import JsProxy, TakeText
from app.page.errors import guarded, spawn
from app.page.outbox import WORKER_LISTENS, Outbox
from app.page.watchdog import TICK_SECONDS, Watchdog
from app.shared.commands import Command, PingCommand
from app.shared.events import Event
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class Link(Outbox):
    """The line to the current worker, and the outbox of the commands that it cannot take yet.

    Args:
        receive: called with each event; a blob is among its fields.
        died: called with the beginning of a sentence when the worker is dead.
    """

    def __init__(self, receive: "Callable[[Event], None]", died: TakeText) -> None:
        super().__init__(self._post)
        self._receive = receive
        self._died = died
        self.up = False
        self.was_up = self.fell_silent = False  # of the last worker that died: in which way
        self.worker_number = 1  # of the current worker; each new one has the next
        self._given_up = False
        self._watchdog = Watchdog()

    def open(self) -> None:
        """Start the worker and listen to it."""
        self._watchdog.begin(seconds_now())
        window.microgpt.attach(guarded(self._take))
        spawn(self._watch())

    def restart(self) -> None:
        """Replace the worker by a new one."""
        self._worker_gone()
        self.worker_number += 1
        self._watchdog.begin(seconds_now())
        window.microgpt.restart()

    def give_up(self) -> None:
        """Start no worker any more, and listen to none."""
        self._worker_gone()
        self._given_up = True

    def on_boot(self) -> None:
        """The worker's script listens: it keeps messages until its Python is up."""
        self.release(WORKER_LISTENS)

    def on_ready(self) -> None:
        """The worker's Python is up."""
        self.up = True
        self._watchdog.on_ready(seconds_now())

    def on_fatal(self, reason: str, silent: bool = False) -> None:
        """The worker is beyond use; `silent`: it has only not answered any more."""
        self.was_up, self.fell_silent = self.up, silent
        self._worker_gone()
        self._died(reason)

    def _worker_gone(self) -> None:
        self.up = False
        self.hold_all()

    def _post(self, message: Command, give: bool) -> None:
        fields = dict(message)
        blob = fields.pop("blob", None)
        window.microgpt.post(json.dumps(fields), blob, give)

    def _take(self, text: str, blob: JsProxy) -> None:
        if self._given_up:
            return  # from a worker that was not quite dead
        self._watchdog.hear()
        message = json.loads(text)
        if blob is not None:
            message["blob"] = blob
        self._receive(message)

    async def _watch(self) -> None:
        while not self._given_up:
            before = seconds_now()
            await asyncio.sleep(TICK_SECONDS)
            if self._watchdog.look(seconds_now() - before, document.hidden):
                words = f"Python has not answered for {self._watchdog.limit:.0f} seconds"
                self.on_fatal(words, True)
            elif self._watchdog.wants_ping():
                self.send(PingCommand(type="ping"))


def seconds_now() -> float:
    """The browser's clock, in seconds since the page was opened."""
    now: float = window.performance.now()
    return now / 1000
