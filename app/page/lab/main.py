"""The entry of the Lab: which experiment is open, what is drawn of it, and what the user does."""

import json

from pyscript import window
from pyscript.ffi import create_proxy, to_js
from pyscript.js_modules import uplot

from app.page.aliases import Action, JsProxy
from app.page.errors import guarded
from app.page.lab.experiment_run import ExperimentRun
from app.page.lab.experiments import LabExperiment, open_experiment
from app.page.lab.guessing import Guessing
from app.page.lab.lab_html import OWN_NAME, lab_html
from app.page.lab.opening import open_run
from app.page.lab.own_form import OwnForm
from app.page.lab.picture import parts_of, picture_of
from app.page.lab.table_html import point_words, ranks_html, table_html
from app.page.series import duration
from app.page.states import DONE, IDLE, PAUSED, RUNNING, STARTING
from app.page.views.dom import (
    HtmlPlace,
    OncePerFrame,
    find,
    listen,
    mark_current,
    notice,
    on_press,
    pressed_link,
    set_text,
    write_html,
    write_text,
)
from app.page.workplace import Workplace
from app.shared.events import ErrorEvent, LabDataEvent, SweepFileEvent, SweptEvent
from microgpt.lab.ready import BY_STEP, DOTS, LINES, MAP, RANKS
from microgpt.setting import SettingError

RUN_WORDS = {
    IDLE: "Run",
    STARTING: "Pause",
    RUNNING: "Pause",
    PAUSED: "Go on",
    DONE: "Go on",
}
RUN_AGAIN = "Run again"


