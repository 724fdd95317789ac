"""Live: while it is on, every change of a setting, the data or the code is trained at once.

The newest change wins: one that comes while a run is young waits for it, and what came in between
is dropped. Only what is trained in a moment is followed, judged by the measured time of its steps.
"""

import asyncio

from pyscript import window

from app.page.errors import spawn
from app.page.run_controller import RunController
from app.page.series import duration
from app.page.views.dom import find, notice, on_press
from app.shared.experiment import DEFINING_SETTINGS

MAX_SECONDS = 1.0  # of computing, of a run that is followed
YOUNG_MILLISECONDS = 120.0  # for which a run may go on before a newer one takes its place


class LiveController:
    """The switch.

    Args:
        run: starts runs.
    """

    def __init__(self, run: RunController) -> None:
        self._run = run
        self._on = False
        self._waits = False  # whether a change is to be trained once the run is over, or old enough
        self._refused = False  # whether the newest change would take too long
        self._started_at = 0.0
        on_press("live-training", self._switch)

    def setting_changed(self, name: str) -> None:
        """The setting `name` has changed."""
        if name in DEFINING_SETTINGS:
            self.changed()

    def changed(self) -> None:
        """What would be trained has changed."""
        if not self._on or self._run.lacks_data:
            return
        seconds = self._run.seconds_of_next()
        too_large = self._refused = seconds > MAX_SECONDS
        notice("live-notice", too_large_words(seconds) if too_large else "")
        self._run.follow(not too_large)
        if too_large:
            self._waits = False
        elif self._left() > 0:
            self._wait()
        else:
            self._train()

    def estimate_changed(self) -> None:
        """It is known better how long a run takes: what was too large may not be so."""
        if self._refused:
            self.changed()

    def run_changed(self) -> None:
        """The run has gone on, or there is another."""
        if self._waits and self._left() <= 0:
            self._train()

    def _switch(self) -> None:
        self._on = not self._on
        find("live-training").setAttribute("aria-pressed", "true" if self._on else "false")
        self._waits = self._refused = False
        notice("live-notice", "")
        self._run.follow(self._on)
        if self._on and not self._run.has_run_of_next:
            self.changed()

    def _left(self) -> float:
        """For how many milliseconds the run may go on before another takes its place."""
        if not self._run.is_under_way:
            return 0.0
        left: float = self._started_at + YOUNG_MILLISECONDS - window.performance.now()
        return left

    def _wait(self) -> None:
        if not self._waits:
            self._waits = True
            spawn(self._train_later())

    async def _train_later(self) -> None:
        while self._waits and self._left() > 0:  # another run may have begun meanwhile
            await asyncio.sleep(self._left() / 1000)
        if self._waits:
            self._train()

    def _train(self) -> None:
        self._waits = False
        self._started_at = window.performance.now()
        self._run.train_live()


def too_large_words(seconds: float) -> str:
    """Why a change is not followed: its run would take so long."""
    return (
        f"Too large for Live: this run takes about {duration(seconds)}, and Live follows those of "
        f"up to {duration(MAX_SECONDS)}. Press Train, or take fewer steps or a smaller model."
    )
