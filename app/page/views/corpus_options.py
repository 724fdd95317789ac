"""How the person's own text is read: the widgets of the table's group DATA, and what was found.

It knows nothing of what the settings bring about.
"""

from app.page.data_source import ReadSettings
from app.page.types import Act, JsProxy, Message
from app.page.views.controls import Controls
from app.page.views.dom import clear, find, listen, make
from app.page.views.statistics_html import ink_html
from app.shared.experiment import OWN
from microgpt.settings import DATA

ENCODINGS = dict(next(row for row in DATA if row.name == "encoding").choices)
WIDGETS = [row for row in DATA if row.name != "column"]  # its choices come with the files


class ReadView:
    """The details below the person's own text.

    Args:
        settings: holds the values; changed by the widgets.
        changed: called after each change.
    """

    def __init__(self, settings: ReadSettings, changed: Act) -> None:
        self._settings = settings
        self._changed = changed
        self._controls = Controls(WIDGETS, settings, lambda name: self._change())
        listen(find("column"), "change", lambda event: self._choose(event.target.value))

    def show(self) -> None:
        """Set every widget to its setting's value."""
        self._controls.show()
        self._show_rare_with()

    def show_for(self, name: str) -> None:
        """Show the details for a text of one's own, and hide them for others."""
        find("read").hidden = name != OWN

    def describe(self, reading: Message) -> None:
        """Show what was found in the files, from a `events.described` message."""
        find("encoding-said").textContent = self._encodings(reading["encodings"])
        self._show_columns(reading["columns"], reading["column"])
        find("rare-tiles").innerHTML = ink_html(reading["rare"])
        few = reading["num_rare"]
        words = f"{few:,} character{' is' if few == 1 else 's are'} rare."
        find("rare-said").textContent = words if few else "No character is rare."

    def show_nothing(self) -> None:
        """There are no files to find anything in."""
        find("encoding-said").textContent = find("rare-said").textContent = ""
        find("rare-tiles").innerHTML = ""
        self._show_columns([], "")

    def _choose(self, column: str) -> None:
        self._settings.values["column"] = column
        self._changed()

    def _change(self) -> None:
        self._show_rare_with()
        self._changed()

    def _show_rare_with(self) -> None:
        """What rare characters become matters only where they are replaced."""
        row = find("rare_with").closest(".setting")
        row.hidden = self._settings.values["rare"] != "replace"

    def _encodings(self, found: list[list[object]]) -> str:
        """Which encodings the files are in."""
        if self._settings.values["encoding"] != "auto":
            return ""
        said = []
        for _, encoding, guessed in found:
            words = ENCODINGS[str(encoding)] + (", a guess" if guessed else "")
            if words not in said:
                said.append(words)
        return f"Found: {'; '.join(said)}" if said else ""

    def _show_columns(self, columns: list[Message], taken: str) -> None:
        find("columns").hidden = not columns
        widget: JsProxy = find("column")
        clear(widget)
        for column in columns:
            option = make("option", f"{column['name']} ({column['filled']:,} filled)")
            option.value = column["name"]
            option.selected = column["name"] == taken
            widget.appendChild(option)
            if column["name"] == taken:
                examples = " · ".join(column["examples"])
                find("column-examples").textContent = f"As in: {examples}" if examples else ""
