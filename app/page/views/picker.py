"""The list of data sets with its search, and the place for the user's own data that replaces it."""

from pyscript import document

from app.page.aliases import JsProxy, TakeText
from app.page.views.dom import find, listen, on_press, write_text
from app.shared.experiment import OWN
from app.shared.presets import PRESETS


class PickerView:
    """The radio buttons, the search over them, and which of list and own data is in sight.

    Args:
        choose: called with a data set's name when another one is chosen.
    """

    def __init__(self, choose: TakeText) -> None:
        self._choose = choose
        listen(find("dataset"), "change", lambda event: self._take(event.target.value))
        # A press on the chosen radio button changes nothing, but shows the user's own data again.
        listen(find("dataset"), "click", self._press)
        listen(find("find-data"), "input", lambda event: self._search())
        listen(find("find-data"), "keydown", self._keys)
        on_press("all-data", self._show_all)

    def show(self, name: str) -> None:
        """Show that the data set `name` is chosen."""
        for radio in document.querySelectorAll("#dataset input"):
            radio.checked = radio.value == name
            if radio.checked:
                title = radio.parentElement.querySelector(".choice-title").textContent
                write_text("data-chip-words", title)
        self._show_own(name == OWN)

    def _take(self, name: str) -> None:
        find("find-data").value = ""
        self._search()
        self._choose(name)
        if name == OWN:
            find("own-text").focus()

    def _press(self, event: JsProxy) -> None:
        if event.target.matches(f"[value={OWN}]:checked"):  # not the words of its label
            self._show_own(True)

    def _show_all(self) -> None:
        self._show_own(False)
        document.querySelector("#dataset input:checked").focus()

    def _show_own(self, shown: bool) -> None:
        find("own").hidden = not shown
        find("all-data").hidden = not shown
        find("dataset").hidden = find("find-data").hidden = shown

    def _found(self) -> list[str]:
        """The names of the data sets that have the words in title, group or description."""
        words = find("find-data").value.lower().split()
        found = []
        for preset in PRESETS:
            text = f"{preset.title} {preset.group} {preset.description}".lower()
            if all(word in text for word in words):
                found.append(preset.name)
        return found

    def _search(self) -> None:
        found = self._found()
        searching = bool(find("find-data").value.strip())
        find("index").classList.toggle("searching", searching)
        for radio in document.querySelectorAll("#index [role=group] input"):
            radio.parentElement.hidden = radio.value not in found
        for group in document.querySelectorAll("#index [role=group]"):
            group.hidden = group.querySelector("label:not([hidden])") is None
        find("found-none").hidden = bool(found)

    def _keys(self, event: JsProxy) -> None:
        found = self._found()
        if event.key == "Enter" and found:
            event.preventDefault()
            self._take(found[0])
            document.querySelector(f"#dataset input[value='{found[0]}']").focus()
        elif event.key == "Escape":
            find("find-data").value = ""
            self._search()
