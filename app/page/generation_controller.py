"""Writing with the model, on the page's side: a walk token by token, and many samples at once.

It sends commands and shows what comes back; it never computes with a model.
"""

import asyncio
import random

from app.page.data_source import site_bytes
from app.page.exploration import Walk
from app.page.link import Link
from app.page.setup_controller import Choosing
from app.page.types import JsProxy, Message
from app.page.views.dom import find, notice
from app.page.views.explorer import ExplorerView
from app.page.views.samples import SamplesView
from app.shared import commands
from app.shared.experiment import SAMPLE_SETTINGS

AUTO_SECONDS = 0.45  # between two tokens that come by themselves
SHIPPED_MODEL = "datasets/models/us-names.safetensors"


class Writing:
    """The model that writes, and the document that it is writing.

    Args:
        choosing: holds the sampling settings.
        link: the line to the worker.
    """

    def __init__(self, choosing: Choosing, link: Link) -> None:
        self._choosing = choosing
        self._link = link
        self._shipped: JsProxy = None  # the bytes of the model that comes with the page
        self._block_size = 16
        self._walk = Walk()
        self._playing = 0  # the number of the auto-play that is going on, 0 for none
        self._played = 0  # how many there have been
        self._held_back: list[Message] | None = []  # commands that a model is to come before
        self._explorer = ExplorerView(
            {
                "next": lambda: self._explore("next"),
                "back": lambda: self._explore("back"),
                "auto": self._auto_play,
                "reset": lambda: self._explore("reset"),
            },
            self._choose,
            self._select,
        )
        self._samples = SamplesView(self._generate)
        self._asked = False  # for samples of which none has come yet

    async def begin(self) -> None:
        """Hand a new worker the sampling settings and the model that comes with the page."""
        self._held_back = self._held_back or []
        self._link.send(commands.sampling(self._choosing.experiment.sampling()))
        if self._shipped is None:
            try:
                self._shipped = await site_bytes(SHIPPED_MODEL)
            except Exception:
                self.complain("The model that comes with the page could not be loaded.")
        if self._shipped is not None:
            self._link.send(commands.load(), self._shipped)
        held_back, self._held_back = self._held_back, None
        for message in held_back:
            self._link.send(message)

    def changed(self, name: str) -> None:
        """The setting `name` has changed: it holds from the next token on."""
        if name in SAMPLE_SETTINGS:
            self.complain("")
            self._link.send(commands.sampling(self._choosing.experiment.sampling()))
            if not self._walk.choices or name == "prefix":
                self._explore("reset")

    def complain(self, text: str) -> None:
        """What is wrong with the sampling settings, or nothing any more."""
        notice("writing-notice", text)
        find("prefix").setAttribute("aria-invalid", "true" if text else "false")

    # ---- what the worker says --------------------------------------------------------------------

    def on_model(self, message: Message) -> None:
        self._block_size = message["config"]["block_size"]
        self._walk = Walk()
        self._explorer.set_tokens(message["characters"])
        self._samples.forget()
        find("model-name").textContent = (
            "The model that you train above, as it is at this moment."
            if message["about"].get("source") == "run"
            else "A small model that was trained on US first names beforehand."
        )
        self._explore("start")

    def on_exploration(self, message: Message) -> None:
        self._walk.take(message)
        self._explorer.show(self._walk, self._block_size)
        if self._walk.stop:
            self._play(False)

    def on_generated(self, message: Message) -> None:
        if self._asked:
            self._asked = False
            self._samples.begin()
        self._samples.show(message)

    def on_error(self, message: Message) -> None:
        self._play(False)
        self.complain(message["message"])

    # ---- what the person does --------------------------------------------------------------------

    def _generate(self) -> None:
        self.complain("")
        self._asked = True
        count = int(self._choosing.experiment.values["num_samples"])
        self._send(commands.generate(count, random.getrandbits(30)))

    def _explore(self, action: str, position: int | None = None, token: int | None = None) -> None:
        self._play(False)
        self._send(commands.explore(action, position, token))

    def _choose(self, token: int) -> None:
        """Write this token where the person is looking."""
        self._explore("choose", max(0, self._walk.selected), token)

    def _select(self, index: int) -> None:
        """Look at an earlier choice."""
        self._walk.select(index)
        self._explorer.show(self._walk, self._block_size)

    def _send(self, message: Message) -> None:
        if self._held_back is None:
            self._link.send(message)
        else:
            self._held_back.append(message)

    def _auto_play(self) -> None:
        if self._playing:
            self._play(False)
            return
        if self._walk.stop:
            self._explore("reset")
        self._play(True)
        asyncio.create_task(self._tokens_by_themselves(self._playing))

    async def _tokens_by_themselves(self, number: int) -> None:
        while self._playing == number:
            self._send(commands.explore("next"))
            await asyncio.sleep(AUTO_SECONDS)

    def _play(self, playing: bool) -> None:
        if playing:
            self._played += 1
        self._playing = self._played if playing else 0
        self._explorer.show_auto(playing)
