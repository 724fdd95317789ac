"""Writing with the model: one token at a time in the explorer, and many samples at once."""

import asyncio
import random

from app.page.aliases import JsProxy
from app.page.data_source import fetch_bytes
from app.page.errors import spawn
from app.page.exploration import Exploration
from app.page.link import Link
from app.page.outbox import MODEL_LOADED
from app.page.states import GENERATION_STATES, NO_MODEL, PLAYING, READY, StateMachine
from app.page.views.dom import find, notice
from app.page.views.explorer import ExplorerView
from app.page.views.samples import SamplesView
from app.shared.commands import (
    ExploreCommand,
    GenerateCommand,
    LoadModelCommand,
    SetSamplingCommand,
)
from app.shared.events import ErrorEvent, ExplorationEvent, ModelEvent, SampleEvent
from app.shared.experiment import SAMPLING_SETTINGS, Experiment

TOKEN_SECONDS = 0.45  # between two tokens of auto-play
SHIPPED_MODEL = "datasets/models/us-names.safetensors"


class GenerationController:
    """The model that writes, and what it has written; its states are `states.GENERATION_STATES`.

    Args:
        experiment: holds the sampling settings.
        link: the line to the worker.
    """

    def __init__(self, experiment: Experiment, link: Link) -> None:
        self._experiment = experiment
        self._link = link
        self._states = StateMachine(NO_MODEL, GENERATION_STATES)
        self._link.hold(MODEL_LOADED)
        self._shipped: JsProxy = None  # the bytes of the model that comes with the page
        self._block_size = 16
        self._exploration = Exploration()
        self._num_plays = 0  # how often auto-play was started; the newest has this number
        self._explorer = ExplorerView(
            {
                "next": lambda: self._explore("next"),
                "back": lambda: self._explore("back"),
                "auto": self._press_auto_play,
                "reset": lambda: self._explore("reset"),
            },
            self._choose,
            self._select,
        )
        self._samples = SamplesView(self._generate)
        self._awaiting_samples = False  # some were asked for, and none has come yet

    async def load_model(self) -> None:
        """Send a new worker the sampling settings and the model that comes with the page."""
        self._stop_playing()
        self._states.enter(NO_MODEL)
        self._link.hold(MODEL_LOADED)
        self._send_sampling()
        if self._shipped is None:
            try:
                self._shipped = await fetch_bytes(SHIPPED_MODEL)
            except Exception:
                self.show_error("The model that comes with the page could not be loaded.")
        if self._shipped is not None:
            self._link.send(LoadModelCommand(type="load_model", blob=self._shipped))
        self._stop_playing()  # another call may have come to its end before
        self._states.enter(READY)
        self._link.release(MODEL_LOADED)

    def setting_changed(self, name: str) -> None:
        """The setting `name` has changed: it counts from the next token on."""
        if name in SAMPLING_SETTINGS:
            self.show_error("")
            self._send_sampling()
            if not self._exploration.choices or name == "prefix":
                self._explore("reset")

    def show_error(self, text: str) -> None:
        """Show what is wrong with the sampling settings, or nothing any more."""
        notice("writing-notice", text)
        find("prefix").setAttribute("aria-invalid", "true" if text else "false")

    # ---- what the worker says --------------------------------------------------------------------

    def on_model(self, message: ModelEvent) -> None:
        self._block_size = message["config"]["block_size"]
        self._exploration = Exploration()
        self._explorer.set_tokens(message["tokens"])
        self._samples.clear()
        find("model-name").textContent = (
            "The model that you train above, as it is at this moment."
            if message["from_run"]
            else "A small model that was trained on US first names beforehand."
        )
        self._explore("start")

    def on_exploration(self, message: ExplorationEvent) -> None:
        self._exploration.take(message)
        self._explorer.show(self._exploration, self._block_size)
        if self._exploration.stop:
            self._stop_playing()

    def on_sample(self, message: SampleEvent) -> None:
        if self._awaiting_samples:
            self._awaiting_samples = False
            self._samples.make_room()
        self._samples.show(message)

    def on_error(self, message: ErrorEvent) -> None:
        """A command about generation has failed."""
        self._stop_playing()
        self.show_error(message["message"])

    # ---- what the user does ----------------------------------------------------------------------

    def _generate(self) -> None:
        self.show_error("")
        self._awaiting_samples = True
        count = int(self._experiment.values["num_samples"])
        self._link.send(GenerateCommand(type="generate", count=count, seed=random.getrandbits(30)))

    def _explore(self, action: str, position: int | None = None, token: int | None = None) -> None:
        self._stop_playing()
        self._send_explore(action, position, token)

    def _choose(self, token: int) -> None:
        """Write this token where the user is looking."""
        self._explore("choose", max(0, self._exploration.selected), token)

    def _select(self, index: int) -> None:
        """Look at an earlier choice."""
        self._exploration.select(index)
        self._explorer.show(self._exploration, self._block_size)

    def _press_auto_play(self) -> None:
        if self._states.is_in(PLAYING):
            self._stop_playing()
        elif self._states.is_in(READY):
            if self._exploration.stop:
                self._explore("reset")
            self._states.enter(PLAYING)
            self._explorer.show_auto_play(True)
            self._num_plays += 1
            spawn(self._play(self._num_plays))

    # ----------------------------------------------------------------------------------------------

    def _send_sampling(self) -> None:
        settings = self._experiment.sampling()
        self._link.send(SetSamplingCommand(type="set_sampling", settings=settings))

    def _send_explore(
        self, action: str, position: int | None = None, token: int | None = None
    ) -> None:
        self._link.send(
            ExploreCommand(type="explore", action=action, position=position, token=token)
        )

    async def _play(self, number: int) -> None:
        while self._states.is_in(PLAYING) and self._num_plays == number:
            self._send_explore("next")
            await asyncio.sleep(TOKEN_SECONDS)

    def _stop_playing(self) -> None:
        if self._states.is_in(PLAYING):
            self._states.enter(READY)
            self._explorer.show_auto_play(False)
