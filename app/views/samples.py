"""Many samples at once, as they are being written."""

from app.types import Act
from app.views.dom import clear, find, make, on_press


class SamplesView:
    """The button and the list.

    Args:
        generate: called when the button is pressed.
    """

    def __init__(self, generate: Act) -> None:
        on_press("generate", generate)

    def begin(self) -> None:
        """Make room for new samples."""
        clear(find("samples"))
        find("samples-empty").hidden = True

    def show(self, number: int, text: str, stop: str) -> None:
        """Sample `number`, counted from 1, as far as it is written."""
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

    def forget(self) -> None:
        """The model has changed: its samples go."""
        clear(find("samples"))
        find("samples-empty").hidden = False
