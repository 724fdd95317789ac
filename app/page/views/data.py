"""The data panel: which data set, the user's own text and files, and the progress of loading.

Texts are handed over as JavaScript's blobs.
"""

from pyscript import window

from app.page.aliases import Action, JsProxy, TakeFiles, TakeText
from app.page.views.dom import find, listen, notice, on_press
from app.page.views.picker import PickerView
from app.shared.commands import MAX_UPLOAD_BYTES
from app.shared.events import DataLoadedEvent
from app.shared.experiment import OWN

MAX_NAMED_FILES = 3  # files whose names are shown; the others are counted
LIMIT = f"{MAX_UPLOAD_BYTES // 1_000_000} MB"


class DataPanel:
    """The list of data sets, the text area, the files, the progress bar.

    Args:
        choose: called with a data set's name when another one is chosen.
        take: called with a blob, with name and size of each file in it (a pasted text has no
            name), and with whether it may be the text of before, changed.
        picked: called after either where that brings other data, and does not only go on typing.
        cancel: called when the user does not want to wait any longer.
    """

    def __init__(self, choose: TakeText, take: TakeFiles, picked: Action, cancel: Action) -> None:
        self._choose = choose
        self._take = take
        self._picked = picked
        self._text_length = 0  # of the text area before the edit that comes next
        self._picker = PickerView(self._pick)
        listen(find("own-text"), "input", self._read_text)
        listen(find("own-file"), "change", lambda event: self._read_files())
        on_press("remove-file", self._remove_files)
        on_press("cancel-loading", cancel)

    def pasted_blob(self) -> JsProxy:
        """The text in the text area as a blob, of no bytes where there is none."""
        return window.microgpt.textBlob(find("own-text"))

    async def recall_text(self, text: JsProxy) -> None:
        """Put the text of an earlier visit, a blob, into the text area, if that is empty."""
        await window.microgpt.recallText(text, find("own-text"))
        self._text_length = find("own-text").textLength

    def choose(self, name: str) -> None:
        """Show that the data set `name` is chosen."""
        self._picker.show(name)

    def show_count(self, message: DataLoadedEvent) -> None:
        """Show how many documents the user's own text has."""
        if message["name"] == OWN:
            find("own-count").textContent = f"{message['statistics']['documents']:,}"

    def show_nothing(self) -> None:
        """The user has no text, or none any more."""
        find("own-count").textContent = ""

    def show_files(self, files: list[tuple[str, int]]) -> None:
        """Show the names of the files that there are; pasted text has none."""
        names = [name for name, _ in files if name]
        words = ", ".join(names[:MAX_NAMED_FILES])
        if len(names) > MAX_NAMED_FILES:
            words += f" and {len(names) - MAX_NAMED_FILES} more"
        find("file-name").hidden = not names
        shown = find("file-name").firstElementChild
        shown.textContent = words
        shown.title = ", ".join(names)

    def show_progress(self, what: str, share: float) -> None:
        """Show the progress of loading, 0 to 1; hide it where `what` is empty."""
        find("loading").hidden = not what
        find("loading-what").textContent = what
        find("loading-progress").value = share

    def show_error(self, text: str) -> None:
        """Show what is wrong with the data, or nothing any more."""
        notice("data-notice", text)

    def _pick(self, name: str) -> None:
        self._choose(name)
        self._picked()

    def _read_text(self, event: JsProxy) -> None:
        before, self._text_length = self._text_length, find("own-text").textLength
        # A character is a byte or more; the worker counts them exactly.
        if self._text_length > MAX_UPLOAD_BYTES:
            self.show_error(f"The text is larger than {LIMIT}: paste a shorter one.")
            return
        kind = getattr(event, "inputType", "")  # which no event of static/boot.js has
        self._take_text(kind != "insertFromDrop")  # which static/drop.js sends
        if not before or kind in ("insertFromDrop", "insertFromPaste"):
            self._picked()

    def _take_text(self, edited: bool) -> None:
        text = self.pasted_blob()
        self._take(text, [("", text.size)] if text.size else [], edited)

    def _read_files(self) -> None:
        field = find("own-file")
        files = [
            (field.files.item(i).name, field.files.item(i).size) for i in range(field.files.length)
        ]
        total = sum([size for _, size in files])
        if total > MAX_UPLOAD_BYTES:
            which = f"'{files[0][0]}' has" if len(files) == 1 else "These files have"
            self.show_error(
                f"{which} {total / 1_000_000:,.0f} MB, and at most {LIMIT} can be read at once: "
                "choose fewer or smaller files."
            )
        elif files:
            self._take(window.Blob.new(field.files), files, False)
            self._picked()
        field.value = ""  # so that the same file can be chosen again

    def _remove_files(self) -> None:
        self._take_text(False)
        self._picked()
        find("own-text").focus()
