"""The boxes of the rules that stop a run, as HTML.

Plain Python that MicroPython understands.
"""

FIRST_TARGET = "2.0"
LOSS_RULE = "loss="
# Of each rule the id of its box, how the worker reads it, and what it is called.
STOP_BOXES = (
    ("stop-loss", LOSS_RULE, "when the loss has come down to"),
    ("stop-plateau", "plateau", "when the loss falls no more"),
    ("stop-rising", "rising", "when the held-out loss has risen for a while"),
)


def is_target(text: str) -> bool:
    """Whether a text is a loss that a run can come down to."""
    try:
        return 0 < float(text) < 1000
    except ValueError:
        return False


def stop_panel_html(stops: list[str]) -> str:
    """The boxes as HTML; `stops`: the rules that are on."""
    targets = [rule[len(LOSS_RULE) :] for rule in stops if rule.startswith(LOSS_RULE)]
    rows = []
    for name, rule, words in STOP_BOXES:
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
