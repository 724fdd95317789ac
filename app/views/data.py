"""The data panel: which data set, one's own text, and what the text looks like.

It hands over texts and knows nothing of what is trained on them.
"""

import asyncio

from app.experiment import OWN
from app.presets import find as find_preset
from app.views.dom import find, listen, notice
from pyscript import document

PREVIEW_LINES = 40
LARGEST_FILE = 10_000_000  # bytes


class DataPanel:
    """The radio buttons, the text area, the file.

    Args:
        picked: called with a data set's name when another one is picked.
        own_changed: called when the own text has changed.
    """

    def __init__(self, picked, own_changed):
        self.picked = picked
        self.own_changed = own_changed
        self.file_name = ""
        self.file_text = ""
        listen(find("dataset"), "change", lambda event: self.picked(event.target.value))
        listen(find("own-text"), "input", lambda event: self._own())
        listen(find("own-file"), "change", lambda event: asyncio.create_task(self._read_file()))
        listen(find("remove-file"), "click", lambda event: self._remove_file())

    def own_text(self):
        """The text that the person brought: the file if there is one, else what was pasted."""
        return self.file_text if self.file_name else find("own-text").value

    def set_own_text(self, text):
        """Put a text from an earlier visit into the text area."""
        find("own-text").value = text

    def pick(self, name):
        """Show that the data set `name` is picked."""
        for radio in document.querySelectorAll("#dataset input"):
            radio.checked = radio.value == name

    def show_text(self, name, documents):
        """Show the beginning of a text and what is in it; `documents` are its lines."""
        characters = set()
        for line in documents:
            characters.update(line)
        preset = find_preset(name)
        noun = preset.noun if preset else "line"
        if not documents:
            words = "Nothing yet: paste a text or upload a file."
        else:
            words = "{:,} {}{} · {} different character{}".format(
                len(documents),
                noun,
                "" if len(documents) == 1 else "s",
                len(characters),
                "" if len(characters) == 1 else "s",
            )
        find("portrait").textContent = words
        find("preview").textContent = "\n".join(documents[:PREVIEW_LINES])
        find("preview").scrollTop = 0
        if name == OWN:
            find("own-count").textContent = "{:,}".format(len(documents)) if documents else ""

    def complain(self, text):
        """Say what is wrong with the data, or nothing any more."""
        notice("data-notice", text)

    def _own(self):
        self.complain("")
        self.own_changed()

    async def _read_file(self):
        chosen = find("own-file")
        if not chosen.files.length:
            return
        file = chosen.files.item(0)
        name = file.name
        try:
            if file.size > LARGEST_FILE:
                self.complain(
                    "'{}' is larger than {} MB: choose a smaller file.".format(
                        name, LARGEST_FILE // 1_000_000
                    )
                )
                return
            text = await file.text()
        except Exception:
            self.complain("'{}' could not be read: choose it once more.".format(name))
            return
        finally:
            chosen.value = ""  # so that the same file can be chosen again
        if "\0" in text or "\ufffd" in text:
            self.complain("'{}' is not UTF-8 text: save it as UTF-8 and try again.".format(name))
            return
        if not text.strip():
            self.complain("'{}' is empty: choose a file with at least one line.".format(name))
            return
        self.file_name, self.file_text = name, text
        self._show_file()
        self._own()

    def _remove_file(self):
        self.file_name = self.file_text = ""
        self._show_file()
        self._own()
        find("own-text").focus()

    def _show_file(self):
        find("file-name").hidden = not self.file_name
        find("file-name").firstElementChild.textContent = self.file_name


def lines(text):
    """The documents of a text, as the core cuts it: its lines, without the empty ones."""
    return [line for line in [line.strip() for line in text.split("\n")] if line]
