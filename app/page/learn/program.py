"""A program: its run, what it prints, and its losses."""

import asyncio
import json

from pyscript import window
from pyscript.ffi import to_js

from app.page.curves import Curves, PastCurve, points_of
from app.page.data_source import DataSource, preset_source
from app.page.errors import guarded, spawn
from app.page.learn.editors import ProgramEditors
from app.page.learn.html import PLAIN_DATA
from app.page.learn.lessons import LESSONS
from app.page.learn.output import OutputView
from app.page.notices import data_title
from app.page.views.chart import Chart
from app.page.views.dom import OncePerFrame, find, listen, notice, on_press, set_text, write_html
from app.page.views.tiles import escape
from app.shared.learning import (
    PrintedEvent,
    ProgramEndedEvent,
    ProgramStartedEvent,
    RunProgramCommand,
    SilentEvent,
)
from app.shared.presets import DEFAULT_PRESET
from app.shared.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

ALL_STEPS = 1000  # that a program takes by itself
MAX_EARLIER = 5  # runs whose curves are kept
FIRST_GUESSING = 3.3  # among the characters of the US names and the end
STUCK_SECONDS = 8  # without a sign of the worker, while a program runs


class ProgramView:
    """What is shown and run of one program at a time.

    Args:
        source: returns the data of the playground, None before there are any.
    """

    def __init__(self, source: "Callable[[], DataSource | None]") -> None:
        self._source = source
        self._name = ""  # of the program that is shown, "" while there is none
        self._editors = ProgramEditors(self._run)
        self._steps = {name: lesson.steps for name, lesson in LESSONS.items()}
        self._number = 0  # of the newest run
        self._running = False
        self._stopped = False  # whether that is what is said
        self._ready = False  # whether the worker is
        self._silence = 0  # seconds since its last message
        self._curves: Curves | None = None
        self._past: list[PastCurve] = []
        self._data = DEFAULT_PRESET  # the name of the data
        self._output = OutputView(find("output"))
        self._chart = Chart(find("run-chart"), self._frame(ALL_STEPS, FIRST_GUESSING), [])
        self._draw = OncePerFrame(self._chart.draw)
        on_press("run", self._press_run)
        on_press("clear-runs", self._clear_earlier)
        listen(find("run-steps"), "change", lambda event: self._take_steps())
        listen(find("run-data"), "change", lambda event: self._take_data())
        themes = window.MutationObserver.new(guarded(lambda *_: self._chart.restyle()))
        root = window.document.documentElement
        themes.observe(root, to_js({"attributeFilter": ["data-theme"]}))
        self._say("Starting Python")

    def show(self, name: str) -> None:
        """Show a program, or none; one that runs is stopped."""
        if self._running:
            self._stop()
        self._stopped = False
        self._name = name
        self._editors.show(name)
        if not name:
            return
        self._fade()
        self._output.clear()
        notice("run-notice", "")
        find("run-steps").value = str(self._steps[name])
        self._offer_data()
        self._show_state()
        if self._ready:
            self._say(self._plan())
        self._chart.show(self._frame(self._steps[name], self._chart.frame[1]), None, self._past)

    def take(self, message: Any) -> None:
        """The worker says something."""
        kind = message["type"]
        self._silence = 0
        if kind == "boot":
            self._ready = False
            if not (self._running or self._stopped):
                self._say(f"Starting Python, {message['stage']} of {message['of']}")
        elif kind == "ready":
            self._ready = True
            if not (self._running or self._stopped):
                self._say(self._plan())
        elif self._running and message["number"] == self._number:
            handlers: dict[str, Any] = {
                "started": self._on_started,
                "printed": self._on_printed,
                "silent": self._on_silent,
                "ended": self._on_ended,
            }
            handlers[kind](message)

    def lose_worker(self, reason: str, goes_on: bool) -> None:
        """The worker has died; whether another is started."""
        self._ready = False
        self._end()
        then = "Python starts again, your program is kept" if goes_on else "Reload the page"
        notice("run-notice", f"{reason}. {then}.")
        self._say("")

    # ---- what the worker says --------------------------------------------------------------------

    def _on_started(self, message: ProgramStartedEvent) -> None:
        self._chart.set_guessing(message["guessing"])
        self._say("Running")

    def _on_printed(self, message: PrintedEvent) -> None:
        self._output.add(message["lines"], message["left_out"])
        self._editors.current.highlight(0)
        notice("run-notice", "")
        if not message["losses"] or self._curves is None:
            return
        self._curves.add(to_js(message["losses"]), to_js(message["smoothed"]), [], [], [])
        step, steps = self._curves.last_step, self._chart.frame[0]
        if step > steps:  # it goes on for longer than it was told
            steps = max(message["steps"], 2 * step)
            self._chart.show(self._frame(steps, self._chart.frame[1]), self._curves, self._past)
        self._draw.request()
        smoothed = message["smoothed"][-1]
        self._say(f"step {step:,} / {steps:,} · loss {smoothed:.2f}, smoothed")

    def _on_silent(self, message: SilentEvent) -> None:
        line = message["line"]
        self._editors.current.highlight(line)
        where = f", and it is in line {line}" if line else ""
        self._say_silent(message["seconds"], where)

    def _on_ended(self, message: ProgramEndedEvent) -> None:
        self._end()
        problem = message["problem"]
        notice("run-notice", problem)
        if message["traceback"]:
            self._output.add_traceback(message["traceback"])
        if message["line"]:
            self._editors.current.mark(message["line"], problem)
        seconds = f"{message['seconds']:.1f} s"
        self._say(f"Broken off after {seconds}" if problem else f"Done in {seconds}")

    # ---- what the user does ----------------------------------------------------------------------

    def _press_run(self) -> None:
        if self._running:
            self._stop()
        else:
            self._run()

    def _run(self) -> None:
        """Run the program as it is now."""
        if self._running:
            return
        self._take_steps()
        self._fade()
        self._number += 1
        self._running, self._stopped, self._silence = True, False, 0
        self._output.clear()
        self._editors.current.clearMark()
        notice("run-notice", "")
        steps = self._steps[self._name]
        self._curves = Curves()
        guessing = self._chart.frame[1]
        self._chart.show(self._frame(steps, guessing), self._curves, self._past)
        self._show_state()
        self._say("Running" if self._ready else "It runs as soon as Python is up")
        spawn(self._send(self._number, steps))
        spawn(self._watch(self._number))

    def _stop(self) -> None:
        """Break the run off, whatever it is doing: another worker takes the place of this one."""
        self._end()
        self._stopped = True
        self._number += 1
        step = self._curves.last_step if self._curves is not None else 0
        notice("run-notice", "")
        self._ready = False
        window.microgpt.restartLearning()
        self._say(f"Stopped after step {step:,}" if step else "Stopped")

    def _take_steps(self) -> None:
        """As many steps as the field says, if it says a number."""
        field = find("run-steps")
        if field.validity.valid and field.value:
            self._steps[self._name] = int(field.value)
        field.value = str(self._steps[self._name])
        if self._ready and not self._running:
            self._say(self._plan())

    def _take_data(self) -> None:
        self._data = find("run-data").value

    def _clear_earlier(self) -> None:
        self._past = []
        self._chart.show(self._chart.frame, self._curves, [])

    # ----------------------------------------------------------------------------------------------

    async def _send(self, number: int, steps: int) -> None:
        """Fetch the data, and have the worker run the program on them."""
        source = self._chosen()
        try:
            content = await source.fetch()
        except Exception as error:
            window.console.warn(str(error))
            self._end()
            notice("run-notice", source.missing)
            return
        if number != self._number or not self._running:
            return  # it was stopped meanwhile
        command = RunProgramCommand(
            type="run",
            number=number,
            name=f"train{self._name}.py",
            steps=steps,
            own=source.name != DEFAULT_PRESET,
        )
        self._editors.current.run(json.dumps(command), content)

    async def _watch(self, number: int) -> None:
        """Say so where nothing is heard of the worker: it is caught in one operation."""
        while self._running and number == self._number:
            await asyncio.sleep(1)
            self._silence += 1
            if self._running and self._ready and self._silence >= STUCK_SECONDS:
                self._say_silent(self._silence, "")

    def _say_silent(self, seconds: float, where: str) -> None:
        notice(
            "run-notice",
            f"Nothing has been printed for {seconds:.0f} seconds{where}: if that is an endless "
            "loop, press Stop.",
        )

    def _chosen(self) -> DataSource:
        """The data that are chosen, if they are still there."""
        source = self._source()
        if self._data != DEFAULT_PRESET and source is not None and source.name == self._data:
            return source
        return preset_source(DEFAULT_PRESET)

    def _offer_data(self) -> None:
        """The US names, and what the playground has, where it is lines of text."""
        source = self._source()
        options = [(DEFAULT_PRESET, PLAIN_DATA)]
        others = source is not None and source.name != DEFAULT_PRESET
        if source is not None and others and not (source.has_files or source.is_empty):
            options.append((source.name, f"the playground's: {data_title(source.name)}"))
        if self._data not in [name for name, _ in options]:
            self._data = DEFAULT_PRESET
        html = [
            f'<option value="{name}"{" selected" if name == self._data else ""}>'
            f"{escape(title)}</option>"
            for name, title in options
        ]
        write_html(find("run-data"), "".join(html))
        find("run-data-field").hidden = len(options) == 1

    def _end(self) -> None:
        """Nothing runs any more."""
        self._running = False
        self._show_state()

    def _fade(self) -> None:
        """The curve of the newest run becomes one of the earlier ones."""
        if self._curves is not None and self._curves.last_step:
            unit = self._chart.frame[3]
            curve = PastCurve(unit, points_of(self._curves.smooth), [])
            self._past = [curve] + self._past[: MAX_EARLIER - 1]
        self._curves = None

    def _frame(self, steps: int, guessing: float) -> "Any":
        return (steps, guessing, False, ((self._data, 0, ""), ()))

    def _plan(self) -> str:
        """What Run will do."""
        steps = self._steps[self._name] if self._name else 0
        if not steps:
            return ""
        if steps >= ALL_STEPS:
            return f"Ready: runs {steps:,} steps"
        seconds = ", in some 10 seconds" if steps == LESSONS[self._name].steps else ""
        return f"Ready: runs {steps:,} of {ALL_STEPS:,} steps{seconds}"

    def _show_state(self) -> None:
        button = find("run")
        set_text(button, "Stop" if self._running else "Run")
        button.classList.toggle("going", self._running)

    def _say(self, words: str) -> None:
        set_text(find("run-status"), words)
