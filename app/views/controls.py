"""The widgets of the settings: what is chosen in them, and what they say.

Each widget has the id of its setting; sliders with few stops snap to these. The view knows nothing
of what a setting brings about.
"""

from app.experiment import nearest_stop
from app.views.dom import find, listen
from microgpt.settings import SETTINGS, SettingError, check_heads


class Controls:
    """All widgets of the page's settings.

    Args:
        experiment: holds the values; changed by the widgets.
        changed: called with the name of a setting after each change.
    """

    def __init__(self, experiment, changed):
        self.experiment = experiment
        self.changed = changed
        self.rows = [row for row in SETTINGS if find(row.name) is not None]
        for row in self.rows:
            event = "change" if row.choices else "input"
            listen(find(row.name), event, self._handler(row))

    def show(self):
        """Set every widget to its setting's value."""
        for row in self.rows:
            self._show(row)

    def _handler(self, row):
        def handle(event):
            self._take(row, event.target.value)

        return handle

    def _take(self, row, text):
        before = self.experiment.values[row.name]
        try:
            if row.even_stops:
                value = row.stops[int(text)]
            elif row.stops:
                value = nearest_stop(row.stops, row.parse(text), before)
            else:
                value = row.parse(text)
            self.experiment.set(row.name, str(value))
            if row.name in ("n_embd", "n_head"):
                shape = self.experiment.shape()
                check_heads(shape["n_embd"], shape["n_head"])
        except SettingError as error:
            self.experiment.values[row.name] = before
            self._complain(row, str(error))
            if row.stops or row.span:
                self._show(row)
            return
        self._complain(row, "")
        if row.stops or row.span:
            self._show(row)
        self.changed(row.name)

    def _show(self, row):
        widget, value = find(row.name), self.experiment.values[row.name]
        widget.value = str(row.stops.index(value)) if row.even_stops else str(value)
        output = find(row.name + "-value")
        if output is not None:
            output.textContent = row.words(value)
            widget.setAttribute("aria-valuetext", row.words(value))
        if widget.type == "range":
            part = (float(widget.value) - float(widget.min)) / (
                float(widget.max) - float(widget.min)
            )
            widget.style.setProperty("--part", str(part))

    def _complain(self, row, text):
        """Say below the widget what is wrong with it, or its usual help."""
        words = find(row.name + "-help")
        if words is None:
            return
        words.textContent = text or row.help
        words.classList.toggle("wrong", bool(text))
        if text:
            find(row.name).setAttribute("aria-invalid", "true")
        else:
            find(row.name).removeAttribute("aria-invalid")

    def complain(self, name, text):
        """Show a complaint that came from elsewhere at the widget of the setting `name`."""
        for row in self.rows:
            if row.name == name:
                self._complain(row, text)
