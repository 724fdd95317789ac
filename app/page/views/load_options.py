"""How the user's own text is loaded: its options as widgets, and what was found."""

from app.page.aliases import Action, JsProxy
from app.page.data_source import OWN_OPTIONS, LoadOptions
from app.page.views.controls import Controls
from app.page.views.dom import clear, find, listen, make, write_html
from app.page.views.statistics_html import ink_html
from app.shared.experiment import OWN
from app.shared.statistics import ColumnInfo, LoadInfo

ENCODING_LABELS = dict(next(row for row in OWN_OPTIONS if row.name == "encoding").choices)
WIDGETS = [row for row in OWN_OPTIONS if row.name != "column"]  # its choices come with the files


class LoadOptionsView:
    """The details below the user's own text.

    Args:
        options: holds the values; changed by the widgets.
        changed: called after each change.
    """

    def __init__(self, options: LoadOptions, changed: Action) -> None:
        self._options = options
        self._changed = changed
        self._controls = Controls(
            WIDGETS, options, changed=lambda name: self._change(), finished=lambda name: None
        )
        listen(find("column"), "change", lambda event: self._choose_column(event.target.value))

    def show(self) -> None:
        """Set every widget to its option's value."""
        self._controls.show()
        self._show_replacement()

    def show_for(self, name: str) -> None:
        """Show the details for the user's own text, and hide them for presets."""
        find("load-options").hidden = name != OWN

    def show_info(self, info: LoadInfo) -> None:
        """Show what was found in the files."""
        find("encoding-found").textContent = self._encodings(info["encodings"])
        self._show_columns(info["columns"], info["column"])
        write_html(find("rare-tiles"), ink_html(info["rare"]))
        count = info["num_rare"]
        words = f"{count:,} character{' is' if count == 1 else 's are'} rare."
        find("rare-found").textContent = words if count else "No character is rare."

    def show_nothing(self) -> None:
        """There are no files to find anything in."""
        find("encoding-found").textContent = find("rare-found").textContent = ""
        find("rare-tiles").innerHTML = ""
        self._show_columns([], "")

    def _choose_column(self, column: str) -> None:
        self._options.values["column"] = column
        self._changed()

    def _change(self) -> None:
        self._show_replacement()
        self._changed()

    def _show_replacement(self) -> None:
        """The replacement of rare characters matters only where they are replaced."""
        row = find("rare_with").closest(".setting")
        row.hidden = self._options.values["rare"] != "replace"

    def _encodings(self, found: list[tuple[str, str, bool]]) -> str:
        """Which encodings the files are in."""
        if self._options.values["encoding"] != "auto":
            return ""
        names = []
        for _, encoding, guessed in found:
            name = ENCODING_LABELS[encoding] + (", a guess" if guessed else "")
            if name not in names:
                names.append(name)
        return f"Found: {'; '.join(names)}" if names else ""

    def _show_columns(self, columns: list[ColumnInfo], chosen: str) -> None:
        find("columns").hidden = not columns
        widget: JsProxy = find("column")
        clear(widget)
        for column in columns:
            option = make("option", f"{column['name']} ({column['filled']:,} filled)")
            option.value = column["name"]
            option.selected = column["name"] == chosen
            widget.appendChild(option)
            if column["name"] == chosen:
                examples = " · ".join(column["examples"])
                find("column-examples").textContent = f"As in: {examples}" if examples else ""
