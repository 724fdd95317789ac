"""What the page shows of the current run: buttons, status, chart, live samples, verdict."""

from pyscript import window

from app.page import notices
from app.page.advice import returned, verdict
from app.page.aliases import Action
from app.page.curves import Curves, PastCurve, shipped_curve
from app.page.link import Link
from app.page.next_run import NextRun
from app.page.past_runs import PastRuns
from app.page.run import RunRecord
from app.page.series import LossSeries, duration, introduction
from app.page.states import DONE, IDLE, PAUSED, RUNNING, STARTING
from app.page.views.chart import Chart
from app.page.views.dom import OncePerFrame, find
from app.page.views.theme import ThemeView
from app.page.views.training import MAX_LIVE_ROWS, TrainingView
from app.page.vocabulary import Vocabulary
from app.shared.events import LiveSampleEvent, StartedEvent

CHART_MILLISECONDS = 30.0  # between two drawings of a run that goes on: it leaves time for the rest
READOUT_MILLISECONDS = 100.0  # between two changes of the figures: more often nobody can read


class RunDisplay:
    """Shows the run and its state, or the next run where there is none.

    Args:
        next_run: the run that would start now.
        vocabulary: its tokens.
        link: says whether the worker is there.
        past: the past runs.
        handlers: functions by the id of their button: train, step, train-longer, start-over,
            restart, resume.
    """

    def __init__(
        self,
        next_run: NextRun,
        vocabulary: Vocabulary,
        link: Link,
        past: PastRuns,
        handlers: dict[str, Action],
    ) -> None:
        self._next = next_run
        self._vocabulary = vocabulary
        self._link, self._past = link, past
        self._run: RunRecord | None = None
        self._stays = False  # whether what is said stays when data come
        self._state, self._shipped = IDLE, shipped_curve()
        self._introduction = ""  # the one that is shown while there is no run
        self._live_samples: list[LiveSampleEvent] = []  # that came since the last frame
        self._chart_waits = False  # whether it shows the run of before until there are losses
        self._chart_time = self._readout_time = 0.0  # when they changed last
        self._view = TrainingView(handlers)
        self.chart = Chart(find("chart").parentElement, next_run.frame(), self._curves())
        past.listen_drawing(lambda: self.chart.show_past(self._curves()))
        self._redraw = OncePerFrame(self._draw)
        ThemeView(self.chart.restyle)
        self.show_progress()

    # ---- the run ---------------------------------------------------------------------------------

    def show_new_run(self, run: RunRecord) -> None:
        """A run starts: the curves of the one before fade, unless it goes on with them."""
        if not run.base_step and not (run.follows and self._run is not None and self._run.follows):
            self._fade()
        self._clear()
        self._take(run)
        self._view.show_error("")
        self._view.show_verdict("")
        self._introduction = ""
        self._chart_waits = run.follows
        if not run.follows:
            self._show_chart(run.curves)
            self._view.scroll_to_chart()

    def show_restored(self, run: RunRecord) -> None:
        """A run of an earlier visit is there again."""
        self._take(run)
        self._show_chart(run.curves)
        self._introduction = ""
        self._show_live(run)
        self._view.show_verdict(returned(run))

    def show_reset(self) -> None:
        """The run is given up."""
        self._live_samples = []
        self._view.show_error("")
        self._show_chart(None)
        self.show_next_run()
        self._view.show_first_samples()
        self._view.show_verdict("The model is reset. Press Train to train it again.")

    def show_state(self, run: RunRecord | None, state: str) -> None:
        """The run, if there is one, is now in this state of `states.RUN_STATES`."""
        if run is None:
            self._fade()
        elif state == STARTING and run.complete:
            state = DONE  # it only has to come back to a worker
        self._take(run)
        self._state = state
        self.offer_restart()
        self.show_engine()

    def show_started(self, run: RunRecord, message: StartedEvent) -> None:
        """The run has started."""
        if not self._chart_waits:
            self.chart.set_guessing(run.series.guessing)
        if run.is_back:
            words = [returned(run)]
        else:
            words = [notices.training_on(message["num_docs"], message["num_held_out"])]
            words += message["remarks"]
        compiles = self._next.compiles()
        words.append(notices.long_run(self._next.seconds_of(run), run.engine, compiles))
        self._view.show_verdict(" ".join(words).strip())
        self.show_engine()

    def show_course(self, run: RunRecord) -> None:
        """The run goes on with other settings, to another end, or from an earlier step."""
        if run.frame != self.chart.frame:
            self._show_chart(run.curves)
        self.redraw()
        self._show_live(run)
        self.offer_restart()
        self.show_progress()

    def show_rewound(self, run: RunRecord) -> None:
        """The model that is shown is that of an earlier step, or the newest again."""
        self._view.show_live_until(run.shown_step)
        self.show_progress()
        if run.rewound is not None:
            self._view.show_verdict(notices.gone_back(run.rewound, run.step))
        else:
            self._view.show_verdict(verdict(run.series, run.settings_now) if run.complete else "")

    def show_longer(self, run: RunRecord) -> None:
        """The run is trained longer from here on."""
        steps, rate = int(run.steered["num_steps"]), float(run.steered["learning_rate"])
        self._view.show_verdict(notices.training_goes_on(run.step, steps, f"{rate:g}"))

    def show_verdict(self, text: str) -> None:
        """Show how the run went."""
        self._view.show_verdict(text)

    def show_baselines(self, baselines: list[tuple[str, float]]) -> None:
        """Draw what counting comes to on the run's data."""
        self.chart.set_baselines(baselines)

    def show_error(self, text: str, stays: bool = False) -> None:
        """Show a sentence on what is wrong with the run, the address or the worker; or no more.

        stays: whether it stays when data come, until the user changes something.
        """
        self._stays = stays
        self._view.show_error(text)

    def add_live_sample(self, message: LiveSampleEvent) -> None:
        """Show what the model wrote while learning, with the next frame."""
        self._live_samples.append(message)
        self.redraw()

    def redraw(self) -> None:
        """Show the newest losses with the next frame."""
        self._redraw.request()

    # ---- the next run ----------------------------------------------------------------------------

    def experiment_changed(self) -> None:
        """Settings or data are other than before."""
        self._stays = False
        self.data_changed()

    def data_changed(self) -> None:
        """Other data are loaded."""
        self.model_known()
        if self._run is None and not self._stays:
            self._view.show_error("")

    def model_known(self) -> None:
        """More is known of the next model: its tokens, or how large it is."""
        self.offer_restart()
        self.show_engine()
        if self._run is None:
            self.show_next_run()
        elif self._state in (STARTING, DONE):
            self.show_progress()

    def show_next_run(self) -> None:
        """While there is no run: an empty chart for the next one, and what guessing costs it."""
        words = introduction(self._vocabulary)
        if words != self._introduction:
            self._introduction = words
            self._view.show_verdict(words)
        if self._next.frame() != self.chart.frame:
            self._show_chart(None)
        self.show_progress()

    def offer_restart(self) -> None:
        """Show what Train would do now, and how the next run differs from the one there is."""
        run, state = self._run, self._state
        paused = run is not None and run.paused
        other_data = ""
        if state == PAUSED and run is not None and self._next.replaces(run):
            other_data = self._next.data_titles(run)[1]
        self._view.show_state(state, paused, other_data)
        self._view.show_changes(self._changes(), self._under_way() is not None, other_data)
        self.offer_continuation()

    def show_estimate(self) -> None:
        """It is known better what computes the next run, and how long that will take."""
        self.offer_restart()
        self.show_engine()
        self.show_progress()

    def offer_continuation(self) -> None:
        """Whether the model of the finished run could be trained longer."""
        run = self._run
        continues = self._state == DONE and run is not None and self._next.continues(run)
        self._view.offer_continuation(continues, self._next.num_steps())

    def show_engine(self) -> None:
        """Show which engine computes the run under way, or would compute the next one."""
        run = self._under_way()
        if run is not None:
            self._view.show_engine(run.engine, run.precision, run.fell_back)
        else:
            engine, precision = self._next.engine()
            self._view.show_engine(engine, precision, self._next.fell_back())

    def show_progress(self) -> None:
        """Fill the status line."""
        self._readout_time = window.performance.now()
        run, state = self._run, self._state
        if run is None:
            series = LossSeries(self._vocabulary.vocab_size, self._next.num_steps())
            self._view.show_progress(0, series, 0.0, 0.0)
        else:
            left = run.seconds_left if state != DONE else 0.0
            self._view.show_progress(run.shown_step, run.shown_series, run.seconds, left)
        if state == STARTING and not self._link.up:
            self._view.show_wait("begins as soon as Python is up")
        elif state == STARTING and self._vocabulary.learning:
            count = self._vocabulary.num_merges
            self._view.show_wait(f"begins when the byte pairs are learned, {count:,} so far")
        elif state == IDLE:
            self._view.show_wait(f"computes in about {duration(self._next.seconds())}")
        elif state == DONE:
            self._view.add_time(f"next: about {duration(self._next.seconds())}")

    # ----------------------------------------------------------------------------------------------

    def _under_way(self) -> RunRecord | None:
        """The run, unless it is over."""
        return self._run if self._state in (STARTING, RUNNING, PAUSED) else None

    def _changes(self) -> str:
        """How the next run differs from the one there is, "" where that need not be said."""
        run, state, following = self._run, self._state, self._next
        if run is None or self._next.is_followed:
            return ""
        same_data = following.has_data_of(run)
        if state == DONE and same_data:
            settings, other_model = following.differs_from(run), not following.has_model_of(run)
            return notices.finished_with_other_settings(settings, other_model, run.complete)
        if state == DONE:
            return notices.finished_on_other_data(*following.data_titles(run), run.complete)
        if state == PAUSED and following.replaces(run):
            return notices.paused_on_other_data(*following.data_titles(run))
        if not same_data:
            return notices.changed_data(*following.data_titles(run), following.seconds())
        if run.signature != following.signature():
            steered = not following.differs_beyond_steering(run)
            return notices.changed_settings(following.seconds(), steered)
        return ""

    def _take(self, run: RunRecord | None) -> None:
        """This is the run that is shown from now on."""
        if run is not self._run:
            self._run = run
            self._past.take_current(run)

    def _fade(self) -> None:
        """The run is over: its curves fade behind those of the next."""
        if self._run is not None:
            self._past.add(self._run)

    def _curves(self) -> list[PastCurve]:
        """What stands behind the run."""
        return self._past.curves() + [self._shipped]

    def _show_chart(self, curves: Curves | None) -> None:
        """An empty chart for the run, or, with no curves, for the next one."""
        run = self._run
        self._chart_waits = False
        frame = run.frame if run is not None and curves is not None else self._next.frame()
        self.chart.show(frame, curves, self._curves())

    def _draw(self) -> None:
        """Show what has come since the last frame."""
        now, run = window.performance.now(), self._run
        # The figures of the last step wait for its other losses.
        going_on = self._state == RUNNING and run is not None and run.step < run.series.num_steps
        if going_on and now - self._chart_time < CHART_MILLISECONDS:
            self.redraw()
        else:
            self._chart_time = now
            if self._chart_waits and run is not None and run.curves.last_step:
                self._show_chart(run.curves)
                self.chart.set_guessing(run.series.guessing)
            self.chart.draw()
        samples, self._live_samples = self._live_samples, []
        for sample in samples[-MAX_LIVE_ROWS:]:
            self._view.add_live_sample(sample)
        if going_on and now - self._readout_time < READOUT_MILLISECONDS:
            self.redraw()
        else:
            self.show_progress()

    def _show_live(self, run: RunRecord) -> None:
        """The lines that it has written."""
        self._clear()
        for sample in run.live:
            self._view.add_live_sample(sample)

    def _clear(self) -> None:
        self._live_samples = []
        self._view.clear_live_samples()
