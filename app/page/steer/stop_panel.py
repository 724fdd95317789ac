"""The rules that stop a run by themselves, each off until it is chosen."""

from app.page.aliases import JsProxy
from app.page.steer.stop_panel_html import LOSS_RULE, STOP_BOXES, is_target, stop_panel_html
from app.page.views.dom import find, listen, write_html
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

WRONG_TARGET = "The loss to stop at must be a number above 0."


class StopPanel:
    """The boxes.

    Args:
        set_stops: called with the rules that are chosen.
        stops: those that are on.
    """

    def __init__(self, set_stops: "Callable[[list[str]], None]", stops: list[str]) -> None:
        self._set_stops = set_stops
        place = find("stops-body")
        write_html(place, stop_panel_html(stops))
        listen(place, "change", self._change)

    def _change(self, _event: JsProxy) -> None:
        rules = []
        target = str(find("stop-target").value)
        wrong = not is_target(target)
        for name, rule, _ in STOP_BOXES:
            if find(name).checked and not (rule == LOSS_RULE and wrong):
                rules.append(LOSS_RULE + target if rule == LOSS_RULE else rule)
        is_wrong = wrong and find("stop-loss").checked
        find("stop-error").textContent = WRONG_TARGET if is_wrong else ""
        find("stop-error").hidden = not is_wrong
        self._set_stops(rules)
