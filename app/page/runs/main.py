"""The entry of the panel with runs side by side: the table, and what is done with its runs."""

from pyscript.ffi import to_js

from app.page.aliases import Action, JsProxy
from app.page.curves import points_of
from app.page.errors import spawn
from app.page.inside.focus import write_around_focus
from app.page.past_run import PastRun
from app.page.past_runs import MAX_PINNED
from app.page.runs.columns import NAME, colours_of, columns_of, ordered
from app.page.runs.comparison import Comparison
from app.page.runs.saving_table import save_table
from app.page.runs.showing import show_again
from app.page.runs.table_html import RUNS_HTML, head_html, options_html, rows_html
from app.page.views.dom import OncePerFrame, find, listen, write_html
from app.page.workplace import Workplace
from app.shared.events import GlimpsedEvent

FRESH = "Train longer begins a run of its own with its weights."
PINNED_ENOUGH = f"{MAX_PINNED} runs are pinned: unpin one first."


class RunsPanel:
    """The contents of the panel, once they are fetched.

    Args:
        workplace: what runs are shown again in.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._work, self._past = workplace, workplace.run.past
        self._by, self._descending = "", False  # the order of the table
        self._colour_by = ""
        self._chosen: list[str] = []  # keys, in the order in which they were chosen
        self._runs: list[PastRun] = []  # as they are listed
        self._columns: list[str] = []
        self._undo: Action | None = None
        self._body = find("runs-body")
        write_html(self._body, RUNS_HTML)
        self._comparison = Comparison(workplace, find("comparison"))
        self._redraw = OncePerFrame(self._draw)
        listen(self._body, "click", self._press)
        listen(self._body, "change", self._take_change)
        listen(find("runs-naming"), "submit", self._name)
        for event in ("pointerover", "focusin"):
            listen(find("runs-rows"), event, self._point)
        listen(find("runs-rows"), "pointerleave", lambda event: self._past.emphasise([]))

    def show(self) -> None:
        """Show what there is now."""
        self._draw()

    def refresh(self) -> None:
        """There are others, or something else is to be said of them."""
        self._redraw.request()

    def text_changed(self) -> None:
        """The text that is being written may be another."""
        self._comparison.refresh()

    def on_glimpsed(self, message: GlimpsedEvent) -> None:
        """The worker says what a model makes of the text."""
        self._comparison.on_glimpsed(message)

    # ---- what is shown ---------------------------------------------------------------------------

    def _draw(self) -> None:
        current = self._past.current()
        runs = self._past.others()
        record = self._work.run.current
        if current is not None and record is not None:
            current.name = self._past.current_name
            current.curve = points_of(record.curves.smooth)
            runs = [current] + runs
        keys = [run.key for run in runs]
        self._chosen = [key for key in self._chosen if key in keys]
        self._columns = columns_of(runs)
        if self._by not in self._columns + [NAME]:
            self._by = ""
        if self._colour_by not in self._columns:
            self._colour_by = ""
        colours = colours_of([run for run in runs if run.key], self._colour_by)
        self._runs = ordered(runs, self._by, self._descending)
        write_around_focus(
            find("runs-head"),
            head_html(self._columns, runs, self._by, self._descending),
            "spot",
        )
        write_around_focus(
            find("runs-rows"), rows_html(self._columns, self._runs, colours, self._chosen), "spot"
        )
        write_html(find("runs-colour"), options_html(self._columns, self._colour_by))
        self._past.colour(colours)
        self._show_buttons()
        self._comparison.update(self._runs)

    def _show_buttons(self) -> None:
        past = self._chosen_runs()
        self._button("compare").disabled = len(self._chosen) != 2
        self._button("rename").disabled = len(past) != 1
        for act in ("hide", "pin", "delete"):
            self._button(act).disabled = not past
        hides = any(not run.hidden for run in past) or not past
        pins = any(not run.pinned for run in past) or not past
        self._button("hide").textContent = "Hide" if hides else "Show in the chart"
        self._button("pin").textContent = "Pin" if pins else "Unpin"

    def _button(self, act: str) -> JsProxy:
        return self._body.querySelector(f'[data-act="{act}"]')

    def _chosen_runs(self) -> list[PastRun]:
        """The past runs among the chosen ones."""
        return [run for run in self._runs if run.key and run.key in self._chosen]

    def _say(self, words: str, undo: Action | None = None) -> None:
        find("runs-said").firstElementChild.textContent = words
        find("runs-said").hidden = not words
        self._button("undo").hidden = undo is None
        self._undo = undo

    # ---- what the user does ----------------------------------------------------------------------

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("button")
        if button is None:
            return
        column, act = button.getAttribute("data-sort"), button.getAttribute("data-act")
        if column is not None:
            self._sort(str(column))
        elif button.hasAttribute("data-show"):
            run = self._past.find(str(button.closest("tr").dataset.key))
            if run is not None:
                spawn(self._show_again(run))
        elif act is not None:
            self._act(str(act))

    def _act(self, act: str) -> None:
        runs = self._chosen_runs()
        self._say("") if act != "undo" else None
        if act == "compare":
            chosen = [run for key in self._chosen for run in self._runs if run.key == key]
            self._comparison.open(chosen[0], chosen[1])
        elif act == "hide":
            hides = any(not run.hidden for run in runs)
            for run in runs:
                self._past.change(run, "hidden", hides)
        elif act == "pin":
            self._pin(runs)
        elif act == "rename":
            find("runs-title").value = runs[0].title
            find("runs-naming").hidden = False
            find("runs-title").select()
        elif act == "cancel":
            find("runs-naming").hidden = True
        elif act == "delete":
            self._delete(runs)
        elif act == "undo" and self._undo is not None:
            undo = self._undo
            self._say("")
            undo()
        elif act in ("csv", "json"):
            spawn(save_table(self._runs, self._columns, act))

    def _pin(self, runs: list[PastRun]) -> None:
        pins = any(not run.pinned for run in runs)
        pinned = [run for run in self._past.all if run.pinned or run in runs]
        if pins and len(pinned) > MAX_PINNED:
            self._say(PINNED_ENOUGH)
            return
        for run in runs:
            self._past.change(run, "pinned", pins)

    def _delete(self, runs: list[PastRun]) -> None:
        def put_back() -> None:
            for run in runs:
                self._past.put_back(run)

        for run in runs:
            self._past.delete(run)
        what = (
            f"‘{runs[0].title}’ is deleted." if len(runs) == 1 else f"{len(runs)} runs are deleted."
        )
        self._say(what, put_back)

    def _name(self, event: JsProxy) -> None:
        event.preventDefault()
        find("runs-naming").hidden = True
        for run in self._chosen_runs()[:1]:
            title = str(find("runs-title").value).strip()
            # The name that it has by itself follows what differs.
            self._past.change(run, "title", "" if title == run.name else title)
        self._button("rename").focus()

    def _sort(self, column: str) -> None:
        """In the order of a column, then in the other direction, then as they came."""
        if self._by != column:
            self._by, self._descending = column, False
        elif not self._descending:
            self._descending = True
        else:
            self._by, self._descending = "", False
        self._draw()

    def _take_change(self, event: JsProxy) -> None:
        target = event.target
        if target.id == "runs-colour":
            self._colour_by = str(target.value)
            self._draw()
        elif target.type == "checkbox":
            key = str(target.closest("tr").dataset.key)
            self._chosen = [each for each in self._chosen if each != key]
            if target.checked:
                self._chosen.append(key)
            self._show_buttons()

    def _point(self, event: JsProxy) -> None:
        row = event.target.closest("tr")
        if row is not None:
            self._past.emphasise([str(row.dataset.key)])

    async def _show_again(self, run: PastRun) -> None:
        title = run.title
        self._say(await show_again(self._work, run) or f"‘{title}’ is here again. {FRESH}")
        find("chart").scrollIntoView(to_js({"block": "nearest"}))
