"""The current run, if there is one, and the state that it is in."""

from app.page.aliases import Action
from app.page.code_check import CodeCheck
from app.page.link import Link
from app.page.long_run import LongRun
from app.page.outbox import DATA_LOADED, RUN_STARTED
from app.page.run import RunRecord
from app.page.run_display import RunDisplay
from app.page.run_start import RunStart
from app.page.states import DONE, IDLE, RUN_STATES, RUNNING, STARTING, StateMachine
from app.shared.commands import StepCommand, StopCommand


class CurrentRun:
    """The run; its states are `states.RUN_STATES`.

    Args:
        link: the line to the worker.
        check: says whether the model code fits.
        display: shows the run.
        changed: called when there is something else to keep of the run, or no run any more.
    """

    def __init__(self, link: Link, check: CodeCheck, display: RunDisplay, changed: Action) -> None:
        self._link, self._check, self._display, self.changed = link, check, display, changed
        self._states = StateMachine(IDLE, RUN_STATES)
        self._long_run = LongRun()
        self._gone: list[Action] = []
        self.record: RunRecord | None = None
        self.start_on_way = RunStart(link, self.cancel)

    def listen_gone(self, act: Action) -> None:
        """Call `act()` when the run there was is none any more, or another takes its place."""
        self._gone.append(act)

    @property
    def is_over(self) -> bool:
        """Whether the run is over, be it that it still has to come back to a worker."""
        run = self.record
        complete = run is not None and run.complete and run.rewound is None
        return run is not None and (complete or self.is_in(DONE))

    def is_in(self, *states: str) -> bool:
        """Whether it is in one of these states."""
        return self._states.is_in(*states)

    def numbered(self, number: int) -> RunRecord | None:
        """The run, if it is the one with this number."""
        run = self.record
        return run if run is not None and run.number == number else None

    def enter(self, state: str) -> None:
        """It is in this state from now on."""
        self._states.enter(state)
        self._display.show_state(self.record, state)
        self.show_outside()

    def show_outside(self) -> None:
        """Show how far it is where the page itself is not looked at."""
        self._long_run.show(self.record, self.is_in(RUNNING))

    def take(self, run: RunRecord) -> None:
        """This is the run from now on."""
        self.record = run
        self._check.run_code = run.code

    def start(self, run: RunRecord) -> None:
        """Start a run in place of the one there is."""
        self._leave()
        self.take(run)
        self._link.drop(DATA_LOADED, RUN_STARTED)  # what the run before has not begun to do
        # The worker computes while the page makes room for what it will bring.
        self.start_on_way.send(run)
        self._display.show_new_run(run)
        self.enter(STARTING)
        self._display.show_progress()
        if run.paused:  # it begins with a single step
            self._link.send(StepCommand(type="step"))
        self.changed()

    def cancel(self, reason: str) -> None:
        """The run cannot start; one of before that goes on in the worker is over as well."""
        self.give_up()
        self._display.show_error(reason)
        self._display.show_next_run()

    def give_up(self) -> None:
        """There is no run any more, neither here nor in the worker."""
        self.forget()
        self._link.send(StopCommand(type="stop"))

    def forget(self) -> None:
        """There is no run any more on the page."""
        self._leave()
        self._link.drop(DATA_LOADED, RUN_STARTED)
        self._link.release(RUN_STARTED)
        self.start_on_way.forget()
        self.record = None
        self.enter(IDLE)
        self.changed()

    def _leave(self) -> None:
        for act in self._gone:
            act()
