"""The training bar, the status line, the live samples and the verdict."""

from pyscript import window

from app.page.aliases import Action
from app.page.engines import NOT_COMPILED, engine_meaning, engine_name
from app.page.series import LossSeries, duration
from app.page.states import DONE, IDLE, PAUSED, RUNNING, STARTING
from app.page.views.dom import clear, find, make, make_mark, notice, on_press
from app.page.views.lines import make_line
from app.shared.events import LiveSampleEvent

MAX_LIVE_ROWS = 15
MIN_LEFT_SECONDS = 1  # of computing that is left; less needs no announcement
MAIN_BUTTON = {IDLE: "Train", RUNNING: "Pause", PAUSED: "Resume", DONE: "Train"}


class TrainingView:
    """Buttons and readouts.

    Args:
        handlers: functions by the id of their button: train, step, start-over, restart.
    """

    def __init__(self, handlers: dict[str, Action]) -> None:
        for button, handler in handlers.items():
            on_press(button, handler)

    def show_state(self, state: str, paused: bool) -> None:
        """Label and enable the buttons as in this state of the run.

        paused: whether a run that is starting is to wait.
        """
        if state == STARTING:
            state = PAUSED if paused else RUNNING
        find("train").textContent = MAIN_BUTTON[state]
        find("train").classList.toggle("going", MAIN_BUTTON[state] == "Pause")
        find("step").disabled = state == RUNNING
        find("start-over").disabled = state == IDLE
        find("status").classList.toggle("running", state == RUNNING)

    def show_progress(self, step: int, series: LossSeries, seconds: float, state: str) -> None:
        """Fill the status line: `step` steps were done in this many seconds of computing."""
        num_steps = series.num_steps
        find("status-step").textContent = f"step {step} / {num_steps}"
        words = f"loss {series.loss:.4f}" if series.known else "loss –"
        if series.known and series.chars_per_token > 1:
            words += " a token"
        if series.held_out:
            words += f" · held out {series.held_out[-1][1]:.4f}"
        if series.accuracy:
            words += f" · right {series.accuracy[-1][1]:.0%}"
        find("status-loss").textContent = words
        words = ""
        if step:
            pace = step / seconds if seconds else 0
            words = f"computed in {duration(seconds)}"
            if pace:
                rate = f"{int(pace):,}" if pace >= 10 else f"{pace:.1f}"
                words += f" · {rate} steps/s"
                left = (num_steps - step) / pace
                if state in (RUNNING, PAUSED) and left >= MIN_LEFT_SECONDS:
                    words += f" · {duration(left)} left"
        find("status-time").textContent = words
        bar = find("progress")
        bar.max = num_steps
        bar.value = step

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
        if window.matchMedia("(max-width: 799px)").matches:
            find("training").scrollIntoView()

    def show_error(self, text: str) -> None:
        """Show what went wrong with the run, or nothing any more."""
        notice("training-notice", text)

    def offer_restart(self, offer: bool, seconds: float) -> None:
        """Whether settings have changed since the run started, and how long the next would take."""
        find("next-time").textContent = duration(seconds)
        find("changed-notice").hidden = not offer

    def show_verdict(self, text: str) -> None:
        """Show how the run went, or what it will be about."""
        element = find("verdict")
        if element.textContent != text:  # or a screen reader would read it again
            element.textContent = text

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
        while rows.children.length > MAX_LIVE_ROWS:
            rows.lastElementChild.remove()

    def clear_live_samples(self) -> None:
        """Remove the lines of the run before."""
        clear(find("live"))
        find("live-empty").hidden = False
