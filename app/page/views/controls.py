"""The widgets of the settings; each has the id of its setting."""

from app.page.aliases import TakeText
from app.page.data_source import LoadOptions
from app.page.views.dom import find, listen, notice, write_text
from app.shared.experiment import (
    Experiment,
    nearest_place,
    nearest_stop,
    slider_position,
    slider_value,
)
from microgpt.settings import Setting, SettingError


class Controls:
    """The widgets of some settings.

    Args:
        rows: the settings; those without a widget are left out.
        values: holds the values; changed by the widgets.
        changed: called with the name of a setting after each change, many times while its slider
            is dragged.
        finished: called with the name of a setting once the user has let go of its widget.
    """

    def __init__(
        self,
        rows: list[Setting],
        values: Experiment | LoadOptions,
        changed: TakeText,
        finished: TakeText,
    ) -> None:
        self._values = values
        self._changed = changed
        self._finished = finished
        self._rows = [row for row in rows if find(row.name) is not None]
        for row in self._rows:
            self._listen(row)

    def show(self, names: list[str] | None = None) -> None:
        """Set the widgets of these settings, or all of them, to their values."""
        for row in self._rows:
            if names is None or row.name in names:
                self._show(row)
                self._show_error(row, "")

    def _listen(self, row: Setting) -> None:
        widget = find(row.name)
        if row.choices or widget.type == "number":
            # Half a number is another number: it counts once it is complete.
            listen(widget, "change", lambda event: self._take_whole(row))
        else:
            listen(widget, "input", lambda event: self._take(row))
            listen(widget, "change", lambda event: self._finished(row.name))
        if widget.type == "number":
            listen(widget, "input", lambda event: self._show_error(row, ""))
            listen(widget, "blur", lambda event: self._show(row))

    def _take_whole(self, row: Setting) -> None:
        if self._take(row):
            self._finished(row.name)

    def _take(self, row: Setting) -> bool:
        """Take over what the widget says; returns whether that is valid."""
        text, before = find(row.name).value, self._values.values[row.name]
        try:
            if row.even_stops:
                text = str(row.stops[int(text)])
            elif row.stops:
                text = str(nearest_stop(row.stops, float(text), float(before)))
            elif row.beyond:
                text = str(int(slider_value(row, float(text), float(before))))
            self._values.set(row.name, text)
            self._values.check(row.name)
        except SettingError as error:
            self._values.values[row.name] = before
            if row.stops or row.span:
                self._show(row)
            self._show_error(row, f"{error} It stays {before}.")
            return False
        self._show_error(row, "")
        self._show(row)
        self._changed(row.name)
        return True

    def _show(self, row: Setting) -> None:
        widget, value = find(row.name), self._values.values[row.name]
        if row.even_stops:
            shown = str(nearest_place(row.stops, float(value)))
        else:
            shown = str(slider_position(row, int(value)) if row.beyond else value)
        if widget.value != shown:  # in a text field that would move the caret
            widget.value = shown
        widget.removeAttribute("aria-invalid")
        if find(f"{row.name}-value") is not None:
            words = row.words(value)
            write_text(f"{row.name}-value", words)
            widget.setAttribute("aria-valuetext", words)
        if widget.type == "range":
            low, high = float(widget.min), float(widget.max)
            part = (float(widget.value) - low) / (high - low)
            widget.style.setProperty("--part", f"{100 * part:.1f}%")

    def _show_error(self, row: Setting, text: str) -> None:
        """Show below the widget what is wrong with what was entered, or nothing any more."""
        if find(f"{row.name}-error") is None:
            return  # it cannot be wrong
        notice(f"{row.name}-error", text)
        if text:
            find(row.name).setAttribute("aria-invalid", "true")
        else:
            find(row.name).removeAttribute("aria-invalid")
