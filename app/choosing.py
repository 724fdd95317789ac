"""What the person chooses: the data set, the settings, and the page's address that holds both.

It shows a choice at once and tells the other parts of the page of it; it knows nothing of runs.
"""

import asyncio

from app.experiment import OWN, Experiment
from app.presets import find as find_preset
from app.views.controls import Controls
from app.views.data import DataPanel, lines
from app.views.dom import find, listen
from app.views.model import ModelView
from pyscript import document, fetch, window


async def site_file(path):
    """The response that holds one of the site's own files; raises `OSError` if there is none."""
    response = await fetch(document.body.dataset.release + "/" + path)
    if not response.ok:
        raise OSError(path)
    return response


class Choosing:
    """The experiment that is set up on the page.

    Args:
        changed: called with the name of what has changed: a setting, or `data`.
        complain: called with a sentence about an address that makes no sense, "" if it does.
    """

    def __init__(self, changed, complain):
        self._changed = changed
        self._complain = complain
        self.experiment = Experiment()
        self.text = ""
        self.documents = []
        self.vocab_size = int(document.body.dataset.vocabulary)  # that of the default data
        self.model_view = ModelView()
        self.data = DataPanel(self._pick, self._own_changed)
        self.controls = Controls(self.experiment, self._set)
        listen(find("share"), "click", lambda event: asyncio.create_task(self._share()))
        window.onhashchange = lambda event: self.read_address()

    def read_address(self):
        """Take over what the address says; what it does not say is as by default."""
        fresh = Experiment()
        complaints = fresh.read_address(window.location.hash)
        self.experiment.values, self.experiment.data = fresh.values, fresh.data
        self.controls.show()
        self.data.set_own_text(window.microgpt.recall("own-text") or "")
        self.data.pick(fresh.data)
        self._complain(" ".join(complaints))
        asyncio.create_task(self.show_data())

    def signature(self):
        """What makes the run that would begin now this run and no other."""
        own = self.text if self.experiment.data == OWN else ""
        return self.experiment.signature() + [own]

    def complain(self, text):
        """Say what is wrong with the data, and bring it into sight."""
        self.data.complain(text)
        find("data-heading").scrollIntoView()

    async def show_data(self):
        """Bring the text of the data set that is picked, and show it."""
        name = self.experiment.data
        if name == OWN:
            text = self.data.own_text()
        else:
            try:
                response = await site_file("datasets/" + find_preset(name).file)
                text = await response.text()
            except Exception:
                self.data.complain("The data set could not be loaded: reload the page.")
                return
        if name != self.experiment.data:
            return  # another one was picked meanwhile
        self.text = text
        self.documents = lines(text)
        characters = set()
        for line in self.documents:
            characters.update(line)
        self.vocab_size = max(2, len(characters) + 1)
        self.data.show_text(name, self.documents)
        self.model_view.show(self.vocab_size, self.experiment.shape())
        self._changed("data")

    def _pick(self, name):
        self.experiment.set("data", name)
        self.data.complain("")
        self._write_address()
        asyncio.create_task(self.show_data())

    def _own_changed(self):
        self.data.pick(OWN)
        window.microgpt.keep("own-text", self.data.own_text())
        self._pick(OWN)

    def _set(self, name):
        self._write_address()
        self.model_view.show(self.vocab_size, self.experiment.shape())
        self._changed(name)

    def _write_address(self):
        address = self.experiment.address()
        place = "#" + address if address else window.location.pathname + window.location.search
        window.history.replaceState(None, "", place)

    async def _share(self):
        try:
            await window.navigator.clipboard.writeText(window.location.href)
            words = "Copied"
        except Exception:
            words = "Copy the address above"
        find("share").textContent = words
        await asyncio.sleep(2)
        find("share").textContent = "Copy link"
