"""What the person chooses: the data, the settings, and the page's address that holds both.

It shows a choice at once, and tells the worker and the other parts of the page. It knows nothing of
how data get to the worker.
"""

import asyncio

from pyscript import document, window

from app.page.data_controller import Bringing
from app.page.link import Link
from app.page.types import Message, Tell, Unit
from app.page.views.controls import Controls
from app.page.views.dom import find, listen
from app.page.views.merges import MergesView
from app.page.views.model import ModelView
from app.page.views.recommendation import SuitingView
from app.page.vocabulary import Tokens
from app.shared import commands
from app.shared.experiment import DEFINING, OWN, Experiment, recommendation
from app.shared.presets import find as find_preset
from microgpt.settings import SETTINGS

ABOUT_OWN = "Any text or table of yours, up to 50 MB. It stays on this machine."


class Choosing:
    """The experiment that is set up on the page.

    Args:
        link: the line to the worker.
        changed: called with the name of what has changed: a setting, or `data`.
        complain: called with a sentence about an address that makes no sense, "" if it does.
    """

    def __init__(self, link: Link, changed: Tell, complain: Tell) -> None:
        self._link = link
        self._changed = changed
        self._complain = complain
        self.experiment = Experiment()
        self.tokens = Tokens(int(document.body.dataset.vocabulary) - 1)  # of the default data
        self._model = ModelView()
        self._merges = MergesView(self.tokens)
        self.data = Bringing(self.experiment, self.tokens, link, self._show_set_up, self._know)
        self._suiting = SuitingView(self._adopt)
        self._controls = Controls(list(SETTINGS), self.experiment, self._set)
        listen(find("share"), "click", lambda event: asyncio.create_task(self._share()))
        window.onhashchange = lambda event: self.read_address()

    def read_address(self) -> None:
        """Take over what the address says; what it does not say is as by default."""
        fresh = Experiment()
        complaints = fresh.read_address(window.location.hash)
        self.experiment.data = fresh.data
        self._complain(" ".join(complaints))
        self._take_over(fresh.values)
        self.data.recall()
        self.data.pick(fresh.data)

    def signature(self) -> list[int | float | str]:
        """What makes the run that would begin now this run and no other."""
        own = self.data.texts if self.experiment.data == OWN else 0
        return self.experiment.signature() + [own]

    def unit(self) -> Unit:
        """What a loss of the run that would begin now is of: the data, and their tokens."""
        tokens = self.tokens
        own = self.data.texts if self.experiment.data == OWN else 0
        kind = (tokens.limit, tokens.split) if tokens.pairs else ()
        return (self.experiment.data, own), kind

    # ---- what the worker says --------------------------------------------------------------------

    def on_merges(self, message: Message) -> None:
        self.tokens.take(message)
        self._show_model()
        self._changed("tokens")

    def on_measured(self, message: Message) -> None:
        self.tokens.measure(message)
        self.data.see("tokens")
        self._show_set_up()

    # ---- what the person does --------------------------------------------------------------------

    def _know(self) -> None:
        """It is known what is in the data."""
        self._merges.set_lines(self.data.preview)
        self._show_model()
        self._show_set_up()
        self._changed("data")

    def _adopt(self) -> None:
        """Set everything as it suits the data."""
        values = dict(self.experiment.values)
        values.update(self._suggested())
        self._take_over(values)
        self._link.send(commands.prepare(self.experiment.run()))

    def _suggested(self) -> dict[str, float]:
        """The settings, by name, that suit the data; none where nothing is known."""
        preset = find_preset(self.experiment.data)
        suggested = dict(preset.suggested if preset else self.data.recommendation)
        if self.tokens.pairs and suggested and not self.data.in_pieces:
            del suggested["block_size"]  # which goes by the characters
            if self.tokens.lengths is not None:
                suggested["block_size"] = self.tokens.lengths["block_size"]
        return suggested

    def _set(self, name: str) -> None:
        self._show_model()
        self._show_set_up()
        if name in DEFINING:
            self._link.send(commands.prepare(self.experiment.run()))
        self.data.see(name)
        self._changed(name)

    def _take_over(self, values: dict[str, int | float | str]) -> None:
        """Have every setting as in `values`, and tell of those that have changed."""
        before, self.experiment.values = self.experiment.values, values
        self._controls.show()
        self._show_model()
        self._show_set_up()
        for name, value in values.items():
            if value != before[name]:
                self.data.see(name)
                self._changed(name)

    def _show_model(self) -> None:
        values = self.experiment.values
        split = (int(values["seed"]), float(values["eval_fraction"]))
        self.tokens.want(values["tokenizer"] == "bpe", int(values["vocab_limit"]), split)
        self._merges.show()
        self._model.show(self.tokens.vocab_size, self.experiment.shape())

    def _show_set_up(self) -> None:
        """Show what is picked, what suits it, and the address that holds everything."""
        preset, suggested = find_preset(self.experiment.data), self._suggested()
        about = preset.description if preset else ABOUT_OWN
        self._suiting.show(about, recommendation(self.experiment, suggested), bool(suggested))
        self._write_address()

    def _write_address(self) -> None:
        address = self.experiment.address()
        place = "#" + address if address else window.location.pathname + window.location.search
        window.history.replaceState(None, "", place)

    async def _share(self) -> None:
        try:
            await window.navigator.clipboard.writeText(window.location.href)
            words = "Copied" if self.experiment.data != OWN else "Copied, without your text"
        except Exception:
            words = "Copy the address above"
        find("share").textContent = words
        await asyncio.sleep(2)
        find("share").textContent = "Copy link"
