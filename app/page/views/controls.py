"""The widgets of the settings; each has the id of its setting."""

from app.page.aliases import JsProxy, TakeEvent, TakeText
from app.page.data_source import LoadOptions
from app.page.views.dom import find, listen
from app.shared.experiment import Experiment, nearest_stop
from microgpt.settings import Setting, SettingError


class Controls:
    """The widgets of some settings.

    Args:
        rows: the settings; those without a widget are left out.
        values: holds the values; changed by the widgets.
        changed: called with the name of a setting after each change.
    """

    def __init__(
        self, rows: list[Setting], values: Experiment | LoadOptions, changed: TakeText
    ) -> None:
        self._values = values
        self._changed = changed
        self._rows = [row for row in rows if find(row.name) is not None]
        for row in self._rows:
            event = "change" if row.choices else "input"
            listen(find(row.name), event, self._handler(row))

    def show(self) -> None:
        """Set every widget to its setting's value."""
        for row in self._rows:
            self._show(row)

    def _handler(self, row: Setting) -> TakeEvent:
        def handle(event: JsProxy) -> None:
            self._take(row, event.target.value)

        return handle

    def _take(self, row: Setting, text: str) -> None:
        before = self._values.values[row.name]
        try:
            if row.even_stops:
                text = str(row.stops[int(text)])
            elif row.stops:
                text = str(nearest_stop(row.stops, float(text), float(before)))
            self._values.set(row.name, text)
            self._values.check(row.name)
        except SettingError as error:
            self._values.values[row.name] = before
            self._show_help(row, str(error))
            if row.stops or row.span:
                self._show(row)
            return
        self._show_help(row, "")
        if row.stops or row.span:
            self._show(row)
        self._changed(row.name)

    def _show(self, row: Setting) -> None:
        widget, value = find(row.name), self._values.values[row.name]
        widget.value = str(row.stops.index(float(value)) if row.even_stops else value)
        output = find(f"{row.name}-value")
        if output is not None:
            output.textContent = row.words(value)
            widget.setAttribute("aria-valuetext", row.words(value))
        if widget.type == "range":
            low, high = float(widget.min), float(widget.max)
            part = (float(widget.value) - low) / (high - low)
            widget.style.setProperty("--part", f"{100 * part:.1f}%")

    def _show_help(self, row: Setting, error: str) -> None:
        """Show below the widget what is wrong with its value, or its usual help."""
        words = find(f"{row.name}-help")
        if words is None:
            return
        words.textContent = error or row.help
        words.classList.toggle("wrong", bool(error))
        if error:
            find(row.name).setAttribute("aria-invalid", "true")
        else:
            find(row.name).removeAttribute("aria-invalid")
