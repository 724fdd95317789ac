"""The Lab: the commands about experiments, and their work in slices."""

from __future__ import annotations

from app.shared.lab import (
    ChangeSweepCommand,
    LabDataCommand,
    SaveSweepCommand,
    SweepCommand,
    SweepFileEvent,
    SweptEvent,
)
from app.worker.draws import Draws
from app.worker.lab.lab_data import LabData
from app.worker.lab.measurer import Measurer
from app.worker.lab.running import RunningExperiment
from app.worker.lab.sweep_files import sweep_file
from app.worker.pool.pool import Pool
from app.worker.types import Clock, Post, Report
from microgpt.corpus.loading import Corpus
from microgpt.settings import SettingError

EXPERIMENT_GONE = "This experiment is no longer there: run it again."


class Lab:
    """One experiment at a time.

    Args:
        post, clock, report: as for `Session`.
        pool: trains the runs.
        draws: the orders of the documents.
    """

    def __init__(self, post: Post, clock: Clock, report: Report, pool: Pool, draws: Draws) -> None:
        self._post, self._clock, self._report = post, clock, report
        self._pool, self._draws = pool, draws
        self._data = LabData(post, clock, report, self._begin_waiting)
        self._measurer = Measurer(draws)
        self._waiting: SweepCommand | None = None  # for the data
        self._experiment: RunningExperiment | None = None

    def load(self, command: LabDataCommand, current: Corpus | None) -> None:
        """Carries out the command; `current`: the playground's data."""
        self._data.load(command, current)

    def sweep(self, command: SweepCommand) -> None:
        """Makes the runs of an experiment, in place of the one that there is."""
        if self._experiment is not None:
            self._experiment.abandon()
        self._waiting = command
        if not self._data.loading:
            self._begin_waiting()

    def change(self, command: ChangeSweepCommand) -> None:
        """Pauses the experiment, goes on with it, or gives it up."""
        experiment = self._with_number(command["number"])
        if experiment is None:
            return  # the page has another one by now
        if command["act"] == "stop":
            experiment.stop()
        else:
            experiment.pause(command["act"] == "pause")

    def save(self, command: SaveSweepCommand) -> None:
        """Writes the results of the experiment as a file."""
        experiment = self._with_number(command["number"])
        if experiment is None:
            raise SettingError(EXPERIMENT_GONE)
        content = sweep_file(command["kind"], experiment.plan, experiment.records)
        self._post(
            SweepFileEvent(
                type="sweep_file", number=command["number"], kind=command["kind"], blob=content
            )
        )

    def work(self, deadline: float) -> float | None:
        """Works until `deadline`, a little at least.

        Returns the seconds until there may be more to do, None where there is no more for now.
        """
        if self._data.loading:
            self._data.work(deadline)
            return 0.0
        return None if self._experiment is None else self._experiment.work(deadline)

    def _with_number(self, number: int) -> RunningExperiment | None:
        found = self._experiment
        return found if found is not None and found.number == number else None

    def _begin_waiting(self) -> None:
        """Begins the experiment that has waited for data."""
        command, self._waiting = self._waiting, None
        if command is None:
            return
        try:
            if self._data.corpus is None or self._data.problem:
                raise SettingError(self._data.problem)
            given = self._post, self._clock, self._report, self._pool, self._draws
            corpus, measurer = self._data.corpus, self._measurer
            self._experiment = RunningExperiment(command, corpus, *given, measurer)
        except SettingError as error:
            self._experiment = None
            self._post(refused(command["number"], str(error)))


def refused(number: int, sentence: str) -> SweptEvent:
    """The event about an experiment that cannot be run."""
    return SweptEvent(
        type="swept",
        number=number,
        done=0,
        of=0,
        seconds_left=0.0,
        seconds=0.0,
        over=True,
        points=[],
        curves=[],
        predicted=[],
        finding=None,
        failure=sentence,
    )
