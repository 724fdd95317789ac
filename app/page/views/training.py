"""The training bar, the status line, the live samples and the verdict."""

from pyscript import window

from app.page.engines import NOT_COMPILED, meaning, name
from app.page.series import Series, duration
from app.page.types import Act
from app.page.views.dom import clear, find, make, make_mark, notice, on_press

LIVE_ROWS = 15
SHORT = 1  # second of computing, which needs no announcement
PRIMARY = {  # what the main button does in each state of the run
    "idle": "Train",
    "running": "Pause",
    "paused": "Resume",
    "done": "Train",
}


class TrainingView:
    """Buttons and readouts.

    Args:
        handlers: functions by the id of their button: train, step, start-over, restart.
    """

    def __init__(self, handlers: dict[str, Act]) -> None:
        for button, handler in handlers.items():
            on_press(button, handler)

    def show_state(self, state: str, paused: bool) -> None:
        """Name and enable the buttons as the state of the run wants it."""
        if state == "starting":
            state = "paused" if paused else "running"
        find("train").textContent = PRIMARY[state]
        find("train").classList.toggle("going", PRIMARY[state] == "Pause")
        find("step").disabled = state in ("starting", "running")
        find("start-over").disabled = state == "idle"
        find("status").classList.toggle("running", state == "running")

    def show_progress(
        self,
        step: int,
        series: Series,
        seconds: float,
        state: str,
    ) -> None:
        """Fill the status line: `step` steps were done in so many seconds of computing."""
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
                if state in ("running", "paused") and left >= SHORT:
                    words += f" · {duration(left)} left"
        find("status-time").textContent = words
        bar = find("progress")
        bar.max = num_steps
        bar.value = step

    def show_engine(self, engine: str, precision: str, fell_back: bool) -> None:
        """Which engine computes; `fell_back` if it is not the one that was asked for."""
        find("engine-name").textContent = name(engine, precision)
        find("engine-meaning").textContent = meaning(engine, precision)
        notice("engine-notice", NOT_COMPILED if fell_back else "")

    def show_chart(self) -> None:
        """Bring the chart into sight where the page is one long column."""
        if window.matchMedia("(max-width: 799px)").matches:
            find("training").scrollIntoView()

    def say(self, text: str) -> None:
        """What is being waited for, in place of the times."""
        find("status-time").textContent = text

    def complain(self, text: str) -> None:
        """What went wrong with the run, or nothing any more."""
        notice("training-notice", text)

    def offer_restart(self, offer: bool, seconds: float) -> None:
        """Whether settings have changed under a run, and how long the next would take."""
        find("next-time").textContent = duration(seconds)
        find("changed-notice").hidden = not offer

    def verdict(self, text: str) -> None:
        """How the run went, or what it will be about; what is said anew is not said twice."""
        element = find("verdict")
        if element.textContent != text:
            element.textContent = text

    def add_live(self, step: int, text: str, stop: str, mark: str) -> None:
        """A line that the model wrote while learning; the newest stands on top.

        Args:
            step, text, stop, mark: as in `events.live_sample`.
        """
        rows = find("live")
        if not rows.children.length:
            find("live-empty").hidden = True
        row = make("li")
        row.appendChild(make("span", f"{step:,}", "when"))
        words = make("span", text or "(nothing)", "set" if text else "set nothing")
        row.appendChild(words)
        if stop == "context":
            row.appendChild(make("span", "…", "cut"))
        if mark:
            row.appendChild(make_mark(mark))
        rows.insertBefore(row, rows.firstChild)
        while rows.children.length > LIVE_ROWS:
            rows.lastElementChild.remove()

    def clear_live(self) -> None:
        """Forget the lines of the run before."""
        clear(find("live"))
        find("live-empty").hidden = False
