"""Many samples at once, as they are being written."""

from app.page.aliases import Action
from app.page.views.dom import clear, find, make, make_mark, on_press
from app.shared.events import SampleEvent


class SamplesView:
    """The button and the list.

    Args:
        generate: called when the button is pressed.
    """

    def __init__(self, generate: Action) -> None:
        on_press("generate", generate)

    def make_room(self) -> None:
        """Make room for new samples."""
        self._empty()
        find("samples-empty").hidden = True

    def show(self, sample: SampleEvent) -> None:
        """Show a sample as far as it is written."""
        number, text, stop = sample["number"], sample["text"], sample["stop"]
        rows = find("samples")
        while rows.children.length < number:
            row = make("li")
            row.appendChild(make("span", "", "set"))
            rows.appendChild(row)
        row = rows.children[number - 1]
        words = row.firstElementChild
        words.textContent = text
        row.classList.toggle("writing", not stop)
        if stop and not text:
            words.textContent = "(nothing)"
            words.className = "set nothing"
        if stop == "context":
            row.appendChild(make("span", "…", "cut"))
        if sample["mark"]:
            row.appendChild(make_mark(sample["mark"]))
            find("samples-right").textContent = f"{sample['right']} of {number} right"

    def clear(self) -> None:
        """Remove all samples: the model has changed."""
        self._empty()
        find("samples-empty").hidden = False

    def _empty(self) -> None:
        clear(find("samples"))
        find("samples-right").textContent = ""
