"""The run: started, paused, stepped, and continued in a new worker where the old one died."""

from app.page.aliases import Action
from app.page.code_check import CodeCheck
from app.page.data_controller import DataController
from app.page.engines import Engines
from app.page.link import Link
from app.page.next_run import NextRun
from app.page.outbox import DATA_LOADED, RUN_STARTED
from app.page.past_runs import PastRuns
from app.page.run import RunRecord
from app.page.run_display import RunDisplay
from app.page.run_start import DATA_LOST, RunStart
from app.page.series import verdict
from app.page.states import DONE, IDLE, PAUSED, RUN_STATES, STARTING, StateMachine
from app.page.vocabulary import Vocabulary
from app.shared.commands import (
    PauseCommand,
    ResumeCommand,
    SetPaceCommand,
    StepCommand,
    StopCommand,
)
from app.shared.events import (
    CheckpointEvent,
    ErrorEvent,
    LiveSampleEvent,
    ProgressEvent,
    RunStateEvent,
    StartedEvent,
    StepTimeEvent,
)
from app.shared.experiment import Experiment


class RunController:
    """The current run, if there is one; its states are `states.RUN_STATES`.

    Args:
        experiment: the settings of the next run.
        vocabulary: its tokens.
        data: what it trains on.
        link: the line to the worker.
        check: says whether the model code fits.
        past: the past runs.
        model_reset: called when the run's model is given up.
        changed: called when there is something else to keep of the run, or no run any more.
    """

    def __init__(
        self,
        experiment: Experiment,
        vocabulary: Vocabulary,
        data: DataController,
        link: Link,
        check: CodeCheck,
        past: PastRuns,
        model_reset: Action,
        changed: Action,
    ) -> None:
        self._experiment, self._data, self._link = experiment, data, link
        self._check, self._model_reset, self._changed = check, model_reset, changed
        self._states = StateMachine(IDLE, RUN_STATES)
        self._run: RunRecord | None = None
        self._start_on_way = RunStart(link, self._cancel)
        self.past, self._engines = past, Engines()
        self._next = NextRun(experiment, vocabulary, data, check, self._engines)
        handlers = {
            "train": self.train,
            "step": self.single_step,
            "start-over": self.start_over,
            "restart": self.start,
            "resume": self.resume,
            "train-longer": self.train_longer,
        }
        self._display = RunDisplay(self._next, vocabulary, link, past, handlers)

    @property
    def current(self) -> RunRecord | None:
        """The run, if there is one."""
        return self._run

    # ---- what the user does ----------------------------------------------------------------------

    def train(self) -> None:
        """The main button: train, pause or resume; where other data are chosen, train on them."""
        run = self._run
        if run is None or self._is_over or self._next.replaces(run):
            self.start()
        elif run.paused:
            self.resume()
        else:
            self._link.send(PauseCommand(type="pause"))

    def resume(self) -> None:
        """Go on with the paused run."""
        if self._run is not None:
            self._run.paused = False
            self._link.send(ResumeCommand(type="resume"))

    def single_step(self) -> None:
        """One step; of a new run if there is none."""
        if self._run is None or self._is_over:
            self._when_fits(lambda: self._start(self._next.record(True)))
        else:
            self._link.send(StepCommand(type="step"))

    def start(self) -> None:
        """Start a run with the current settings, in place of the one there is."""
        self._when_fits(lambda: self._start(self._next.record(False)))

    def train_anew(self) -> None:
        """Train what is set now: a run that does so already goes on."""
        run = self._run
        if run is None or self._is_over or run.signature != self._next.signature():
            self.start()
        elif run.paused:
            self.resume()

    def train_longer(self) -> None:
        """Go on with the model of the finished run, as the current settings say."""
        before = self._run
        if before is not None and self._is_over and self._next.continues(before):
            run = self._next.record(False)
            run.continue_run(before)
            self._start(run)

    def start_over(self) -> None:
        """Back to an untrained model; all settings stay."""
        self.give_up()
        self._display.show_reset()
        self._model_reset()

    def give_up(self) -> None:
        """There is no run any more, neither here nor in the worker."""
        self._forget_run()
        self._link.send(StopCommand(type="stop"))

    # ---- what else changes on the page -----------------------------------------------------------

    def setting_changed(self, name: str) -> None:
        """The setting `name` has changed."""
        if name == "pace":
            pace = str(self._experiment.values["pace"])
            self._link.send(SetPaceCommand(type="set_pace", pace=pace))
        self._display.experiment_changed()

    def data_changed(self) -> None:
        """Other data are loaded, or there are none any more."""
        self._display.data_changed()  # first, for it clears the notice where there is no run
        run = self._run if self._start_on_way.waits else None
        if run is not None and run.data_name == self._experiment.data:
            run.source = self._data.source
        elif run is not None:
            self._cancel("The data could not be loaded, so the run has not started.")

    def model_known(self) -> None:
        """More is known of the next model: its tokens, or how large it is."""
        self._display.model_known()

    def set_compiles(self, compiles: bool) -> None:
        """A worker is there; `compiles`: whether the compiled engine runs in it."""
        self._engines.compiles = compiles
        self._display.show_estimate()

    def show_error(self, text: str, about_address: bool = False) -> None:
        """Show a sentence on what is wrong, or nothing any more; arguments as of `RunDisplay`."""
        self._display.show_error(text, about_address)

    # ---- what the worker says --------------------------------------------------------------------

    def on_step_time(self, message: StepTimeEvent) -> None:
        workload = self._next.workload()
        if list(workload[:-1]) == list(message["kind"]):
            self._check.prove(self._experiment.code)
            self._engines.record_warm_up(workload, self._next.positions(), message["seconds"])
            self._display.show_estimate()

    def on_started(self, message: StartedEvent) -> None:
        run = self._current(message["run"])
        if run is None:
            return
        self._link.release(RUN_STARTED)
        self._check.prove(run.code)
        run.take_started(message)
        self._display.show_started(run, message)

    def on_run_state(self, message: RunStateEvent) -> None:
        run = self._current(message["run"])
        if run is None:
            return
        run.take_state(message["state"] == PAUSED)
        self._enter(message["state"])
        self._display.show_progress()
        if message["state"] == DONE and run.series.known:
            run.series.other_tokens_loss = self.past.loss_on_other_tokens(run.unit)
            self._display.show_verdict(verdict(run.series))
        self._changed()

    def on_progress(self, message: ProgressEvent) -> None:
        run = self._current(message["run"])
        if run is None:
            return
        run.take_progress(message)
        steps = max(1, message["step"])
        self._engines.record_run(run.workload, run.positions, steps, message["seconds"])
        self._display.redraw()

    def on_live_sample(self, message: LiveSampleEvent) -> None:
        run = self._current(message["run"])
        if run is not None:
            run.add_live_sample(message)
            self._display.add_live_sample(message)

    def on_checkpoint(self, message: CheckpointEvent) -> None:
        run = self._current(message["run"])
        if run is not None:
            run.keep_checkpoint(message["step"], message["blob"])
            self._display.offer_continuation()
            self._changed()

    def on_error(self, message: ErrorEvent) -> None:
        """A command about the run, or the run itself, has failed."""
        if message["about"] == "start" and self._states.is_in(STARTING):
            self._cancel(message["message"])
        else:
            self._display.show_error(message["message"])

    # ---- when the worker dies --------------------------------------------------------------------

    def lose_worker(self) -> str:
        """Get ready to continue in a new worker; returns from where, as the end of a sentence."""
        run = self._run
        if run is not None and run.code and run.code == self._link.refused_code:
            self._forget_run()  # its code ended the worker
            self._display.show_next_run()
            return ""
        if run is None or (self._states.is_in(DONE) and not run.comes_back):
            return ""
        self._link.hold(RUN_STARTED)
        self._enter(STARTING)
        if run.checkpoint is None:
            return ", and the run begins once more"
        return f", and the run goes on from step {run.checkpoint_step}"

    async def continue_in_new_worker(self) -> None:
        """Load the run's data again and start it from its newest checkpoint."""
        run = self._run
        if run is None or not self._states.is_in(STARTING) or self._start_on_way.waits:
            return  # there is none to continue, or its start is still to be sent
        run.truncate(run.checkpoint_step)
        self._display.redraw()
        worker_number = self._link.worker_number
        restored = run.source is not None and await self._data.restore(run.source)
        if run is not self._run or worker_number != self._link.worker_number:
            return  # there is another run by now, or another worker
        if restored:
            self._start_on_way.send(run)
            await self._start_on_way.sent()
        else:
            self._cancel(DATA_LOST)

    # ---- from visit to visit ---------------------------------------------------------------------

    async def restore(self, run: RunRecord) -> None:
        """Show a run of an earlier visit or of a file, and have it wait in the worker."""
        self._run = run
        self._check.run_code = run.code
        self._display.show_restored(run)
        self._enter(STARTING)
        self._display.show_progress()
        if run.only_model:
            self._enter(DONE)
        elif self._next.has_data_of(run):  # which are on their way
            run.source = self._data.newest
            self._start_on_way.send(run)
        else:
            self._link.hold(RUN_STARTED)
            self._data.lose_worker()
            await self.continue_in_new_worker()
            self._data.restore_rest()

    @property
    def _is_over(self) -> bool:
        """Whether the run is over, be it that it still has to come back to a worker."""
        run = self._run
        return run is not None and (run.complete or self._states.is_in(DONE))

    def _current(self, number: int) -> RunRecord | None:
        """The run, if it is the one with this number."""
        run = self._run
        return run if run is not None and run.number == number else None

    def _when_fits(self, act: Action) -> None:
        """Act if the model code fits, else say why not; before Python is up, nobody knows."""
        if self._link.up or self._check.known:
            self._check.when_fits(act, self._display.show_error)
        else:
            act()

    def _start(self, run: RunRecord) -> None:
        self._run = run
        self._check.run_code = run.code
        self._link.drop(DATA_LOADED, RUN_STARTED)  # what the run before has not begun to do
        # The worker computes while the page makes room for what it will bring.
        self._start_on_way.send(run)
        self._display.show_new_run(run)
        self._enter(STARTING)
        self._display.show_progress()
        if run.paused:  # it begins with a single step
            self._link.send(StepCommand(type="step"))
        self._changed()

    def _cancel(self, reason: str) -> None:
        """The run cannot start; one of before that goes on in the worker is over as well."""
        self.give_up()
        self._display.show_error(reason)
        self._display.show_next_run()

    def _forget_run(self) -> None:
        self._link.drop(DATA_LOADED, RUN_STARTED)
        self._link.release(RUN_STARTED)
        self._start_on_way.forget()
        self._run = None
        self._enter(IDLE)
        self._changed()

    def _enter(self, state: str) -> None:
        self._states.enter(state)
        self._display.show_state(self._run, state)