class LabView:
    """The place, once it is fetched.

    Args:
        workplace: what experiments train on, and where their runs are opened.
        go: called when the experiment of the address is another.
    """

    def __init__(self, workplace: Workplace, go: Action) -> None:
        self._work, self._go = workplace, go
        write_html(find("lab-place"), lab_html())
        self._experiment: LabExperiment | None = None
        self._shown: str | None = None  # the text of the address that is shown
        self._problem = ""  # of that text
        self._kind = LINES
        self._pointed = ""  # the name of a point
        self._run = ExperimentRun(workplace, self._run_changed)
        self._guessing = Guessing(self._run)
        self._form = OwnForm(workplace.experiment, workplace.own, self._open_text)
        self._table, self._ranks = HtmlPlace(find("lab-table")), HtmlPlace(find("lab-ranks"))
        self._redraw = OncePerFrame(self._draw)
        self._point_proxy = create_proxy(guarded(self._point))
        self._press_proxy = create_proxy(guarded(self._open_point))
        listen(find("experiments"), "click", self._press_link)
        on_press("lab-run", self._press_run)
        on_press("lab-stop", self._run.stop)
        on_press("lab-forget", self._run.forget)
        on_press("lab-open", lambda: self._open_point(self._pointed))
        listen(find("lab-kinds"), "click", self._press_kind)
        listen(find("lab-picture"), "click", self._press_save)
        listen(find("lab-table"), "click", self._press_row)
        listen(find("lab-numbers"), "toggle", lambda event: self._redraw.request())

    def show(self) -> None:
        """Show the experiment that the address names."""
        text = self._work.experiment.lab
        if text == self._shown:
            return
        self._shown = text
        try:
            experiment = open_experiment(text)
        except SettingError as error:
            self._problem = f"The address names no experiment: {error}"
            experiment = open_experiment("")
        else:
            self._problem = ""
        self._open(experiment)

    # ---- what the worker says --------------------------------------------------------------------

    def on_data_ready(self, message: LabDataEvent) -> None:
        self._run.on_data_ready(message)

    def on_swept(self, message: SweptEvent) -> None:
        self._run.on_swept(message)

    def on_file(self, message: SweepFileEvent) -> None:
        assert self._experiment is not None
        name = f"{self._experiment.title} {self._experiment.measure.title}"
        name = "-".join("".join([c if c.isalpha() else " " for c in name]).split())
        window.microgpt.download(f"{name}.{message['kind']}", message["blob"])

    def on_error(self, message: ErrorEvent) -> None:
        self._run.fail(message["message"])

    def worker_died(self) -> None:
        self._run.worker_died()

    # ---- which one is open -----------------------------------------------------------------------

    def _open(self, experiment: LabExperiment) -> None:
        before, self._experiment = self._experiment, experiment
        self._kind, self._pointed = experiment.picture, ""
        write_text("lab-readout", "")
        find("lab-open").hidden = True
        write_text("lab-title", experiment.title)
        write_text("lab-meaning", experiment.meaning)
        further = experiment.further(0)
        words = f"All runs: {further}. " if further else ""
        words += f"After {experiment.source}." if experiment.source else ""
        write_text("lab-source", words.strip())
        find("sweep").hidden = experiment.ready is not None
        find("lab-picture").dataset.title = experiment.title
        if experiment.ready is None:
            self._form.show(experiment.sweeps[0])
        self._mark_link(experiment)
        same_runs = before is not None and before.key == experiment.key
        if same_runs:
            self._run.measure_changed(experiment)
        else:
            self._run.open(experiment)
        self._show_kinds()
        self._guessing.open(experiment)
        self._run_changed()

    def _mark_link(self, experiment: LabExperiment) -> None:
        name = experiment.ready.name if experiment.ready is not None else OWN_NAME
        link = mark_current(find("experiments"), "data-experiment", name)
        # On a phone the list is a row that scrolls.
        link.scrollIntoView(to_js({"block": "nearest", "inline": "center"}))

    def _open_text(self, text: str) -> None:
        """The user wants this experiment."""
        self._work.experiment.lab = text
        self._go()

    def _press_link(self, event: JsProxy) -> None:
        link = pressed_link(event)
        if link is not None:
            name = str(link.dataset.experiment)
            self._open_text(self._form.first_text() if name == OWN_NAME else name)

    # ---- what is shown ---------------------------------------------------------------------------

    def _run_changed(self) -> None:
        self._show_bar()
        self._redraw.request()

    def _show_bar(self) -> None:
        run, experiment = self._run, self._experiment
        if experiment is None:
            return
        told, state = run.told, run.state
        finished = told.of > 0 and told.done >= told.of
        button = find("lab-run")
        set_text(button, RUN_AGAIN if state == DONE and finished else RUN_WORDS[state])
        find("lab-stop").disabled = state not in (RUNNING, PAUSED)
        find("lab-forget").disabled = not told.done or state == RUNNING
        find("lab-progress").max = max(1, told.of or experiment.num_runs)
        find("lab-progress").value = told.done
        write_text("lab-done", f"{told.done:,} of {experiment.num_runs:,} runs")
        write_text("lab-left", self._left_words())
        notice("lab-problem", self._problem or run.problem or told.failure)
        for saver in list(find("lab-picture").querySelectorAll("[data-lab-save]")):
            saver.disabled = not told.done

    def _left_words(self) -> str:
        run = self._run
        told, state = run.told, run.state
        if state == STARTING:
            up = self._work.link.up
            return "begins in a moment" if up else "begins as soon as Python is up"
        if state == RUNNING:
            return f"{duration(told.seconds_left)} left" if told.seconds_left >= 0 else ""
        if state == PAUSED:
            return "paused"
        if state == DONE:
            words = f"{duration(told.seconds)} of computing" if told.seconds else ""
            return words if told.done >= told.of else "stopped"
        return ""

    def _draw(self) -> None:
        experiment, told = self._experiment, self._run.told
        if experiment is None:
            return
        ranks = self._kind == RANKS
        find("lab-figure").hidden, find("lab-ranks").hidden = ranks, not ranks
        if ranks:
            self._ranks.write(ranks_html(told.finding["ranks"]) if told.finding else "")
        else:
            picture = picture_of(experiment, told, self._kind)
            window.microgpt.drawLab(
                uplot,
                find("lab-figure"),
                json.dumps(picture),
                self._point_proxy,
                self._press_proxy,
            )
        find("lab-empty").hidden = bool(told.done)
        write_text("lab-caption", self._caption())
        write_text("lab-finding", told.finding["sentence"] if told.finding is not None else "")
        self._guessing.show(told.finding["answer"] if told.finding is not None else "")
        if find("lab-numbers").open:
            self._table.write(table_html(experiment, told))

    def _caption(self) -> str:
        experiment = self._experiment
        assert experiment is not None
        words, axes = f"{experiment.measure.title}.", experiment.sweeps[0].axes
        if self._kind == RANKS:
            return (
                "How each document changes the chance of the text, with twice the standard error; "
                "what is pale is within the noise."
            )
        if self._kind == BY_STEP:
            words = "In the test, by step; dashed: on lines that it learns from."
        elif self._kind == LINES and len(axes) > 1:
            words += f" A line for each value of {axes[1].label}."
        if experiment.seeds > 1 and self._kind != DOTS:
            words += f" The median of {experiment.seeds} runs"
            words += "." if self._kind == MAP else ", and where 4 in 5 lie."
        return words

    def _show_kinds(self) -> None:
        assert self._experiment is not None
        sweeps, picture = self._experiment.sweeps, self._experiment.picture
        able = len(sweeps) == 1 and len(sweeps[0].axes) == 2 and picture in (LINES, MAP)
        find("lab-kinds").hidden = not able
        for button in list(find("lab-kinds").querySelectorAll("button")):
            pressed = button.dataset.kind == self._kind
            button.setAttribute("aria-pressed", "true" if pressed else "false")

    # ---- what the user does ----------------------------------------------------------------------

    def _press_run(self) -> None:
        told = self._run.told
        if self._run.state in (RUNNING, STARTING):
            self._run.pause()
        else:
            if self._run.state == DONE and told.done >= told.of:
                self._run.forget()
            self._run.go()

    def _press_kind(self, event: JsProxy) -> None:
        button = event.target.closest("button")
        if button is not None:
            self._kind = str(button.dataset.kind)
            self._show_kinds()
            self._redraw.request()

    def _press_save(self, event: JsProxy) -> None:
        button = event.target.closest("[data-lab-save]")
        if button is not None:
            self._run.save(str(button.getAttribute("data-lab-save")))

    def _press_row(self, event: JsProxy) -> None:
        button = event.target.closest("[data-opens]")
        if button is not None:
            self._open_point(str(button.dataset.opens))

    def _point(self, name: str) -> None:
        """The user points at this point, "" for none; the last one stays."""
        if not name:
            return
        experiment = self._experiment
        self._pointed = name
        sweep, place, more = parts_of(name)
        point = self._run.told.points.get((sweep, place))
        if experiment is None or point is None:
            return
        seed = more if self._kind == DOTS else None
        write_text("lab-readout", point_words(experiment, point, seed))
        find("lab-open").hidden = False

    def _open_point(self, name: str) -> None:
        """Open a run in the playground: of the first seed, where a point has several."""
        experiment = self._experiment
        if experiment is None or not name:
            return
        sweep, place, more = parts_of(name)
        seed = more if self._kind == DOTS else experiment.first_seed(sweep)
        open_run(self._work, experiment, sweep, place, seed)
        window.scrollTo(0, 0)
