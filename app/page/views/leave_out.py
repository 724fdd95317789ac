"""The field for what is left out of the data."""

import asyncio

from app.page.aliases import Action, TakeText
from app.page.errors import spawn
from app.page.views.dom import find, listen
from app.shared.experiment import LEAVE_OUT
from microgpt.patterns import plain
from microgpt.settings import SettingError

TYPING_PAUSE_SECONDS = 0.2  # without another character, after which what is typed counts


class LeaveOutView:
    """The field; the patterns count once there is a pause in typing.

    Args:
        change: called with patterns, as `microgpt.patterns.plain` writes them, that are others.
        changed: called after that.
        show_error: called with a sentence on what is wrong with what is typed, "" for nothing.
    """

    def __init__(self, change: TakeText, changed: Action, show_error: TakeText) -> None:
        self._change, self._changed, self._show_error = change, changed, show_error
        self._patterns = ""  # as they are
        self._edits = 0  # in the field
        self._field = find(LEAVE_OUT)
        listen(self._field, "input", lambda event: spawn(self._take_later()))
        listen(self._field, "change", lambda event: self._take(True))

    def show(self, patterns: str) -> None:
        """Show the patterns as they are; what is typed and means the same stays as it is."""
        self._patterns = patterns
        if self._typed() != patterns:
            self._field.value = patterns
        self._mark(False)

    def refuse(self, patterns: str) -> None:
        """The patterns are these again; what was typed stays to be mended."""
        self._patterns = patterns
        self._mark(True)

    async def _take_later(self) -> None:
        self._edits += 1
        number = self._edits
        await asyncio.sleep(TYPING_PAUSE_SECONDS)
        if number == self._edits:
            self._take(False)

    def _take(self, whole: bool) -> None:
        """Take over what is typed; `whole`: whether nothing more is to come."""
        self._edits += 1
        try:
            patterns = plain(self._field.value)
        except SettingError as error:
            if whole:  # else it may become valid in a moment
                self._mark(True)
                self._show_error(str(error))
            return
        if self._field.hasAttribute("aria-invalid"):
            self._mark(False)
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

    def _mark(self, wrong: bool) -> None:
        """Mark what is typed as wrong, or as right again."""
        if wrong:
            self._field.setAttribute("aria-invalid", "true")
        else:
            self._field.removeAttribute("aria-invalid")
