"""The model code: edited in a panel that is fetched when it is first opened, and kept.

The rest of the panel is in `app/page/code/`, which is no part of the page until then.
"""

import asyncio
import json

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import Action, TakeToken
from app.page.code_check import CodeCheck
from app.page.errors import spawn
from app.page.link import Link
from app.page.part_loader import PartLoader
from app.page.views.dom import find, on_press
from app.shared.experiment import OWN, Experiment
from app.shared.typed import TYPE_CHECKING
from app.shared.views import CODE_VIEW

if TYPE_CHECKING:
    from app.page.code.main import CodePanel

EDITOR_NOT_FETCHED = "The editor could not be loaded: check your connection, then try again."
KEPT = "model-code"  # the key under which it is kept
PAUSE_SECONDS = 0.3  # without a key, until the worker is asked about what was typed
PATIENCE_SECONDS = 1.0  # from which on it is said that the worker is still at it


class CodeController:
    """Whether the panel is open, and what becomes of its text.

    Args:
        experiment: holds the code, and whether the panel is open.
        link: the line to the worker.
        check: whether the code fits.
        toggled: called when the user has opened or closed the panel.
        edited: called when the code is another.
        train: trains a model of the code.
        mark_line: called with the line of the code that the cursor is in; 0: none.
    """

    def __init__(
        self,
        experiment: Experiment,
        link: Link,
        check: CodeCheck,
        toggled: Action,
        edited: Action,
        train: Action,
        mark_line: TakeToken,
    ) -> None:
        self._experiment, self._link, self._check = experiment, link, check
        self._toggled, self._edited = toggled, edited
        self._train, self._mark_line = train, mark_line
        self._panel: CodePanel | None = None
        self._loader = PartLoader("code", self._use_part, lambda: self._say(EDITOR_NOT_FETCHED))
        self._wants_focus = False  # once the panel is there
        self._line = 0  # that is to be shown then
        self._typed: str | None = None  # that the worker has not been asked about
        self._num_edits = 0
        self._restore()
        on_press("edit-code", self._toggle)
        on_press("code-close", self._close)
        on_press("code-retry", self.show)

    # ---- what others say -------------------------------------------------------------------------

    def show(self) -> None:
        """Show the panel, or not, as the experiment says."""
        is_open = self._experiment.code_open
        find("code").hidden = not is_open
        find("edit-code").setAttribute("aria-expanded", "true" if is_open else "false")
        self._show_edited()
        if is_open and self._panel is None:
            self._say("")
            self._loader.want()
        elif not is_open:
            self._mark_line(0)

    def show_check(self) -> None:
        """There is something new on whether the code fits."""
        if self._panel is not None:
            self._panel.show_check()

    def press_line(self, line: int) -> None:
        """A part of the picture was pressed that comes from this line of the code."""
        self._line = line
        if not self._experiment.code_open:
            self._set_open(True)
        elif self._panel is not None:
            self._panel.show_line(line)

    def lose_worker(self, silent: bool) -> None:
        """The worker is dead; arguments as of `CodeCheck`."""
        if self._check.lose_worker(silent):
            self._link.refused_code = self._check.refused
            self._keep()
        self.show_check()

    def take_over(self, code: str) -> None:
        """Go on with another code: that of the tab that kept it, or of a model that is opened."""
        if code != self._experiment.code:
            kept = self._check.kept()
            kept["code"] = code
            self._check.restore(kept)
            self._typed = None
            self._keep()
            self._show_edited()
            if self._panel is not None:
                self._panel.show_code()

    def announce(self) -> None:
        """Tell the page of the code that was taken over."""
        self._edited()
        self.show_check()

    def use(self, code: str) -> None:
        """The user takes this code over; no other tab begins with it before it is edited here."""
        self._typed = None
        self._experiment.code = code
        if self._panel is not None:
            self._panel.set_text(code)
        self._keep(only_mine=True)
        self._show_edited()
        self._edited()
        self.show_check()

    # ---- what the user does ----------------------------------------------------------------------

    def take_text(self, text: str) -> None:
        """The code was edited: keep it, and ask about it once the user pauses."""
        if self._experiment.arrangement.locks(CODE_VIEW):
            return
        if text == self._experiment.code and self._typed is None:
            return  # it is that already
        self._typed = text
        self._keep()
        self._num_edits += 1
        spawn(self._apply_later(self._num_edits))

    def apply(self) -> None:
        """What was typed is the code of the next run from now on."""
        text, self._typed = self._typed, None
        if text is None or text == self._experiment.code:
            return
        self._experiment.code = text
        self._show_edited()
        self._edited()
        self.show_check()

    def train(self) -> None:
        """Train a model of the code."""
        self.apply()
        if not self._experiment.arrangement.locks("train"):
            self._train()

    def _toggle(self) -> None:
        self._set_open(not self._experiment.code_open)

    def _close(self) -> None:
        self._set_open(False)
        find("edit-code").focus()

    def _set_open(self, is_open: bool) -> None:
        if self._experiment.arrangement.locks(CODE_VIEW):
            return
        self._experiment.code_open = self._wants_focus = is_open
        self.show()
        self._toggled()
        if is_open:
            find("inside").scrollIntoView(to_js({"block": "start"}))
            if self._panel is not None:
                self._show_wanted()

    # ----------------------------------------------------------------------------------------------

    def _restore(self) -> None:
        """Take over the code that an earlier visit has kept.

        A link is another's experiment: in a new tab it gets this code only if it says so.
        """
        address = window.location.hash
        kept = window.microgpt.recallOwn(KEPT, bool(address) and f"code={OWN}" not in address)
        if kept:
            self._check.restore(json.loads(kept))
            self._link.refused_code = self._check.refused

    def _keep(self, only_mine: bool = False) -> None:
        kept = self._check.kept()
        if self._typed is not None:
            kept["code"] = self._typed
        window.microgpt.keepOwn(KEPT, json.dumps(kept), only_mine)

    def _show_edited(self) -> None:
        find("code-edited").hidden = not self._experiment.code

    async def _apply_later(self, number: int) -> None:
        await asyncio.sleep(PAUSE_SECONDS)
        if number != self._num_edits:
            return
        self.apply()
        await asyncio.sleep(PATIENCE_SECONDS)
        if number == self._num_edits:
            self.show_check()

    def _use_part(self) -> None:
        """Make the panel, and hand it what is known."""
        from app.page.code.main import CodePanel

        self._panel = CodePanel(
            self._experiment,
            self._check,
            self.take_text,
            self.apply,
            self.train,
            self._mark_line,
        )
        window.microgpt.arrange()
        self._panel.show_check()
        self._show_wanted()

    def _show_wanted(self) -> None:
        """Once the panel is there and open: what it was opened for."""
        if self._panel is not None and self._experiment.code_open:
            self._panel.show_line(self._line)
            if self._wants_focus and window.matchMedia("(hover: hover)").matches:
                self._panel.focus()
        self._wants_focus, self._line = False, 0

    def _say(self, words: str) -> None:
        """Show why there is no editor, or nothing any more."""
        find("code-notice").firstElementChild.textContent = words
        find("code-notice").hidden = not words
