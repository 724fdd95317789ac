"""The editors of the programs, one at a time in sight, and what stands above them."""

import json

from pyscript import window

from app.page.aliases import Action, JsProxy
from app.page.errors import guarded
from app.page.learn.lessons import LESSONS
from app.page.views.dom import find, listen, make, on_press, write_html
from app.page.views.tiles import escape
from app.shared.places import PROGRAMS


class ProgramEditors:
    """The editors; each is made when its program is first shown, and keeps its text and its undo.

    Args:
        run: called when the user runs the program from within its editor.
    """

    def __init__(self, run: Action) -> None:
        self._run = run
        self._name = ""  # of the program in sight
        self._editors: dict[str, JsProxy] = {}  # by name
        self._panes: dict[str, JsProxy] = {}  # what holds each
        self._edited: list[str] = []
        self._whole = [PROGRAMS[0]]  # the programs of which all is shown
        on_press("reset-program", self._reset)
        listen(find("compare"), "click", self._press_compare)
        listen(find("program-notes"), "click", self._press_note)

    @property
    def current(self) -> JsProxy:
        """The editor in sight, as `static/learn.mjs` has it."""
        return self._editors[self._name]

    def show(self, name: str) -> None:
        """Show the editor of a program, or none."""
        if self._name:
            self._panes[self._name].hidden = True
        self._name = name
        if not name:
            return
        if name not in self._editors:
            self._open(name)
        self._panes[name].hidden = False
        titles = [note[1].rstrip(":") for note in LESSONS[name].notes]
        buttons = [
            f'<button type="button" class="link" data-note="{number}">{escape(title)}</button>'
            for number, title in enumerate(titles)
        ]
        what = "In it:" if name == PROGRAMS[0] else "New here:"
        write_html(find("program-notes"), f"{what} {', '.join(buttons)}")
        self._show_tools()

    def _open(self, name: str) -> None:
        """Make the editor of a program."""
        pane = make("div")
        find("editors").appendChild(pane)
        self._panes[name] = pane
        notes = [
            {"anchor": anchor, "title": title, "words": words}
            for anchor, title, words in LESSONS[name].notes
        ]

        def changed(edited: bool) -> None:
            if edited != (name in self._edited):
                self._edited = [other for other in self._edited if other != name]
                if edited:
                    self._edited.append(name)
                self._show_tools()

        self._editors[name] = window.microgpt.openProgram(
            pane, name, json.dumps(notes), guarded(changed), guarded(self._run)
        )

    def _reset(self) -> None:
        self.current.reset()

    def _press_compare(self, event: JsProxy) -> None:
        button = event.target.closest("[data-compare]")
        if button is None:
            return
        self._whole = [name for name in self._whole if name != self._name]
        if button.dataset.compare == "all":
            self._whole.append(self._name)
        self.current.compare(self._name not in self._whole)
        self._show_tools()

    def _press_note(self, event: JsProxy) -> None:
        button = event.target.closest("[data-note]")
        if button is not None:
            self.current.showNote(int(button.dataset.note))

    def _show_tools(self) -> None:
        find("reset-program").disabled = self._name not in self._edited
        find("compare").hidden = self._name == PROGRAMS[0]
        for button in list(find("compare").children):
            pressed = (button.dataset.compare == "all") == (self._name in self._whole)
            button.setAttribute("aria-pressed", "true" if pressed else "false")
