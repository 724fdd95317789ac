"""Many samples at once, as they are being written."""

import asyncio

from pyscript import window

from app.page.aliases import Action, TakeFlag
from app.page.errors import spawn
from app.page.views.dom import clear, find, listen, make, make_mark, on_press
from app.page.views.lines import make_line, set_line
from app.shared.events import SampleEvent

SAMPLES_COPIED_SECONDS = 2  # for which the button says that they are


class SamplesView:
    """The buttons and the list.

    Args:
        generate: called when the button is pressed.
        begin_with: called with whether samples are to begin with the text.
    """

    def __init__(self, generate: Action, begin_with: TakeFlag) -> None:
        self._first_samples = str(find("samples").innerHTML)
        on_press("generate", generate)
        on_press("copy-samples", lambda: spawn(self._copy()))
        on_press("download-samples", self._download)
        listen(find("begin-with"), "change", lambda event: begin_with(event.target.checked))

    def show_prefix(self, text: str, begins: bool) -> None:
        """Show with which text samples begin, or could."""
        box = find("begin-with")
        words = box.nextElementSibling
        box.checked, box.disabled = begins, not text
        shown = f"Begin each with “{text}”" if text else "Begin each with the text"
        if words.textContent != shown:
            words.textContent = shown

    def make_room(self) -> None:
        """Make room for new samples."""
        self._empty()
        find("samples-empty").hidden = True

    def show(self, sample: SampleEvent) -> None:
        """Show a sample as far as it is written."""
        number, stop = sample["number"], sample["stop"]
        rows = find("samples")
        while rows.children.length < number:
            row = make("li")
            row.appendChild(make_line(""))
            rows.appendChild(row)
            self._enable(True)
        row = rows.children[number - 1]
        set_line(row.firstElementChild, sample["text"], bool(stop))
        row.classList.toggle("writing", not stop)
        if stop == "context":
            row.appendChild(make("span", "…", "cut"))
        if sample["mark"]:
            row.appendChild(make_mark(sample["mark"]))
            find("samples-right").textContent = f"{sample['right']} of {number} right"

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
        find("samples-right").textContent = ""
        self._enable(False)

    def _enable(self, any_there: bool) -> None:
        find("copy-samples").disabled = find("download-samples").disabled = not any_there

    def _text(self) -> str:
        """All samples, one a line."""
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
