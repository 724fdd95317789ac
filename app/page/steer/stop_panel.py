"""The rules that stop a run by themselves, each off until it is chosen."""

from app.page.aliases import JsProxy
from app.page.views.dom import find, listen, write_html
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

FIRST_TARGET = "2.0"
LOSS_RULE = "loss="
# Of each rule the id of its box, how the worker reads it, and what it is called.
RULES = (
    ("stop-loss", LOSS_RULE, "when the loss has come down to"),
    ("stop-plateau", "plateau", "when the loss falls no more"),
    ("stop-rising", "rising", "when the held-out loss has risen for a while"),
)
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
        write_html(place, panel_html(stops))
        listen(place, "change", self._change)

    def _change(self, _event: JsProxy) -> None:
        rules = []
        target = str(find("stop-target").value)
        wrong = not is_target(target)
        for name, rule, _ in RULES:
            if find(name).checked and not (rule == LOSS_RULE and wrong):
                rules.append(LOSS_RULE + target if rule == LOSS_RULE else rule)
        is_wrong = wrong and find("stop-loss").checked
        find("stop-error").textContent = WRONG_TARGET if is_wrong else ""
        find("stop-error").hidden = not is_wrong
        self._set_stops(rules)


def is_target(text: str) -> bool:
    """Whether a text is a loss that a run can come down to."""
    try:
        return 0 < float(text) < 1000
    except ValueError:
        return False


def panel_html(stops: list[str]) -> str:
    """The boxes as HTML; `stops`: the rules that are on."""
    targets = [rule[len(LOSS_RULE) :] for rule in stops if rule.startswith(LOSS_RULE)]
    rows = []
    for name, rule, words in RULES:
        is_on = bool(targets) if rule == LOSS_RULE else rule in stops
        row = (
            f'<label class="check"><input type="checkbox" id="{name}"{" checked" if is_on else ""}>'
            f" <span>{words}</span></label>"
        )
        if rule == LOSS_RULE:
            row += (
                '<input type="number" id="stop-target" aria-label="Loss to stop at" min="0.01" '
                f'max="10" step="0.01" value="{(targets or [FIRST_TARGET])[0]}">'
            )
        rows.append(f'<div class="stop-row">{row}</div>')
    error = '<p class="setting-error" id="stop-error" role="status" hidden></p>'
    return f'<p class="said">The run pauses and says why.</p>{"".join(rows)}{error}'
