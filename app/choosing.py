"""What the person chooses: the data set, the settings, and the page's address that holds both.

It shows a choice at once, hands the data to the worker, and tells the other parts of the page. A
text stays in JavaScript's hands: MicroPython would take seconds to look through a long one.
"""

import asyncio

from pyscript import document, window

from app import protocol
from app.experiment import DEFINING, OWN, Experiment, suggestion
from app.link import Link
from app.presets import DEFAULT_PRESET
from app.presets import find as find_preset
from app.tokens import Tokens
from app.types import JsProxy, Message, Tell
from app.views.controls import Controls
from app.views.data import DataPanel
from app.views.dom import find, listen
from app.views.merges import MergesView
from app.views.model import ModelView
from app.views.suiting import SuitingView

# Byte pairs depend on these, and on the data.
LEARNT_BY = ("tokenizer", "vocab_limit", "seed", "eval_fraction")
ABOUT_OWN = "Any text with one name, word or title a line. It stays on this machine."


async def site_bytes(path: str) -> JsProxy:
    """One of the site's own files as a JavaScript array; raises `OSError` if there is none."""
    # Not PyScript's own fetch(), which would copy the bytes into MicroPython one by one.
    response = await window.fetch(f"{document.body.dataset.release}/{path}")
    if not response.ok:
        raise OSError(path)
    return window.Uint8Array.new(await response.arrayBuffer())


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
        self.bytes: JsProxy = None  # the data's text
        self._arrived = asyncio.Event()  # the data that are picked are with the worker
        self._brought_name = self.experiment.data  # the last that could be fetched
        self._texts = 0  # how many texts the person has brought
        self._model = ModelView()
        self._merges = MergesView(self.tokens)
        self._data = DataPanel(self._pick, self._bring)
        self._suiting = SuitingView(self._adopt)
        self._controls = Controls(self.experiment, self._set)
        listen(find("share"), "click", lambda event: asyncio.create_task(self._share()))
        window.onhashchange = lambda event: self.read_address()

    def read_address(self) -> None:
        """Take over what the address says; what it does not say is as by default."""
        fresh = Experiment()
        complaints = fresh.read_address(window.location.hash)
        self.experiment.data = fresh.data
        self._data.recall()
        self._data.pick(fresh.data)
        self._complain(" ".join(complaints))
        self._take_over(fresh.values)
        self._bring_soon()

    def lose_worker(self) -> None:
        """The worker that had the data is gone."""
        self._arrived.clear()

    def signature(self) -> list[int | float | str]:
        """What makes the run that would begin now this run and no other."""
        own = self._texts if self.experiment.data == OWN else 0
        return self.experiment.signature() + [own]

    async def bring_data(self) -> None:
        """Fetch the data set that is picked, show its beginning, hand it to the worker."""
        name = self.experiment.data
        self._arrived.clear()
        preset = find_preset(name)
        if preset is None:
            content = self._data.own_bytes()
        else:
            try:
                content = await site_bytes(f"datasets/{preset.file}")
            except Exception:
                self._fail(preset.title)
                return
        if name != self.experiment.data:
            return  # another one was picked meanwhile
        self.bytes = content
        self._data.show_beginning(content)
        self._link.send(protocol.data(name), content)
        self._link.send(protocol.prepare(self.experiment.run()))
        self._brought_name = name
        self._arrived.set()

    def _bring_soon(self) -> None:
        self._arrived.clear()  # at once: a press on Train may come before the task below begins
        asyncio.create_task(self.bring_data())

    def _fail(self, title: str) -> None:
        """A data set could not be fetched: stay with the one before."""
        self._data.complain(f"'{title}' could not be loaded: pick it once more.")
        self.experiment.data = self._brought_name
        self._data.pick(self._brought_name)
        self._show_set_up()
        self._arrived.set()

    @property
    def has_brought(self) -> bool:
        """Whether the worker has been sent the data that are picked."""
        return bool(self._arrived.is_set())

    async def brought(self) -> None:
        """Wait until it has."""
        await self._arrived.wait()

    # ---- what the worker says --------------------------------------------------------------------

    def on_described(self, message: Message) -> None:
        if message["name"] != self.experiment.data:
            return
        self._data.describe(message)
        self.tokens.num_chars = len(message["characters"])
        self._merges.set_lines(message["preview"])
        self._show_model()
        self._changed("data")

    def on_merges(self, message: Message) -> None:
        self.tokens.take(message)
        self._show_model()
        if not self.tokens.problem:  # else a press on Train is told
            self._changed("tokens")

    def on_error(self, message: Message) -> None:
        """The data cannot be used: say so, and go back to what there was."""
        own = self.experiment.data == OWN
        had_file = own and self._data.drop_file()
        empty = own and not self._data.own_bytes().length
        if empty and not had_file:
            self._data.show_nothing()
            return
        self._data.complain(message["message"])
        if had_file:
            if not empty:
                self._data.keep()
                self._bring_soon()
            else:
                self._data.pick(DEFAULT_PRESET)
                self._pick(DEFAULT_PRESET)

    # ---- what the person does --------------------------------------------------------------------

    def _pick(self, name: str) -> None:
        self.experiment.set("data", name)
        self._want_tokens("tokenizer")
        self._show_set_up()
        self._bring_soon()

    def _bring(self) -> None:
        self._texts += 1
        self._data.complain("")
        self._data.pick(OWN)
        self._data.keep()
        self._pick(OWN)

    def _adopt(self) -> None:
        """Set everything as it suits the data."""
        values = dict(self.experiment.values)
        values.update(self._suggested())
        self._take_over(values)
        self._link.send(protocol.prepare(self.experiment.run()))

    def _suggested(self) -> dict[str, float]:
        """The settings, by name, that suit the data; none where nothing is known."""
        preset = find_preset(self.experiment.data)
        return preset.suggested if preset else {}

    def _set(self, name: str) -> None:
        self._show_set_up()
        self._want_tokens(name)
        self._show_model()
        if name in DEFINING:
            self._link.send(protocol.prepare(self.experiment.run()))
        self._changed(name)

    def _take_over(self, values: dict[str, int | float | str]) -> None:
        """Have every setting as in `values`, and tell of those that have changed."""
        before, self.experiment.values = self.experiment.values, values
        self._controls.show()
        self._want_tokens("tokenizer")
        self._show_model()
        self._show_set_up()
        for name, value in values.items():
            if value != before[name]:
                self._changed(name)

    def _want_tokens(self, name: str) -> None:
        """The setting `name` has changed: the tokens may be others."""
        if name in LEARNT_BY:
            values = self.experiment.values
            self.tokens.want(values["tokenizer"] == "pairs", int(values["vocab_limit"]))

    def _show_model(self) -> None:
        self._merges.show()
        self._model.show(self.tokens.vocab_size, self.experiment.shape())

    def _show_set_up(self) -> None:
        """Show what is picked, what suits it, and the address that holds everything."""
        preset, suggested = find_preset(self.experiment.data), self._suggested()
        about = preset.description if preset else ABOUT_OWN
        self._suiting.show(about, suggestion(self.experiment, suggested), bool(suggested))
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
