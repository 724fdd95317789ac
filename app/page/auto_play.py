"""Auto-play: one token after the other, in time, until the text ends or somebody intervenes."""

import asyncio

from app.page.aliases import Action, TakeFlag
from app.page.errors import spawn
from app.shared.experiment import Experiment

TOKEN_SECONDS = {"slow": 1.0, "normal": 0.45, "fast": 0.1}  # between two tokens, by speed


class AutoPlay:
    """The clock.

    Args:
        experiment: holds the speed.
        write: called for each token.
        show: called with whether it plays.
    """

    def __init__(self, experiment: Experiment, write: Action, show: TakeFlag) -> None:
        self._experiment, self._write, self._show = experiment, write, show
        self.playing = False
        self._number = 0  # how often it was started; the newest start has this number

    def start(self) -> None:
        """Begin to play."""
        self.playing = True
        self._show(True)
        self._number += 1
        spawn(self._play(self._number))

    def stop(self) -> None:
        """Stop, if it plays."""
        if self.playing:
            self.playing = False
            self._show(False)

    async def _play(self, number: int) -> None:
        while self.playing and self._number == number:
            self._write()
            await asyncio.sleep(TOKEN_SECONDS[str(self._experiment.values["play_speed"])])
