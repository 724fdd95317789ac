"""The dialog's page "Link": an address that opens the experiment anywhere."""

from pyscript import window

from app.page.aliases import JsProxy
from app.page.errors import spawn
from app.page.share.copying import copy
from app.page.share.link_html import (
    PACKING,
    about_length,
    about_model,
    about_text,
    left_out,
    link_html,
    qr_fits,
)
from app.page.views.dom import find, listen, on_press, write_text
from app.page.workplace import Workplace
from app.shared.brought import LINK_CODE, LINK_MODEL, LINK_TEXT, MAX_TEXT_CHARACTERS
from app.shared.commands import PackModelCommand
from app.shared.events import ErrorEvent, PackedModelEvent
from app.shared.experiment import OWN


class LinkPage:
    """Makes the link, shows it, and copies it.

    Args:
        workplace: what is shared.
    """

    name, title = "link", "Link"

    def __init__(self, workplace: Workplace) -> None:
        self._workplace, self._experiment = workplace, workplace.experiment
        self.html = link_html()
        self._number = 0  # of the newest command
        self._model: PackedModelEvent | None = None  # its answer
        self._waits = False  # whether that is still to come
        self._num_made = 0  # links that were begun to be made
        self.brought: list[str] = []  # what the newest link holds besides settings, part by part

    def begin(self) -> None:
        """Listen to its widgets."""
        on_press("copy-link", lambda: spawn(copy("link", "link-state")))
        on_press("link-to-models", self._go_to_models)
        for name in (LINK_TEXT, LINK_CODE):
            listen(find(f"link-{name}"), "change", lambda event: self._make())
        listen(find("link-model"), "change", lambda event: self._ask_for_model())

    def show(self) -> None:
        """Show the link of the experiment as it is now."""
        text, code = self._text, self._experiment.code
        offer("text", bool(text), about_text(text))
        offer("code", bool(code) and len(code) <= MAX_TEXT_CHARACTERS)
        self._ask_for_model()
        find("copy-link").focus()

    def on_packed_model(self, message: PackedModelEvent) -> None:
        """The model, packed as it is now; or it is too large for that."""
        if message["number"] == self._number:
            self._model, self._waits = message, False
            self._say_of_model(about_model(message), not message["letters"])
            self._make()

    def on_error(self, message: ErrorEvent) -> None:
        """There is no model to pack."""
        self._waits = False
        self._say_of_model(message["message"])
        self._make()

    # ----------------------------------------------------------------------------------------------

    @property
    def _text(self) -> str:
        """The text that is being written."""
        return self._workplace.generation.document.text

    def _ask_for_model(self) -> None:
        """Have the model packed as it is now, if it is wanted, and make the link without it."""
        self._model = None
        self._number += 1
        self._waits = bool(find("link-model").checked)
        if self._waits:
            self._say_of_model(PACKING)
            command = PackModelCommand(type="pack_model", number=self._number)
            self._workplace.link.send(command)
        else:
            self._say_of_model("")
        self._make()

    def _go_to_models(self) -> None:
        """Show the dialog that has the model's file, in place of this one."""
        find("share-close").click()
        find("models").click()

    def _say_of_model(self, words: str, too_large: bool = False) -> None:
        write_text("link-about-model", words)
        find("link-to-models").hidden = not too_large

    def _make(self) -> None:
        self._num_made += 1
        spawn(self._make_and_show(self._num_made))

    async def _make_and_show(self, number: int) -> None:
        """Make the link, and show it unless another is made by then."""
        code, model = self._code_and_model()
        parts = [self._experiment.address(with_brought=False)]
        if self._experiment.code and not code:
            parts.append(LINK_CODE + "=" + OWN)
        packing = await window.microgpt.loadPacking()
        if find("link-text").checked:
            parts.append(LINK_TEXT + "=" + str(await packing.packText(self._text)))
        if code:
            parts.append(LINK_CODE + "=" + str(await packing.packText(code)))
        if model:
            parts.append(LINK_MODEL + "=" + model)
        if number == self._num_made:
            self.brought = parts[1:]
            fragment = "&".join([part for part in parts if part])
            base = str(window.location.href).split("#")[0]
            self._show_link(f"{base}#{fragment}" if fragment else base, bool(code))

    def _code_and_model(self) -> "tuple[str, str]":
        """The code that goes into the link, and the packed model."""
        model = self._model
        if model is not None and model["letters"]:
            if model["code"]:
                return model["code"], model["letters"]  # nobody could show it without
            return self._own_code(), model["letters"]
        return self._own_code(), ""

    def _own_code(self) -> str:
        return self._experiment.code if find("link-code").checked else ""

    def _show_link(self, link: str, has_code: bool) -> None:
        find("link").value = link
        find("copy-link").disabled = self._waits
        write_text("link-lacks", left_out(self._experiment, has_code))
        write_text("link-length", about_length(len(link)))
        write_text("link-state", "")
        picture = find("link-qr")
        picture.hidden = not qr_fits(link)
        picture.innerHTML = window.microgpt.drawQr(link) if qr_fits(link) else ""


def offer(name: str, is_there: bool, words: str = "") -> None:
    """Offer a part of the link, if there is any; it is never in the link unasked."""
    box: JsProxy = find(f"link-{name}")
    box.checked = bool(box.checked) and is_there
    box.disabled = not is_there
    find(f"link-{name}-choice").hidden = not is_there
    if words:
        write_text(f"link-about-{name}", words)
