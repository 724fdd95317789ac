"""Many samples at once, as they are being written."""

import asyncio

from pyscript import window

from app.page.aliases import Action, JsProxy, TakeFlag
from app.page.errors import spawn
from app.page.sample_list import SampleList, sample_html
from app.page.views.dom import clear, find, listen, make, on_press, set_text
from app.page.views.lines import make_line
from app.shared.events import SamplesEvent

SAMPLES_COPIED_SECONDS = 2  # for which the button says that they are


class SamplesView:
    """The buttons and the list.

    Args:
        generate: called when the button is pressed.
        begin_with: called with whether samples are to begin with the text.
    """

    def __init__(self, generate: Action, begin_with: TakeFlag) -> None:
        self._first_samples = str(find("samples").innerHTML)
        self._list = SampleList()
        self._writing: JsProxy = None  # the item of the sample that is being written
        self._stale = False  # whether a sample that is drawn was written once more since
        self._sorted = False
        on_press("generate", generate)
        on_press("copy-samples", lambda: spawn(self._copy()))
        on_press("download-samples", self._download)
        listen(find("begin-with"), "change", lambda event: begin_with(event.target.checked))
        listen(find("sort-samples"), "change", self._sort)

    def show_prefix(self, text: str, begins: bool) -> None:
        """Show with which text samples begin, or could."""
        box = find("begin-with")
        words = box.nextElementSibling
        box.checked, box.disabled = begins, not text
        shown = f"Begin each with “{text}”" if text else "Begin each with the text"
        set_text(words, shown)

    def make_room(self) -> None:
        """Make room for new samples."""
        self._empty()
        find("samples-empty").hidden = True

    def show(self, message: SamplesEvent) -> None:
        """Show samples that are finished, and the one behind them as far as it is written."""
        if self._writing is not None:
            self._writing.remove()
            self._writing = None
        items, repeated = [], False
        for row in message["rows"]:
            sample = self._list.add(row)
            repeated = repeated or sample is None
            if sample is not None:
                items.append(sample_html(sample))
        rows = find("samples")
        complete = message["first"] + len(message["rows"]) > message["of"]
        self._stale = self._stale or repeated
        if complete and (self._stale or self._sorted):
            self._draw()
        elif items:
            rows.insertAdjacentHTML("beforeend", "".join(items))
        if message["writing"]:
            self._writing = make("li", "", "writing")
            self._writing.appendChild(make_line(message["writing"]))
            rows.appendChild(self._writing)
        count = message["first"] + len(message["rows"]) - 1
        if message["rows"] and message["rows"][-1]["mark"]:
            find("samples-right").textContent = f"{message['right']:,} of {count:,} right"
        find("samples-words").textContent = self._list.words()
        self._enable(bool(self._list.samples))

    def clear(self) -> None:
        """Remove all samples: the model has changed."""
        self._empty()
        find("samples-empty").hidden = False

    def show_first(self) -> None:
        """Show again what the model that comes with the page had written when it was made."""
        self._empty()
        find("samples").innerHTML = self._first_samples
        find("samples-empty").hidden = True
        self._enable(True)

    def _empty(self) -> None:
        clear(find("samples"))
        self._list, self._writing, self._stale = SampleList(), None, False
        find("samples-right").textContent = find("samples-words").textContent = ""
        self._enable(False)

    def _enable(self, any_there: bool) -> None:
        find("copy-samples").disabled = find("download-samples").disabled = not any_there

    def _sort(self, event: JsProxy) -> None:
        self._sorted = bool(event.target.checked)
        find("samples").classList.toggle("sorted", self._sorted)
        if self._list.samples:
            self._draw()

    def _draw(self) -> None:
        """Draw the whole list anew."""
        self._stale = False
        items = [sample_html(sample) for sample in self._list.ordered(self._sorted)]
        find("samples").innerHTML = "".join(items)
        if self._writing is not None:
            find("samples").appendChild(self._writing)

    def _text(self) -> str:
        """All samples, one a line."""
        if self._list.samples:
            return self._list.lines(self._sorted)
        return "".join([line.value + "\n" for line in find("samples").querySelectorAll(".line")])

    async def _copy(self) -> None:
        button = find("copy-samples")
        try:
            await window.navigator.clipboard.writeText(self._text())
            button.textContent = "Copied"
        except Exception:  # the browser forbids it, or has no clipboard
            button.textContent = "Not allowed"
        await asyncio.sleep(SAMPLES_COPIED_SECONDS)
        button.textContent = "Copy"

    def _download(self) -> None:
        window.microgpt.download("samples.txt", self._text())
