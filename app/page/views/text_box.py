"""The text box that lies over the row of tiles: what is typed in it, and where its selection is.

It is a real text box, so that screen readers, input methods and clipboards work with it; the tiles
are its letters, and it becomes visible only while an input method is at work. Offsets count code
points; a selection runs from its anchor to the caret.
"""

from pyscript import document

from app.page.aliases import Action, JsProxy, TakeEdit, TakeSelection
from app.page.text_edit import difference, to_code_points, to_units
from app.page.views.dom import find, listen


class TextBox:
    """The text box.

    Args:
        actions: functions by name: `undo`, `redo`, `enter`; and for the end of a text, which has no
            character: `left` and `right` move the caret over it, `back` removes it.
        edited: called with an edit: start, end, what was typed there.
        selected: called with a selection that the user has made.
    """

    def __init__(
        self, actions: dict[str, Action], edited: TakeEdit, selected: TakeSelection
    ) -> None:
        self._actions, self._edited, self._selected = actions, edited, selected
        self._text, self._selection = "", (0, 0)
        self._at_end, self._behind_end = False, False
        self._composing = False
        self._area = find("text")
        listen(self._area, "input", lambda event: self._take_text())
        listen(self._area, "beforeinput", self._before_input)
        listen(self._area, "keydown", self._press_key)
        listen(self._area, "compositionstart", lambda event: self._compose(True))
        listen(self._area, "compositionend", lambda event: self._compose(False))
        listen(self._area, "focus", lambda event: self._take_focus())
        listen(document, "selectionchange", lambda event: self._take_selection())

    def show(self, text: str, anchor: int, caret: int, at_end: bool, behind_end: bool) -> None:
        """Show this text and selection.

        at_end, behind_end: whether the caret stands right in front of the end of a text, or right
        behind it.
        """
        self._at_end, self._behind_end = at_end, behind_end
        shown = (self._text, self._selection)
        self._text, self._selection = text, (anchor, caret)
        if self._composing or (shown == (text, (anchor, caret)) and self._area.value == text):
            return  # the user may have selected something of which no event has told yet
        if self._area.value != text:
            self._area.value = text
        if document.activeElement == self._area:
            self._put_selection()

    def focus(self) -> None:
        """Give it the focus."""
        self._area.focus()

    def _take_focus(self) -> None:
        """Put the caret where it is to be, unless all was selected with the focus."""
        if self._area.selectionStart == self._area.selectionEnd:
            self._put_selection()
        else:
            self._take_selection()

    def _put_selection(self) -> None:
        """Select what is selected; not without the focus, which Safari would give to it."""
        anchor, caret = [to_units(self._text, offset) for offset in self._selection]
        area = self._area
        wanted = (min(anchor, caret), max(anchor, caret))
        if (area.selectionStart, area.selectionEnd) != wanted:
            direction = "backward" if caret < anchor else "forward"
            area.setSelectionRange(wanted[0], wanted[1], direction)

    def _take_text(self) -> None:
        if self._composing:
            return
        new = self._area.value
        if new != self._text:
            caret = to_code_points(new, self._area.selectionEnd)
            start, end, typed = difference(self._text, new, caret)
            self._edited(start, end, typed)

    def _take_selection(self) -> None:
        area = self._area
        if self._composing or document.activeElement != area or area.value != self._text:
            return
        first = to_code_points(self._text, area.selectionStart)
        last = to_code_points(self._text, area.selectionEnd)
        anchor, caret = (last, first) if area.selectionDirection == "backward" else (first, last)
        if (anchor, caret) != self._selection:
            self._selected(anchor, caret)

    def _compose(self, begins: bool) -> None:
        """An input method begins to compose a text, or has composed it."""
        self._composing = begins
        find("text-row").classList.toggle("composing", begins)
        if not begins:
            self._take_text()

    def _before_input(self, event: JsProxy) -> None:
        kind = event.inputType
        if kind == "historyUndo":
            self._act(event, "undo")
        elif kind == "historyRedo":
            self._act(event, "redo")
        elif kind == "insertLineBreak":
            self._act(event, "enter")
        elif kind == "deleteContentBackward" and self._behind_end:
            self._act(event, "back")

    def _press_key(self, event: JsProxy) -> None:
        if self._composing or event.altKey:
            return
        key = event.key
        if event.ctrlKey or event.metaKey:
            if key in ("z", "Z"):
                self._act(event, "redo" if event.shiftKey else "undo")
            elif key == "y":
                self._act(event, "redo")
        elif event.shiftKey:
            return
        elif self._behind_end and key in ("ArrowLeft", "Backspace"):
            self._act(event, "left" if key == "ArrowLeft" else "back")
        elif self._at_end and key in ("ArrowRight", "End"):
            self._act(event, "right")

    def _act(self, event: JsProxy, action: str) -> None:
        event.preventDefault()
        self._actions[action]()
