"""Many samples at once, as they are being written."""

from app.page.types import Act, Message
from app.page.views.dom import clear, find, make, make_mark, on_press


class SamplesView:
    """The button and the list.

    Args:
        generate: called when the button is pressed.
    """

    def __init__(self, generate: Act) -> None:
        on_press("generate", generate)

    def begin(self) -> None:
        """Make room for new samples."""
        self._clear()
        find("samples-empty").hidden = True

    def show(self, message: Message) -> None:
        """A sample as far as it is written, from a `events.generated` message."""
        number, text, stop = message["number"], message["text"], message["stop"]
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
        if message["mark"]:
            row.appendChild(make_mark(message["mark"]))
            find("samples-right").textContent = f"{message['right']} of {number} right"

    def forget(self) -> None:
        """The model has changed: its samples go."""
        self._clear()
        find("samples-empty").hidden = False

    def _clear(self) -> None:
        clear(find("samples"))
        find("samples-right").textContent = ""
