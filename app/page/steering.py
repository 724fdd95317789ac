"""Steering a run: what is changed while it goes on, and going back along it."""

import asyncio

from app.page.current_run import CurrentRun
from app.page.errors import spawn
from app.page.link import Link
from app.page.next_run import NextRun
from app.page.part_loader import PartLoader
from app.page.run import RunRecord
from app.page.run_display import RunDisplay
from app.page.states import PAUSED, RUNNING
from app.page.views.dom import find, listen, on_press, write_text
from app.shared.commands import ChangeTrainingCommand, RewindCommand, SetStopsCommand
from app.shared.events import (
    KeptEvent,
    RewoundEvent,
    SegmentEvent,
    StepDocumentsEvent,
    StoppedEvent,
)
from app.shared.experiment import STEERED_SETTINGS, Experiment
from app.shared.typed import TYPE_CHECKING, SettingValues
from microgpt.settings import setting

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.page.steer.main import Steer

CHANGE_PAUSE_SECONDS = 0.25  # after a slider was moved, so that a drag is one change
MARKED_SETTINGS = ("temperature",)  # which hold at once, and change nothing in the training


class Steering:
    """Changes of the current run.

    Args:
        experiment: the settings.
        current: the run.
        following: the run that would start now.
        display: shows the run.
        link: the line to the worker.
        model_moved: called when the model that writes is that of another step.
    """

    def __init__(
        self,
        experiment: Experiment,
        current: CurrentRun,
        following: NextRun,
        display: RunDisplay,
        link: Link,
        model_moved: "Callable[[], None]",
    ) -> None:
        self._experiment, self._current, self._next = experiment, current, following
        self._display, self._link, self._model_moved = display, link, model_moved
        self._waits = False  # whether a change is to be sent in a moment
        self._longer = False  # whether the finished run is to be trained longer
        self._asked: int | None = None  # the step that the worker was told to go to
        self._wanted: int | None = None  # the newest that the user has gone to
        self._wanted_of: object = None  # the run that this is a step of, and the worker's number
        self._documents: StepDocumentsEvent | None = None  # of the step that was done alone
        self._part: Steer | None = None  # fetched with the first run
        self._loader = PartLoader("steer", self._use_part, lambda: None)
        on_press("go-back", self._go_to_best)
        self._best_step = 0  # where a rule says that the run was best
        current.listen_gone(self._leave)
        listen(find("stops"), "toggle", lambda event: self._loader.want())

    # ---- what the user does ----------------------------------------------------------------------

    def setting_changed(self, name: str) -> None:
        """The setting `name` has changed: a run under way goes on with it."""
        run = self._under_way()
        if run is None:
            return
        if name in MARKED_SETTINGS:
            row = setting(name)
            run.mark(run.step, f"{row.label} {row.words(self._experiment.values[name])}")
            self._show(run)
        if name in STEERED_SETTINGS and not self._waits:
            self._waits = True
            spawn(self._change_soon())

    def train_longer(self) -> None:
        """Go on with the model of the finished run, as the current settings say."""
        before = self._current.record
        if before is None or not self._current.is_over or not self._next.continues(before):
            return
        self._wanted = None
        self._say_stopped("", 0)
        self._show_documents(None)
        if before.only_model:
            run = self._next.record(False)
            run.continue_model(before)
            self._current.start(run)
            return
        if self._next.has_another_engine(before):
            before.settings = self._next.with_engine(before.settings)
            self._current.start_on_way.send(before)
        self._longer = True
        self._send()

    def go_on(self, alone: bool = False) -> None:
        """The run is about to go on: from where it has gone back to, with the settings as now.

        alone: whether it does a single step.
        """
        run = self._current.record
        self._say_stopped("", 0)
        if not alone:
            self._show_documents(None)
        self._wanted = None
        was_back = run is not None and run.rewound is not None
        if run is not None and was_back:
            run.go_on()
            self._display.show_course(run)
            self._display.show_verdict("")
            self._show(run)
        if self._waits or was_back:
            self._change_now()

    def go_to(self, step: float) -> None:
        """Go back to the kept checkpoint that is nearest to this step, or forward."""
        run = self._current.record
        if run is None:
            return
        nearest = run.kept.nearest(step - run.base_step)
        if nearest is not None and nearest != self._wanted:
            self._wanted, self._wanted_of = nearest, (run, self._link.worker_number)
            self._ask()

    def set_stops(self, rules: list[str]) -> None:
        """Have the run, and those that come, stop by these rules."""
        self._experiment.stops = rules
        run = self._current.record
        if run is not None:
            run.stops = rules
            self._link.send(SetStopsCommand(type="set_stops", rules=rules))

    def _go_to_best(self) -> None:
        self.go_to(self._best_step)

    # ---- what the worker says --------------------------------------------------------------------

    def run_started(self, run: RunRecord) -> None:
        """The run is in a worker."""
        self._asked = None
        if self._wanted_of != (run, self._link.worker_number):
            self._wanted = None
        self._ask()  # where the user went before
        self._loader.want()
        self._show(run)

    def on_segment(self, message: SegmentEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is not None:
            run.go_on()  # where it was told to before it was known to have gone back
            run.take_segment(message)
            self._display.show_course(run)
            if self._longer:
                self._longer = False
                self._display.show_longer(run)
            self._show(run)
            self._current.changed()

    def on_kept(self, message: KeptEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is not None:
            run.kept.take(message)
            self._show(run)
            self._current.changed()

    def on_rewound(self, message: RewoundEvent) -> None:
        run, self._asked = self._current.numbered(message["run"]), None
        if run is None:
            return
        step = run.base_step + message["step"]
        run.rewound = step if step != run.step else None
        self._display.show_rewound(run)
        self._show(run)
        if self._wanted != message["step"]:
            self._ask()
        self._model_moved()

    def on_step_documents(self, message: StepDocumentsEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is not None:
            message["step"] += run.base_step
            self._show_documents(message)

    def on_stopped(self, message: StoppedEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is not None:
            best = message["best_step"]
            self._say_stopped(message["words"], run.base_step + best if best else 0)

    def on_refused(self) -> None:
        """The worker could not go to a step."""
        self._asked = self._wanted = None

    # ----------------------------------------------------------------------------------------------

    def _leave(self) -> None:
        """There is no run any more, or another."""
        self._asked = self._wanted = None
        self._longer = False
        self._say_stopped("", 0)
        self._show_documents(None)
        if self._part is not None:
            self._part.show(None)

    def _under_way(self) -> RunRecord | None:
        """The run, if it is not over and its data are those that are chosen."""
        run = self._current.record
        if run is None or not self._current.is_in(RUNNING, PAUSED):
            return None
        return run if self._next.has_data_of(run) else None

    async def _change_soon(self) -> None:
        await asyncio.sleep(CHANGE_PAUSE_SECONDS)
        if self._waits:
            self._change_now()

    def _change_now(self) -> None:
        """Tell the run under way what has changed since it was last told."""
        self._waits = False
        run = self._under_way()
        # Where it has gone back, that waits until it goes on: nothing is cut off before.
        if run is not None and run.rewound is None and self._values() != run.steered:
            self._send()

    def _values(self) -> SettingValues:
        return {name: self._experiment.values[name] for name in STEERED_SETTINGS}

    def _send(self) -> None:
        self._link.send(ChangeTrainingCommand(type="change_training", settings=self._values()))

    def _ask(self) -> None:
        """Tell the worker where to go, or wait until it is where it was told to go before."""
        if self._asked is None and self._wanted is not None:
            self._asked = self._wanted
            self._link.send(RewindCommand(type="rewind", step=self._wanted))

    def _say_stopped(self, words: str, best_step: int) -> None:
        """Say which rule has stopped the run; `best_step`: where it was best, 0 where not told."""
        self._best_step = best_step
        write_text("go-back", f"Go back to step {best_step:,}")
        find("go-back").hidden = not best_step
        write_text("stopped-words", words)
        find("stopped-notice").hidden = not words

    def _show(self, run: RunRecord) -> None:
        if self._part is not None:
            self._part.show(run)

    def _show_documents(self, message: StepDocumentsEvent | None) -> None:
        self._documents = message
        if self._part is not None:
            self._part.show_documents(message)

    def _use_part(self) -> None:
        """Make what shows a run's course, and hand it what is known."""
        from app.page.steer.main import Steer

        self._part = Steer(self._display.chart, self.go_to, self.set_stops, self._experiment.stops)
        if self._current.record is not None:
            self._part.show(self._current.record)
            self._part.show_documents(self._documents)
