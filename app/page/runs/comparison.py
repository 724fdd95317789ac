"""Two runs side by side: settings, curves, what their models write, and the bars at one moment."""

from pyscript import window

from app.page.aliases import JsProxy
from app.page.errors import spawn
from app.page.past_run import PastRun
from app.page.runs.comparison_html import bars_html, comparison_html, samples_html
from app.page.views.dom import find, listen, set_text, write_html
from app.page.workplace import Workplace
from app.shared.commands import GlimpseCommand
from app.shared.events import GlimpsedEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    Pair = tuple[PastRun, PastRun]

NUM_SAMPLES = 6  # that each of the models writes, with the same random numbers
COMPARED_SEED = 7
NO_MODEL_OF_RUN = "There is no model of this run."


class Comparison:
    """The two runs that are compared, while any are.

    Args:
        workplace: has the text, and the current model.
        section: where they are shown.
    """

    def __init__(self, workplace: Workplace, section: JsProxy) -> None:
        self._work, self._section = workplace, section
        self._pair: Pair | None = None
        self._written: dict[str, list[str]] = {}  # what each model has written, by key
        self._bars: dict[str, GlimpsedEvent] = {}  # the newest answer of each
        self._number = 0  # of the newest question
        self._asked: list[str] = []  # keys that are still to be answered
        self._worker = 0  # that was asked
        self._waits = False  # whether the moment is another by now
        self._step = 0  # of the current run, when it was asked
        listen(section, "click", self._press)

    def open(self, one: PastRun, other: PastRun) -> None:
        """Compare these two."""
        self._pair, self._written, self._bars, self._asked = (one, other), {}, {}, []
        write_html(self._section, comparison_html(one, other))
        self._section.hidden = False
        self._ask()

    def close(self) -> None:
        """Compare none."""
        self._pair = None
        self._section.hidden = True

    def update(self, runs: list[PastRun]) -> None:
        """These are the runs that there are now, newly described."""
        if self._pair is None:
            return
        found = [run for each in self._pair for run in runs if run.key == each.key]
        if len(found) < 2:
            self.close()
            return
        self._pair = found[0], found[1]
        record = self._work.run.current
        if record is not None and "" in (found[0].key, found[1].key) and record.step != self._step:
            self._written = {}
            write_html(self._section, comparison_html(found[0], found[1]))
            self.refresh()
            self._show()

    def refresh(self) -> None:
        """The moment may be another: ask anew, once what was asked is answered."""
        if self._pair is None:
            return
        if self._asked and self._worker == self._work.link.worker_number:
            self._waits = True
        else:
            self._ask()

    def on_glimpsed(self, message: GlimpsedEvent) -> None:
        """The worker says what one of the models makes of the text."""
        if self._pair is None or message["number"] != self._number:
            return
        key = message["key"]
        self._bars[key] = message
        if message["samples"]:
            self._written[key] = message["samples"]
        self._asked = [each for each in self._asked if each != key]
        if self._asked:
            return
        self._show()
        if self._waits:
            self._ask()

    # ----------------------------------------------------------------------------------------------

    def _press(self, event: JsProxy) -> None:
        if event.target.closest("[data-close]") is not None:
            self.close()

    def _ask(self) -> None:
        """Ask both models about the text before the caret."""
        assert self._pair is not None
        self._number += 1
        self._waits, self._worker = False, self._work.link.worker_number
        record = self._work.run.current
        self._step = record.step if record is not None else 0
        self._asked = [run.key for run in self._pair if not run.key or run.has_model]
        text = self._work.generation.document.text_before_caret
        for run in self._pair:
            if run.key in self._asked:
                spawn(self._send(run, self._number, text))

    async def _send(self, run: PastRun, number: int, text: str) -> None:
        command = GlimpseCommand(
            type="glimpse",
            number=number,
            key=run.key,
            text=text,
            count=0 if run.key in self._written else NUM_SAMPLES,
            seed=COMPARED_SEED,
        )
        if run.key:
            keeping = await window.microgpt.loadPastRuns()
            model = keeping.modelOf(run.content, run.about["weights"])
            command["blob"] = window.Uint8Array.new(await model.arrayBuffer())
        self._work.link.send(command, give=bool(run.key))

    def _show(self) -> None:
        """Show what the models write, and the bars."""
        if self._pair is None:
            return
        text = self._work.generation.document.text_before_caret
        words = f"What comes after “{text}”" if text else "How a text begins"
        set_text(find("compared-moment"), words)
        problems = [
            self._bars[run.key]["problem"] if run.key in self._bars else NO_MODEL_OF_RUN
            for run in self._pair
        ]
        upcoming = [
            self._bars[run.key]["upcoming"] if run.key in self._bars else [] for run in self._pair
        ]
        write_html(find("compared-bars"), bars_html(upcoming[0], upcoming[1], problems))
        for place, run in enumerate(self._pair):
            written = self._written.get(run.key, [])
            write_html(find(f"compared-samples-{place}"), samples_html(written))
