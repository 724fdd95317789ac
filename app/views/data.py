"""The data panel: which data set, one's own text, and what the text looks like.

It hands over texts as JavaScript byte arrays and knows nothing of what is trained on them.
"""

import asyncio

from pyscript import document, window

from app.experiment import OWN
from app.presets import find as find_preset
from app.types import Act, JsProxy, Message, Tell
from app.views.dom import find, listen, notice, on_press

LARGEST_MB = 10
LARGEST_FILE = LARGEST_MB * 1_000_000  # bytes
LARGEST_KEPT = 1_000_000  # bytes of an own text that are kept for the next visit
BEGINNING = 1500  # bytes that are shown before the worker has looked at the text


class DataPanel:
    """The radio buttons, the text area, the file, the preview.

    Args:
        picked: called with a data set's name when another one is picked.
        brought: called when the person has brought another text of their own.
    """

    def __init__(self, picked: Tell, brought: Act) -> None:
        self._picked = picked
        self._brought = brought
        self._file: JsProxy = None  # the bytes of a file, which goes before what was pasted
        listen(find("dataset"), "change", lambda event: self._choose(event.target.value))
        listen(find("own-text"), "input", lambda event: self._paste())
        listen(find("own-file"), "change", lambda event: asyncio.create_task(self._read_file()))
        on_press("remove-file", self._remove_file)

    def own_bytes(self) -> JsProxy:
        """The text that the person brought: the file if there is one, else what was pasted."""
        if self._file is not None:
            return self._file
        return window.microgpt.textOf(find("own-text"))

    def recall(self) -> None:
        """Put the text of an earlier visit into the text area, if that is empty."""
        window.microgpt.recallText("own-text", find("own-text"))

    def keep(self) -> None:
        """Keep the text for the next visit, unless it is too long for that."""
        content = self.own_bytes()
        if content.length <= LARGEST_KEPT:
            window.microgpt.keepText("own-text", content)
        else:
            window.microgpt.keep("own-text", "")

    def pick(self, name: str) -> None:
        """Show that the data set `name` is picked."""
        for radio in document.querySelectorAll("#dataset input"):
            radio.checked = radio.value == name
        picked = find("shelf").querySelector(":checked")
        if picked is not None:
            self._bring_into_sight(picked.closest("label"))

    def show_beginning(self, content: JsProxy) -> None:
        """Show how a text begins."""
        start = window.TextDecoder.new().decode(content.subarray(0, BEGINNING))
        lines = [line.strip() for line in start.split("\n")]
        if content.length > BEGINNING:
            lines = lines[:-1] or lines
        self._show_preview([line for line in lines if line])

    def describe(self, message: Message) -> None:
        """Show what is in a text, from a `protocol.described` message."""
        preset = find_preset(message["name"])
        noun = preset.noun if preset else "line"
        count, kinds = message["num_docs"], len(message["characters"])
        documents = f"{count:,} {noun}{'' if count == 1 else 's'}"
        characters = f"{kinds} different character{'' if kinds == 1 else 's'}"
        find("portrait").textContent = f"{documents} · {characters}"
        self._show_preview(message["preview"])
        if message["name"] == OWN:
            find("own-count").textContent = f"{count:,}"

    def show_nothing(self) -> None:
        """There is no text of one's own yet."""
        find("portrait").textContent = "Nothing yet: paste a text, or upload a file."
        find("own-count").textContent = ""
        self._show_preview([])

    def complain(self, text: str) -> None:
        """Say what is wrong with the data, or nothing any more."""
        notice("data-notice", text)

    def drop_file(self) -> bool:
        """Forget the file if there is one; returns whether there was."""
        had = self._file is not None
        self._file = None
        self._show_file("")
        return had

    def _bring_into_sight(self, row: JsProxy) -> None:
        """Scroll the list, and not the page, if the row is out of sight there."""
        shelf = find("shelf")
        heading = row.parentElement.firstElementChild.offsetHeight
        above = row.offsetTop - heading - shelf.scrollTop
        if above < 0 or above + heading + row.offsetHeight > shelf.clientHeight:
            shelf.scrollTop = row.offsetTop - shelf.clientHeight // 2

    def _choose(self, name: str) -> None:
        self.complain("")
        self._picked(name)

    def _paste(self) -> None:
        self.drop_file()
        if self.own_bytes().length > LARGEST_FILE:
            self.complain(f"The text is larger than {LARGEST_MB} MB: paste a shorter one.")
        else:
            self._brought()

    async def _read_file(self) -> None:
        chosen = find("own-file")
        if not chosen.files.length:
            return
        file = chosen.files.item(0)
        name = file.name
        if file.size > LARGEST_FILE:
            self.complain(f"'{name}' is larger than {LARGEST_MB} MB: choose a smaller file.")
        else:
            try:
                self._file = window.Uint8Array.new(await file.arrayBuffer())
            except Exception:
                self.complain(f"'{name}' could not be read: choose it once more.")
                return
            self._show_file(name)
            self._brought()
        chosen.value = ""  # so that the same file can be chosen again

    def _remove_file(self) -> None:
        self.drop_file()
        self._brought()
        find("own-text").focus()

    def _show_file(self, name: str) -> None:
        find("file-name").hidden = not name
        find("file-name").firstElementChild.textContent = name

    def _show_preview(self, lines: list[str]) -> None:
        find("preview").textContent = "\n".join(lines)
        find("preview").scrollTop = 0
