"""The two fields of an axis: what varies, and its values."""

from app.page.aliases import Action, JsProxy
from app.page.views.dom import find, listen, make
from microgpt.lab.axis import OFFERED, Axis, parse_axis


class AxisFields:
    """The fields with a number; the second axis may vary nothing.

    Args:
        number: from 0 on.
    """

    def __init__(self, number: int) -> None:
        self._setting, self._values = find(f"sweep-axis-{number}"), find(f"sweep-values-{number}")

    def listen(self, changed: Action) -> None:
        """Call `changed` when another setting is chosen, whose values are offered then."""

        def choose(event: JsProxy) -> None:
            event.stopPropagation()
            self._offer()
            changed()

        listen(self._setting, "change", choose)

    def show(self, axis: Axis | None) -> None:
        """Show this axis."""
        names, _, values = axis.text().partition("=") if axis is not None else ("", "", "")
        if not any(option.value == names for option in list(self._setting.options)):
            option = make("option", axis.label if axis is not None else names)
            option.value = names
            self._setting.appendChild(option)  # settings that vary together
        self._setting.value = names
        if str(self._values.value) != values:
            self._values.value = values
        self._values.disabled = not names

    def read(self) -> Axis | None:
        """The axis that the fields say. Raises `SettingError` if they say none."""
        name = str(self._setting.value)
        return parse_axis(f"{name}={self._values.value}") if name else None

    def _offer(self) -> None:
        name = str(self._setting.value)
        offered = [text for text in OFFERED if text.startswith(f"{name}=")]
        self._values.value = offered[0].partition("=")[2] if offered and name else ""
        self._values.disabled = not name
