"""What a program has printed, as it comes: lines about steps take each other's place."""

from app.page.aliases import JsProxy
from app.page.views.dom import clear, make

MAX_KEPT_LINES = 400  # that are kept


class OutputView:
    """The list of lines.

    Args:
        element: its place, which scrolls.
    """

    def __init__(self, element: JsProxy) -> None:
        self._element = element
        self._count = 0
        self._is_step = False  # whether the last line is about a step

    def clear(self) -> None:
        """Nothing has been printed."""
        clear(self._element)
        self._count, self._is_step = 0, False

    def add(self, lines: "list[tuple[bool, str]]", left_out: int) -> None:
        """Show more lines: whether each is about a step, and its text."""
        if left_out:
            self._append(f"… {left_out:,} lines are left out …", "left-out")
        for is_step, text in lines:
            if is_step and self._is_step:
                self._element.lastElementChild.textContent = text
            else:
                self._append(text, "")
            self._is_step = is_step
        self._scroll()

    def add_traceback(self, text: str) -> None:
        """Show where the program broke off, as Python says it."""
        self._append(text, "traceback")
        self._is_step = False
        self._scroll()

    def _append(self, text: str, kind: str) -> None:
        self._element.appendChild(make("div", text, kind))
        self._count += 1
        if self._count > MAX_KEPT_LINES:
            self._element.firstElementChild.remove()
            self._count -= 1

    def _scroll(self) -> None:
        self._element.scrollTop = self._element.scrollHeight
