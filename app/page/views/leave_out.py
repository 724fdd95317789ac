"""The field for what is left out of the data, and how much that is."""

import asyncio

from app.page.aliases import Action, TakeText
from app.page.errors import spawn
from app.page.views.dom import find, listen, notice, write_text
from app.shared.experiment import LEAVE_OUT
from app.shared.statistics import LoadInfo
from microgpt.patterns import plain
from microgpt.settings import SettingError

TYPING_SECONDS = 0.2  # without another character, after which what is typed counts


class LeaveOutView:
    """The field; the patterns count once there is a pause in typing.

    Args:
        change: called with patterns, as `microgpt.patterns.plain` writes them, that are others.
        changed: called after that.
    """

    def __init__(self, change: TakeText, changed: Action) -> None:
        self._change, self._changed = change, changed
        self._patterns = ""  # as they are
        self._edits = 0  # in the field
        self._field = find(LEAVE_OUT)
        listen(self._field, "input", lambda event: spawn(self._take_later()))
        listen(self._field, "change", lambda event: self._take())
        listen(self._field, "blur", lambda event: self.show(self._patterns))

    def show(self, patterns: str) -> None:
        """Show the patterns as they are; what is typed and means the same stays as it is."""
        self._patterns = patterns
        if self._typed() != patterns:
            self._field.value = patterns
        self._show_error("")

    def refuse(self, patterns: str, words: str) -> None:
        """The patterns are these again; what was typed stays to be mended. `words`: why."""
        self._patterns = patterns
        self._show_error(words)

    def show_count(self, info: LoadInfo) -> None:
        """Show how many documents are left out."""
        counts = f"{info['left_out']:,} of {info['read']:,}" if self._patterns else ""
        write_text(f"{LEAVE_OUT}-value", counts)

    async def _take_later(self) -> None:
        self._edits += 1
        number = self._edits
        await asyncio.sleep(TYPING_SECONDS)
        if number == self._edits:
            self._take()

    def _take(self) -> None:
        """Take over what is typed."""
        self._edits += 1
        try:
            patterns = plain(self._field.value)
        except SettingError as error:
            self._show_error(str(error))
            return
        self._show_error("")
        if patterns != self._patterns:
            self._patterns = patterns
            self._change(patterns)
            self._changed()

    def _typed(self) -> str | None:
        """What the field says, None where that is not valid."""
        try:
            return plain(self._field.value)
        except SettingError:
            return None

    def _show_error(self, words: str) -> None:
        notice(f"{LEAVE_OUT}-error", words)
        if words:
            self._field.setAttribute("aria-invalid", "true")
        else:
            self._field.removeAttribute("aria-invalid")
