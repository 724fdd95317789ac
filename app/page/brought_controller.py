"""What a link brings beside settings: its text and its model are shown, its code is offered.

Nobody's code runs unasked, and nothing of the user's own gives way to what a link brings.
"""

from pyscript import window

from app.page.aliases import JsProxy
from app.page.brought_words import CODE_OFFER, CODE_USED, NOT_FETCHED, OWN_RUN_FIRST, damaged
from app.page.errors import spawn
from app.page.views.dom import find, on_press, write_text
from app.page.workplace import Workplace
from app.shared.brought import BROUGHT, LINK_CODE, LINK_MODEL, LINK_TEXT, MAX_TEXT_CHARACTERS
from app.shared.experiment import check_visible
from microgpt.settings import SettingError

BUTTONS = ("show", "use", "undo", "open", "close")  # of the notice


class BroughtController:
    """What the address has brought, as it came; it leaves the address once the user goes on.

    Args:
        workplace: where it is shown; its experiment holds it, packed.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace, self._experiment = workplace, workplace.experiment
        self._taken: dict[str, str] = {}  # by name, packed, as it was taken last
        self._text: str | None = None  # unpacked
        self._code_text = ""  # unpacked
        self._model: JsProxy = None  # its bytes, packed
        self._uses_code = False  # whether the user has taken it over
        self._own_code = ""  # that there was before
        self._began = False
        self._says_problem = False  # whether the notice is about something that could not be read
        on_press("brought-show", self._toggle_code)
        on_press("brought-use", self._use_code)
        on_press("brought-undo", self._take_back)
        on_press("brought-close", lambda: self._say(""))

    # ---- what others say -------------------------------------------------------------------------

    def show(self) -> None:
        """The address was read, and may bring something else."""
        if self._says_problem:
            self._say("")  # at once: the address may have a problem of its own, said elsewhere
        if self._began:
            spawn(self.take())

    async def take(self) -> None:
        """Take what the address brings; at first, its model is only made ready to be loaded."""
        began, self._began = self._began, True
        brought = {name: self._experiment.brought.get(name, "") for name in BROUGHT}
        new = [name for name in BROUGHT if brought[name] != self._taken.get(name, "")]
        if not new:
            return
        self._say("")
        self._taken = brought
        try:
            packing = await window.microgpt.loadPacking()
        except Exception as error:
            window.console.warn(str(error))
            self._say_problem(NOT_FETCHED)
            return
        if LINK_CODE in new:
            self._code_text = await self._unpack(packing, LINK_CODE) or ""
        if LINK_TEXT in new:
            self._text = await self._unpack(packing, LINK_TEXT)
        if self._taken is not brought:
            return  # there is another address by now
        if LINK_TEXT in new and self._text is not None:
            self._workplace.generation.begin_text(self._text)
        self._uses_code = bool(self._code_text) and self._code_text == self._experiment.code
        if self._code_text and not self._uses_code:
            self._say(CODE_OFFER, ("show", "use"))
        if LINK_MODEL in new:
            self._take_model(packing, began)

    def text_changed(self) -> None:
        """The text may be another."""
        if self._text is not None and self._workplace.generation.document.wanted != self._text:
            self._text = None
            self._drop(LINK_TEXT)

    def code_changed(self) -> None:
        """The model code is another."""
        if self._uses_code and self._experiment.code != self._code_text:
            self._uses_code = False
            self._drop(LINK_CODE)

    def run_changed(self) -> None:
        """There may be a run, whose model takes the place of any other."""
        if LINK_MODEL in self._experiment.brought and self._has_run:
            self._model = None
            self._link_model("")
            self._drop(LINK_MODEL)

    # ---- what the user does ----------------------------------------------------------------------

    def _toggle_code(self) -> None:
        listing = find("brought-code")
        listing.hidden = not listing.hidden
        find("brought-show").setAttribute("aria-expanded", "false" if listing.hidden else "true")

    def _use_code(self) -> None:
        self._own_code, self._uses_code = self._experiment.code, True
        self._workplace.code.use(self._code_text)
        self._say(CODE_USED, ("undo", "close"))
        self._load_model(self._code_text)

    def _take_back(self) -> None:
        """The user prefers the model code of before."""
        self._workplace.code.use(self._own_code)
        self._say("")
        self._load_model("")

    # ----------------------------------------------------------------------------------------------

    @property
    def _has_run(self) -> bool:
        return self._workplace.run.current is not None

    async def _unpack(self, packing: JsProxy, name: str) -> str | None:
        """The text or code that the address brings; None where there is none that can be read."""
        packed = self._taken[name]
        if not packed:
            return None
        text = await packing.unpackText(packed, MAX_TEXT_CHARACTERS)
        try:
            if text is not None:
                check_visible(str(text))
                return str(text)
        except SettingError as error:
            window.console.warn(str(error))
        self._say_problem(damaged(name))
        self._drop(name)
        return None

    def _take_model(self, packing: JsProxy, at_once: bool) -> None:
        """Have the model loaded that the address brings, or none; `at_once`, or with the others."""
        packed = self._taken[LINK_MODEL]
        self._model = packing.bytesOf(packed) if packed else None
        if packed and self._model is None:
            self._say_problem(damaged(LINK_MODEL))
            self._drop(LINK_MODEL)
        elif packed and self._has_run:
            self._model = None
            find("brought-open").href = window.location.href
            self._say(OWN_RUN_FIRST, ("open", "close"))
        self._link_model(self._code_text if self._uses_code else "")
        if at_once and not self._has_run:
            spawn(self._workplace.generation.load_model())

    def _load_model(self, code: str) -> None:
        """Load the model once more, with this code."""
        if self._model is not None and not self._has_run:
            self._link_model(code)
            spawn(self._workplace.generation.load_model())

    def _link_model(self, code: str) -> None:
        self._workplace.generation.link_model(self._model, code, self._refuse_model)

    def _refuse_model(self, problem: str) -> None:
        """The worker cannot show the model: `problem` says why, and another takes its place."""
        self._workplace.generation.link_model(None, "", self._refuse_model)
        if not self._code_text or self._uses_code:
            self._model = None
            self._drop(LINK_MODEL)
            self._say_problem(problem)
        spawn(self._workplace.generation.load_model())

    def _drop(self, name: str) -> None:
        """The address does not bring this any more."""
        self._experiment.brought.pop(name, None)
        self._taken[name] = ""
        self._workplace.setup.brought_changed()
        self._workplace.keeper.session_changed()

    def _say(self, words: str, buttons: "tuple[str, ...]" = ()) -> None:
        """Say something, with these buttons behind it; "": nothing any more."""
        write_text("brought-words", words)
        for name in BUTTONS:
            find(f"brought-{name}").hidden = name not in buttons
        listing = find("brought-code")
        listing.textContent, listing.hidden = self._code_text, True
        find("brought-show").setAttribute("aria-expanded", "false")
        find("brought-notice").hidden = not words
        self._says_problem = False

    def _say_problem(self, words: str) -> None:
        self._say(words, ("close",))
        self._says_problem = True
