"""The start of a run on its way to the worker, with the checkpoint that it goes on from."""

import asyncio

from pyscript import window

from app.page.aliases import JsProxy, TakeText
from app.page.errors import spawn
from app.page.link import Link
from app.page.outbox import RUN_STARTED
from app.page.run import RunRecord
from app.shared.commands import StartCommand

UNREADABLE = "The run could not be read from the browser's storage: press Train to start it anew."
DATA_LOST = "The data of the run could not be loaded again: press Train to restart it."


class RunStart:
    """Sends the starts of runs; each run gets the next number.

    Args:
        link: the line to the worker.
        fail: called with a sentence where the newest run cannot start.
    """

    def __init__(self, link: Link, fail: TakeText) -> None:
        self._link, self._fail = link, fail
        self._number = 0  # of the newest run
        self._read = asyncio.Event()  # whether its checkpoint, if there is one, is here
        self._read.set()

    @property
    def waits(self) -> bool:
        """Whether the start of the newest run is still to be sent."""
        return not self._read.is_set() or self._link.holds("start")

    def send(self, run: RunRecord) -> None:
        """Send the run's start; commands about it wait until it has started."""
        self._number += 1
        run.number = self._number
        self._link.hold(RUN_STARTED)
        if run.checkpoint is None:
            self._read.set()
            self._post(run, None)
        else:
            self._read.clear()
            spawn(self._read_and_post(run))

    async def sent(self) -> None:
        """Wait until the newest start is with the link."""
        await self._read.wait()

    def forget(self) -> None:
        """The newest run is given up."""
        self._number += 1
        self._read.set()

    async def _read_and_post(self, run: RunRecord) -> None:
        number = self._number
        try:
            content = window.Uint8Array.new(await run.with_kept().arrayBuffer())
        except Exception as error:
            window.console.warn(str(error))
            content = None
        if number != self._number:
            return  # there is another run by now, or none
        if content is None:
            self._fail(UNREADABLE)
        else:
            self._post(run, content)
        self._read.set()

    def _post(self, run: RunRecord, checkpoint: JsProxy) -> None:
        message = StartCommand(
            type="start",
            settings=run.settings,
            code=run.code,
            paused=run.paused,
            run=run.number,
            data=run.data_name,
            continued=run.at_base,
            stops=run.stops,
        )
        if run.follows:
            message["live"] = True
        if checkpoint is not None:
            message["blob"], message["kept"] = checkpoint, run.kept.about()
        self._link.send(message, give=checkpoint is not None)
