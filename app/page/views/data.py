"""The data panel: which data set, the person's own text and files, and how far reading them is.

It hands over texts as JavaScript's blobs and knows nothing of what is done with them.
"""

from pyscript import document, window

from app.page.types import Act, JsProxy, Message, TakeFiles, Tell
from app.page.views.dom import find, listen, notice, on_press
from app.shared.commands import MAX_BYTES
from app.shared.experiment import OWN

NAMED = 3  # files whose names are shown; the others are counted
LIMIT = f"{MAX_BYTES // 1_000_000} MB"


class DataPanel:
    """The radio buttons, the text area, the files, the progress bar.

    Args:
        picked: called with a data set's name when another one is picked.
        pasted: called when there is another text in the text area.
        took: called with a blob and the names and sizes of the files in it, or with None when the
            files are taken away.
        cancel: called when the person does not want to wait any longer.
    """

    def __init__(self, picked: Tell, pasted: Act, took: TakeFiles, cancel: Act) -> None:
        self._pasted = pasted
        self._took = took
        listen(find("dataset"), "change", lambda event: picked(event.target.value))
        listen(find("own-text"), "input", lambda event: self._paste())
        listen(find("own-file"), "change", lambda event: self._take_files())
        on_press("remove-file", self._remove_files)
        on_press("cancel-reading", cancel)

    def recall_text(self) -> None:
        """Put the text of an earlier visit into the text area, if that is empty."""
        window.microgpt.recallText("own-text", find("own-text"))

    def pick(self, name: str) -> None:
        """Show that the data set `name` is picked."""
        for radio in document.querySelectorAll("#dataset input"):
            radio.checked = radio.value == name
        picked = find("shelf").querySelector(":checked")
        if picked is not None:
            self._bring_into_sight(picked.closest("label"))

    def describe(self, message: Message) -> None:
        """Show how much the person's own text holds, from a `events.described` message."""
        if message["name"] == OWN:
            find("own-count").textContent = f"{message['statistics']['documents']:,}"

    def show_nothing(self) -> None:
        """The person has no text, or none any more."""
        find("own-count").textContent = ""

    def show_files(self, files: list[tuple[str, int]]) -> None:
        """Show the names of the files that there are; a text that was pasted has none."""
        names = [name for name, _ in files if name]
        words = ", ".join(names[:NAMED])
        if len(names) > NAMED:
            words += f" and {len(names) - NAMED} more"
        find("file-name").hidden = not names
        shown = find("file-name").firstElementChild
        shown.textContent = words
        shown.title = ", ".join(names)

    def show_progress(self, what: str, share: float) -> None:
        """Show how far reading is, or nothing any more where `what` is empty."""
        find("reading").hidden = not what
        find("reading-what").textContent = what
        find("reading-progress").value = share

    def complain(self, text: str) -> None:
        """Say what is wrong with the data, or nothing any more."""
        notice("data-notice", text)

    def _bring_into_sight(self, row: JsProxy) -> None:
        """Scroll the list, and not the page, if the row is out of sight there."""
        shelf = find("shelf")
        heading = row.parentElement.firstElementChild.offsetHeight
        above = row.offsetTop - heading - shelf.scrollTop
        if above < 0 or above + heading + row.offsetHeight > shelf.clientHeight:
            shelf.scrollTop = row.offsetTop - shelf.clientHeight // 2

    def _paste(self) -> None:
        # A character is a byte or more; the worker counts them exactly.
        if find("own-text").textLength > MAX_BYTES:
            self.complain(f"The text is larger than {LIMIT}: paste a shorter one.")
        else:
            self._pasted()

    def _take_files(self) -> None:
        chosen = find("own-file")
        files = [
            (chosen.files.item(i).name, chosen.files.item(i).size)
            for i in range(chosen.files.length)
        ]
        total = sum([size for _, size in files])
        if total > MAX_BYTES:
            which = f"'{files[0][0]}' has" if len(files) == 1 else "These files have"
            self.complain(
                f"{which} {total / 1_000_000:,.0f} MB, and at most {LIMIT} can be read at once: "
                "choose fewer or smaller files."
            )
        elif files:
            self._took(window.Blob.new(chosen.files), files)
        chosen.value = ""  # so that the same file can be chosen again

    def _remove_files(self) -> None:
        self._took(None, [])
        find("own-text").focus()
