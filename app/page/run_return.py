"""A run that comes back: in a new worker where the old one died, or on the next visit."""

from app.page.current_run import CurrentRun
from app.page.data_controller import DataController
from app.page.link import Link
from app.page.next_run import NextRun
from app.page.outbox import RUN_STARTED
from app.page.run import RunRecord
from app.page.run_display import RunDisplay
from app.page.run_start import DATA_LOST
from app.page.states import DONE, STARTING


class RunReturn:
    """Brings the run back to a worker.

    Args:
        current: the run.
        following: the run that would start now.
        display: shows the run.
        data: what it trains on.
        link: the line to the worker.
    """

    def __init__(
        self,
        current: CurrentRun,
        following: NextRun,
        display: RunDisplay,
        data: DataController,
        link: Link,
    ) -> None:
        self._current, self._next, self._display = current, following, display
        self._data, self._link = data, link

    def lose_worker(self) -> str:
        """Get ready to continue in a new worker; returns from where, as the end of a sentence."""
        run = self._current.record
        if run is not None and run.code and run.code == self._link.refused_code:
            self._current.forget()  # its code ended the worker
            self._display.show_next_run()
            return ""
        if run is None or (self._current.is_in(DONE) and not run.comes_back):
            return ""
        self._link.hold(RUN_STARTED)
        run.rewound = None
        self._current.enter(STARTING)
        if run.checkpoint is None:
            return ", and the run begins once more"
        return f", and the run goes on from step {run.checkpoint_step}"

    async def continue_in_new_worker(self) -> None:
        """Load the run's data again and start it from its newest checkpoint."""
        run, start = self._current.record, self._current.start_on_way
        if run is None or not self._current.is_in(STARTING) or start.waits:
            return  # there is none to continue, or its start is still to be sent
        run.truncate(run.checkpoint_step)
        self._display.redraw()
        worker_number = self._link.worker_number
        restored = run.source is not None and await self._data.restore(run.source)
        if run is not self._current.record or worker_number != self._link.worker_number:
            return  # there is another run by now, or another worker
        if restored:
            start.send(run)
            await start.sent()
        else:
            self._current.cancel(DATA_LOST)

    async def restore(self, run: RunRecord) -> None:
        """Show a run of an earlier visit or of a file, and have it wait in the worker."""
        run.stops = self._next.stops
        self._current.take(run)
        self._display.show_restored(run)
        self._current.enter(STARTING)
        self._display.show_progress()
        if run.only_model:
            self._current.enter(DONE)
        elif self._next.has_data_of(run):  # which are on their way
            run.source = self._data.newest
            self._current.start_on_way.send(run)
        else:
            self._link.hold(RUN_STARTED)
            self._data.lose_worker()
            await self.continue_in_new_worker()
            self._data.restore_rest()
