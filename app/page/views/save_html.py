"""The buttons that save what is shown, as HTML.

Plain Python that MicroPython understands.
"""

PICTURE_KINDS = ("svg", "png")
TABLE_KINDS = ("csv", "json")


def save_html(what: str, of: str = "") -> str:
    """A quiet button for each kind of picture.

    Args:
        what: that is saved, as in a sentence: "the chart".
        of: the id of its element, where the buttons do not stand in it.
    """
    where = f' data-of="{of}"' if of else ""
    return (
        f'<span class="save unpictured" role="toolbar" aria-label="Save {what}"{where}>'
        f"{save_buttons(what)}</span>"
    )


def save_buttons(what: str, tables: bool = False) -> str:
    """The same without the toolbar around them; behind them a place for a sentence where one fails.

    tables: whether its numbers can be saved, too.
    """
    buttons = [_button(kind, what) for kind in PICTURE_KINDS]
    if tables:  # of a run, until there is one
        buttons += [
            _button(kind, "the losses", f' id="save-{kind}" disabled') for kind in TABLE_KINDS
        ]
    return "".join(buttons) + '<span class="save-said" role="status"></span>'


def _button(kind: str, what: str, more: str = "") -> str:
    shown = kind.upper()
    return (
        f'<button type="button" class="link" data-save="{kind}" '
        f'aria-label="Save {what} as {shown}"{more}>{shown}</button>'
    )
