"""On a phone, where the rail is folded: the two buttons that open its parts."""

from app.page.views.dom import find, listen

PARTS = {"data-chip": ("data",), "model-chip": ("model", "settings")}


class FoldsView:
    """Opens one part of the rail at a time; on wider screens all are open."""

    def __init__(self) -> None:
        for chip in PARTS:
            listen(find(chip), "click", lambda event: self._toggle(event.currentTarget.id))

    def _toggle(self, pressed: str) -> None:
        opened = find(pressed).getAttribute("aria-expanded") != "true"
        for chip, parts in PARTS.items():
            shown = opened and chip == pressed
            find(chip).setAttribute("aria-expanded", "true" if shown else "false")
            for part in parts:
                find(part).classList.toggle("open", shown)
