"""Many samples at once, as they are being written."""

from app.views.dom import clear, find, listen, make


class SamplesView:
    """The button and the list.

    Args:
        generate: called when the button is pressed.
    """

    def __init__(self, generate):
        listen(find("generate"), "click", lambda event: generate())

    def begin(self):
        """Make room for new samples."""
        clear(find("samples"))
        find("samples-empty").hidden = True

    def show(self, number, text, stop):
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

    def forget(self):
        """The model has changed: its samples go."""
        clear(find("samples"))
        find("samples-empty").hidden = False
