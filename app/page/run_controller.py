"""The run: started, paused, stepped, and what the worker says of it."""

from app.page.advice import verdict
from app.page.aliases import Action
from app.page.cautions import NextFacts
from app.page.code_check import CodeCheck
from app.page.current_run import CurrentRun
from app.page.data_controller import DataController
from app.page.engines import Engines
from app.page.link import Link
from app.page.next_run import NextRun
from app.page.outbox import RUN_STARTED
from app.page.past_runs import PastRuns
from app.page.run import RunRecord
from app.page.run_display import RunDisplay
from app.page.run_return import RunReturn
from app.page.states import DONE, PAUSED, RUNNING, STARTING
from app.page.steering import Steering
from app.page.vocabulary import Vocabulary
from app.shared.commands import (
    PauseCommand,
    ResumeCommand,
    SetPaceCommand,
    StepCommand,
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
from app.shared.typed import SettingValues


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
        model_moved: called when the model that writes is that of another step of the run.
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
        model_moved: Action,
        changed: Action,
    ) -> None:
        self._experiment, self._data, self._link = experiment, data, link
        self._check, self._model_reset = check, model_reset
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
        self._current = CurrentRun(link, check, self._display, changed)
        self.steering = Steering(
            experiment, self._current, self._next, self._display, link, model_moved
        )
        self.comeback = RunReturn(self._current, self._next, self._display, data, link)

    @property
    def current(self) -> RunRecord | None:
        """The run, if there is one."""
        return self._current.record

    def numbered(self, number: int) -> RunRecord | None:
        """The run, if it is the one with this number: events come late."""
        return self._current.numbered(number)

    @property
    def is_over(self) -> bool:
        """Whether there is a run that is over."""
        return self._current.is_over

    def next_facts(self) -> NextFacts:
        """What is known of the run that would start now."""
        return self._next.facts()

    @property
    def display(self) -> RunDisplay:
        """What the page shows of it."""
        return self._display

    # ---- what the user does ----------------------------------------------------------------------

    def train(self) -> None:
        """The main button: train, pause or resume; where other data are chosen, train on them."""
        run = self._current.record
        if run is None or self._current.is_over or self._next.replaces(run):
            self.start()
        elif run.paused:
            self.resume()
        else:
            self._link.send(PauseCommand(type="pause"))

    def resume(self) -> None:
        """Go on with the paused run."""
        if self._current.record is not None:
            self._current.record.paused = False
            self.steering.go_on()
            self._link.send(ResumeCommand(type="resume"))

    def single_step(self) -> None:
        """One step; of a new run if there is none."""
        if self._current.record is None or self._current.is_over:
            self._when_fits(lambda: self._current.start(self._next.record(True)))
        else:
            self.steering.go_on(alone=True)
            self._link.send(StepCommand(type="step"))

    def start(self) -> None:
        """Start a run with the current settings, in place of the one there is."""
        self._when_fits(lambda: self._current.start(self._next.record(False)))

    def start_exactly(self, settings: SettingValues, remark: str) -> None:
        """Start a run with these settings, of which some may have no place on their widgets.

        remark: what is to be said of it, "" for nothing.
        """

        def start() -> None:
            self._current.start(self._next.with_settings(settings).record(False))
            self.show_error(remark, stays=True)

        self._when_fits(start)

    def train_anew(self) -> None:
        """Train what is set now: a run that does so already goes on."""
        run = self._current.record
        if run is None or self._current.is_over or run.signature != self._next.signature():
            self.start()
        elif run.paused:
            self.resume()

    def train_live(self) -> None:
        """Train what is set now at once, in place of a run that was trained so as well."""
        self._when_fits(lambda: self._current.start(self._next.live_record()))

    def follow(self, following: bool) -> None:
        """Whether every change is trained at once, so that none need be offered to be."""
        self._next.is_followed = following
        self._display.offer_restart()

    @property
    def has_run_of_next(self) -> bool:
        """Whether the current run is what would be trained now."""
        run = self._current.record
        return run is not None and run.signature == self._next.signature()

    @property
    def lacks_data(self) -> bool:
        """Whether there is nothing to train on."""
        return self._data.is_empty

    @property
    def is_under_way(self) -> bool:
        """Whether there is a run that is not over."""
        return self._current.is_in(STARTING, RUNNING)

    def seconds_of_next(self) -> float:
        """How long computing the next run will take, as far as that is known."""
        return self._next.seconds()

    def train_longer(self) -> None:
        """Go on with the model of the finished run, as the current settings say."""
        self.steering.train_longer()

    def start_over(self) -> None:
        """Back to an untrained model; all settings stay."""
        self.give_up()
        self._display.show_reset()
        self._model_reset()

    def give_up(self) -> None:
        """There is no run any more, neither here nor in the worker."""
        self._current.give_up()

    # ---- what else changes on the page -----------------------------------------------------------

    def setting_changed(self, name: str) -> None:
        """The setting `name` has changed."""
        if name == "pace":
            pace = str(self._experiment.values["pace"])
            self._link.send(SetPaceCommand(type="set_pace", pace=pace))
        self.steering.setting_changed(name)
        self._display.experiment_changed()

    def data_changed(self) -> None:
        """Other data are loaded, or there are none any more."""
        self._display.data_changed()  # first, for it clears the notice where there is no run
        run = self._current.record if self._current.start_on_way.waits else None
        if run is not None and run.data_name == self._experiment.data:
            run.take_data(self._data.source, self._next.data_key())
        elif run is not None:
            self._current.cancel("The data could not be loaded, so the run has not started.")

    def model_known(self) -> None:
        """More is known of the next model: its tokens, or how large it is."""
        self._display.model_known()

    def set_compiles(self, compiles: bool) -> None:
        """A worker is there; `compiles`: whether the compiled engine runs in it."""
        self._engines.compiles = compiles
        self._display.show_estimate()

    def show_error(self, text: str, stays: bool = False) -> None:
        """Show a sentence on what is wrong, or nothing any more; arguments as of `RunDisplay`."""
        self._display.show_error(text, stays)

    # ---- what the worker says --------------------------------------------------------------------

    def on_step_time(self, message: StepTimeEvent) -> None:
        workload = self._next.workload()
        if list(workload[:-1]) == list(message["kind"]):
            self._check.prove(self._experiment.code)
            self._engines.record_warm_up(workload, self._next.positions(), message["seconds"])
            self._display.show_estimate()

    def on_started(self, message: StartedEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is None:
            return
        self._link.release(RUN_STARTED)
        self._check.prove(run.code)
        run.take_started(message)
        self._display.show_started(run, message)
        self.steering.run_started(run)

    def on_run_state(self, message: RunStateEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is None:
            return
        run.paused = message["state"] == PAUSED
        run.is_back = run.is_back and run.paused
        self._current.enter(message["state"])
        self._display.show_progress()
        if message["state"] == DONE and run.series.known:
            run.series.other_tokens_loss = self.past.loss_on_other_tokens(run.unit)
            self._display.show_verdict(verdict(run.series, run.settings_now))
        self._current.changed()

    def on_progress(self, message: ProgressEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is None:
            return
        run.take_progress(message)
        steps = max(1, message["step"])
        self._engines.record_run(run.workload, run.positions, steps, message["seconds"])
        self._display.redraw()
        self._current.show_outside()

    def on_live_sample(self, message: LiveSampleEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is not None:
            run.add_live_sample(message)
            self._display.add_live_sample(message)

    def on_checkpoint(self, message: CheckpointEvent) -> None:
        run = self._current.numbered(message["run"])
        if run is not None:
            run.keep_checkpoint(message["step"], message["blob"])
            self._display.offer_continuation()
            self._current.changed()

    def on_error(self, message: ErrorEvent) -> None:
        """A command about the run, or the run itself, has failed."""
        if "run" in message and self._current.numbered(message["run"]) is None:
            return  # there is another run by now, or none
        if message["about"] == "rewind":
            self.steering.on_refused()
        if message["about"] == "start" and self._current.is_in(STARTING):
            self._current.cancel(message["message"])
        else:
            self._display.show_error(message["message"])

    # ----------------------------------------------------------------------------------------------

    def _when_fits(self, act: Action) -> None:
        """Act if the model code fits, else say why not; before Python is up, nobody knows."""
        if self._link.up or self._check.known:
            self._check.when_fits(act, self._display.show_error)
        else:
            act()
