"""The training bar, the status line, the live samples and the verdict."""

from pyscript import window

from app.page.aliases import Action, JsProxy
from app.page.engines import NOT_COMPILED, engine_meaning, engine_name
from app.page.series import LossSeries, duration
from app.page.states import DONE, IDLE, PAUSED, RUNNING, STARTING
from app.page.views.dom import clear, find, make, make_mark, notice, on_press, set_text, write_text
from app.page.views.lines import make_line
from app.shared.events import LiveSampleEvent

ONE_COLUMN = "(max-width: 799px)"  # as in the style sheets
ONLY_FINISHED = "Goes on with the model of a finished run, on the same data and architecture"
MAX_LIVE_ROWS = 15
MIN_LEFT_SECONDS = 1  # of computing that is left; less needs no announcement
WITH_A_RUN = ("start-over", "save-csv", "save-json")  # buttons that do something only then
MAIN_BUTTON = {IDLE: "Train", RUNNING: "Pause", PAUSED: "Resume", DONE: "Train"}


class TrainingView:
    """Buttons and readouts.

    Args:
        handlers: functions by the id of their button.
    """

    def __init__(self, handlers: dict[str, Action]) -> None:
        for button, handler in handlers.items():
            on_press(button, handler)
        self._live: list[tuple[int, JsProxy]] = []  # rows with their steps, the newest first
        # What the model that comes with the page wrote stands there until the first run starts.
        self._first_samples = str(find("live").innerHTML)
        self._first_heading = str(find("live-heading").textContent)

    def show_state(self, state: str, paused: bool, other_data: str) -> None:
        """Label and enable the buttons as in this state of the run.

        paused: whether a run that is starting is to wait.
        other_data: what a new run would train on, where the main button starts one though there is
            a paused run; else "".
        """
        if state == STARTING:
            state = PAUSED if paused else RUNNING
        words = f"Train on {other_data}" if other_data else MAIN_BUTTON[state]
        write_text("train", words)
        find("train").classList.toggle("going", MAIN_BUTTON[state] == "Pause")
        find("step").disabled = state == RUNNING
        for name in WITH_A_RUN:
            find(name).disabled = state == IDLE
        find("status").classList.toggle("running", state == RUNNING)

    def show_progress(self, step: int, series: LossSeries, seconds: float, left: float) -> None:
        """Fill the status line.

        step: how many steps are done.
        series: the losses so far.
        seconds: of computing so far.
        left: of computing that are still to come.
        """
        num_steps = series.num_steps
        find("status-step").textContent = f"step {step:,} / {num_steps:,}"
        words = f"loss {series.loss:.4f}" if series.known else "loss –"
        if series.known and series.chars_per_token > 1:
            words += " a token"
        held_out = series.held_out_loss
        if held_out is not None:
            words += f" · held out {held_out:.4f}"
        if series.accuracy:
            words += f" · right {series.accuracy[-1][1]:.0%}"
        find("status-loss").textContent = words
        words = ""
        if step:
            words = f"computed in {duration(seconds)}"
            if seconds:
                pace = step / seconds
                rate = f"{int(pace):,}" if pace >= 10 else f"{pace:.1f}"
                words += f" · {rate} steps/s"
            if left >= MIN_LEFT_SECONDS:
                words += f" · {duration(left)} left"
        find("status-time").textContent = words
        at_the_code = find("code-run")  # once there is a panel: the status is far above it
        if at_the_code is not None:
            at_the_code.textContent = (
                f"{find('status-step').textContent} · {find('status-loss').textContent}"
            )
        bar = find("progress")
        bar.max = num_steps
        bar.value = step

    def add_time(self, text: str) -> None:
        """Show something behind the times."""
        element = find("status-time")
        element.textContent = f"{element.textContent} · {text}" if element.textContent else text

    def show_wait(self, text: str) -> None:
        """Show what is being waited for, in place of the times."""
        find("status-time").textContent = text

    def show_engine(self, engine: str, precision: str, fell_back: bool) -> None:
        """Show which engine computes; `fell_back` if it is not the one that was asked for."""
        find("engine-name").textContent = engine_name(engine, precision)
        find("compiled-help").textContent = engine_meaning(engine, precision)
        notice("engine-notice", NOT_COMPILED if fell_back else "")

    def scroll_to_chart(self) -> None:
        """Bring the chart into sight where the page is one long column."""
        if window.matchMedia(ONE_COLUMN).matches:
            find("legend").parentElement.scrollIntoView()

    def show_error(self, text: str) -> None:
        """Show what went wrong with the run, or nothing any more."""
        notice("training-notice", text)

    def show_changes(self, text: str, under_way: bool, other_data: str) -> None:
        """Say how the next run differs from the one there is, and offer the way out.

        text: the sentence; "" hides it.
        under_way: whether there is a run that could be restarted with the changes.
        other_data: as of `show_state`; then the other button resumes the run.
        """
        find("restart").hidden = not under_way or bool(other_data)
        find("resume").hidden = not other_data
        write_text("changed-words", text)
        find("changed-notice").hidden = not text

    def offer_continuation(self, offer: bool, num_steps: int) -> None:
        """Whether the model of the finished run can be trained for `num_steps` more steps."""
        button = find("train-longer")
        button.disabled = not offer
        words = f"Trains this model for another {num_steps:,} steps" if offer else ONLY_FINISHED
        button.title = words

    def show_verdict(self, text: str) -> None:
        """Show how the run went, or what it will be about."""
        element = find("verdict")
        set_text(element, text)

    def add_live_sample(self, sample: LiveSampleEvent) -> None:
        """Add a line that the model wrote while learning; the newest stands on top."""
        rows = find("live")
        if not rows.children.length:
            find("live-empty").hidden = True
        row, text = make("li"), sample["text"]
        row.appendChild(make("span", f"{sample['step']:,}", "when"))
        row.appendChild(make_line(text))
        if sample["stop"] == "context":
            row.appendChild(make("span", "…", "cut"))
        if sample["mark"]:
            row.appendChild(make_mark(sample["mark"]))
        rows.insertBefore(row, rows.firstChild)
        self._live.insert(0, (sample["step"], row))
        for _, last in self._live[MAX_LIVE_ROWS:]:
            last.remove()
        del self._live[MAX_LIVE_ROWS:]

    def show_live_until(self, step: int) -> None:
        """Show what was written up to this step; the rest is out of sight."""
        for written, row in self._live:
            if row.hidden != (written > step):
                row.hidden = written > step

    def clear_live_samples(self) -> None:
        """Make room for what a new run writes."""
        clear(find("live"))
        self._live = []
        find("live-heading").textContent = "Written while it learns"
        find("live-empty").hidden = False

    def show_first_samples(self) -> None:
        """Show again what stood there before the first run."""
        self._live = []
        find("live").innerHTML = self._first_samples
        find("live-heading").textContent = self._first_heading
        find("live-empty").hidden = bool(self._first_samples)
