"""The buttons that save what is shown, as HTML.

Plain Python that MicroPython understands.
"""

PICTURE_KINDS = ("svg", "png")
TABLE_KINDS = ("csv", "json")


def save_html(what: str, of: str = "", tables: bool = False) -> str:
    """A quiet button for each kind of file, and a place for a sentence where one cannot be made.

    Args:
        what: that is saved, as in a sentence: "the chart".
        of: the id of its element, where the buttons do not stand in it.
        tables: whether its numbers can be saved, too.
    """
    buttons = [_button(kind, what) for kind in PICTURE_KINDS]
    if tables:  # of a run, until there is one
        buttons += [
            _button(kind, "the losses", f' id="save-{kind}" disabled') for kind in TABLE_KINDS
        ]
    where = f' data-of="{of}"' if of else ""
    return (
        f'<span class="save unpictured" role="toolbar" aria-label="Save {what}"{where}>'
        f"{''.join(buttons)}"
        '<span class="save-said" role="status"></span></span>'
    )


def _button(kind: str, what: str, more: str = "") -> str:
    shown = kind.upper()
    return (
        f'<button type="button" class="link" data-save="{kind}" '
        f'aria-label="Save {what} as {shown}"{more}>{shown}</button>'
    )
