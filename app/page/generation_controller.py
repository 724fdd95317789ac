"""Writing with the model: its text in the explorer, its sampling settings, many samples at once."""

import random

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import Action, JsProxy, TakeMoment, TakeText
from app.page.branches import BranchToken
from app.page.data_source import fetch_bytes
from app.page.explorer_controller import ExplorerController
from app.page.keeping.kept_document import KeptDocument
from app.page.link import Link
from app.page.notices import linked_model
from app.page.outbox import MODEL_LOADED
from app.page.views.dom import find, notice
from app.page.views.lines import Lines
from app.page.views.samples import SamplesView
from app.shared.commands import GenerateCommand, LoadModelCommand, SetSamplingCommand
from app.shared.events import (
    ErrorEvent,
    ExplorationEvent,
    ModelEvent,
    SamplesEvent,
    SpreadEvent,
)
from app.shared.experiment import SAMPLING_SETTINGS, Experiment
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from app.page.explorer_controller import TakeWriting

NOTICE = "writing-notice"
SHIPPED_MODEL = "datasets/models/us-names.safetensors"


class GenerationController:
    """The model that writes, and what it has written.

    Args:
        experiment: holds the sampling settings.
        link: the line to the worker.
        set_prefix: called with another value of the setting `prefix`.
        show_moment, first_document, inspect: as for `ExplorerController`.
        text_changed: called when the text may be another.
    """

    def __init__(
        self,
        experiment: Experiment,
        link: Link,
        set_prefix: TakeText,
        show_moment: TakeMoment,
        first_document: "Callable[[], str]",
        inspect: "TakeWriting",
        text_changed: Action,
    ) -> None:
        self._experiment = experiment
        self._tell_change = text_changed
        self._link = link
        self._set_prefix = set_prefix
        self._link.hold(MODEL_LOADED)
        self._shipped: JsProxy = None  # the bytes of the model that comes with the page
        self._linked: JsProxy = None  # the bytes of one that a link has brought, in place of it
        self._code_of_linked = ""  # the model code that goes with it, if the user allows it
        self._refuse_linked: TakeText | None = None  # takes a sentence on why it cannot be shown
        self._is_back = False  # whether the model that was sent last is that of a run
        self._opened = ""  # what that was opened from
        self._written: GenerateCommand | None = None  # the samples of this model, if there are any
        self._begins_with_text = True  # whether samples are to begin with what is typed
        self._samples = SamplesView(self._generate, self._begin_with)
        self._explorer = ExplorerController(
            experiment, link, self._text_changed, show_moment, first_document, inspect
        )
        for lines in ("samples", "live", "preview"):
            Lines(lines, self.open_text)

    @property
    def document(self) -> KeptDocument:
        """The text that is being written."""
        return self._explorer.document

    @property
    def _is_locked(self) -> bool:
        """Whether a link has locked the text."""
        return self._experiment.arrangement.locks("text")

    def restore_text(self, kept: "dict[str, Any]") -> None:
        """Go on with the text of an earlier visit."""
        self._explorer.change(lambda: self._explorer.document.restore(kept))

    async def load_model(self, checkpoint: JsProxy = None, opened: str = "") -> None:
        """Send a new worker the sampling settings and a model to write with.

        checkpoint: of a run that is on its way back, a blob: its model writes at once, and not only
            when the run's data are loaded. None: the model that a link has brought, or the one that
            comes with the page.
        opened: what that model was opened from, if it was.
        """
        self.lose_model()
        self._send_sampling()
        self._is_back, self._opened = checkpoint is not None, opened
        if checkpoint is not None:
            try:
                content = window.Uint8Array.new(await checkpoint.arrayBuffer())
                self._link.send(LoadModelCommand(type="load_model", blob=content))
            except Exception as error:
                window.console.warn(str(error))  # whoever starts the run says so
        elif self._linked is not None:
            command = LoadModelCommand(type="load_model", blob=self._linked)
            command["code"] = self._code_of_linked
            self._link.send(command)
        elif self._shipped is None:
            try:
                self._shipped = await fetch_bytes(SHIPPED_MODEL)
            except Exception:
                notice(NOTICE, "The model that comes with the page could not be loaded.")
        if checkpoint is None and self._linked is None and self._shipped is not None:
            self._link.send(LoadModelCommand(type="load_model", blob=self._shipped))
        self._link.release(MODEL_LOADED)

    def link_model(self, content: JsProxy, code: str, refuse: TakeText) -> None:
        """Where there is no run, the model that a link has brought is the one to write with.

        Args:
            content: its bytes, packed; None: there is none any more.
            code: the model code that has come with it, if the user allows it.
            refuse: called with a sentence if it cannot be shown.
        """
        self._linked, self._code_of_linked, self._refuse_linked = content, code, refuse

    def lose_model(self) -> None:
        """The worker has no model until it says so."""
        self._explorer.lose_model()
        self._link.hold(MODEL_LOADED)

    def begin_text(self, text: str) -> None:
        """Begin with this text, at once or with the first model that knows its characters."""
        self._explorer.begin(text)

    def open_text(self, text: str) -> None:
        """Put a whole line in place of the text, to step through it."""
        if self._is_locked:
            return
        self._explorer.open(text)
        find("text-row").scrollIntoView(to_js({"block": "nearest"}))

    def move(self, place: int) -> None:
        """Put the caret behind this many tokens of the text."""
        if not self._is_locked:
            self._explorer.move(place)

    def visit(self, node: BranchToken) -> None:
        """Put a branch in place of the text, and the caret behind this token of it."""
        if not self._is_locked:
            self._explorer.visit(node)

    def replay(self) -> None:
        """Have the model write again what the dice wrote of the text."""
        if not self._is_locked:
            self._explorer.replay()

    def write_again(self) -> None:
        """The weights of the model are others: write its samples once more, if there are any."""
        if self._written is not None:
            self._link.send(self._written)

    def setting_changed(self, name: str) -> None:
        """The setting `name` has changed: what is shown and what is sampled follow it."""
        if name not in SAMPLING_SETTINGS:
            return
        self._send_sampling()
        prefix = str(self._experiment.values["prefix"])
        if name != "prefix":
            self._explorer.ask()
        elif prefix and prefix != self._explorer.document.text:
            self._begins_with_text = True
            self._explorer.begin(prefix)
        self._show_prefix()

    # ---- what the worker says --------------------------------------------------------------------

    def on_model(self, message: ModelEvent) -> None:
        self._written = None
        of_run = message["from_run"] or self._is_back
        packed = message.get("packed")
        if of_run or packed:
            self._samples.clear()
        else:
            self._samples.show_first()
        find("model-name").textContent = (
            linked_model(packed) if packed else self._name_of_model(message["from_run"])
        )
        self._explorer.on_model(message)

    def on_exploration(self, message: ExplorationEvent) -> None:
        self._explorer.on_exploration(message)

    def show_spread(self, spread: SpreadEvent | None) -> None:
        """Show how far several models differ in what comes next; None: there are none."""
        self._explorer.show_spread(spread)

    def on_samples(self, message: SamplesEvent) -> None:
        if message["first"] == 1:
            self._samples.make_room()
        self._samples.show(message)

    def on_error(self, message: ErrorEvent) -> None:
        """A command about generation has failed."""
        self._explorer.stop()
        if message["about"] == "load_model" and self._linked is not None and self._refuse_linked:
            self._refuse_linked(message["message"])
        else:
            notice(NOTICE, message["message"])

    # ---- what the user does ----------------------------------------------------------------------

    def _generate(self) -> None:
        notice(NOTICE, "")
        count = int(self._experiment.values["num_samples"])
        self._written = GenerateCommand(type="generate", count=count, seed=random.getrandbits(30))
        self._link.send(self._written)

    def _begin_with(self, begin: bool) -> None:
        """Whether samples are to begin with the text."""
        self._begins_with_text = begin
        self._set_prefix(self._explorer.document.text if begin else "")

    def _text_changed(self, typed: bool) -> None:
        """The text has changed; `typed`: whether the user has typed in it."""
        if typed and self._begins_with_text:
            self._set_prefix(self._explorer.document.text)
        self._show_prefix()
        self._tell_change()

    # ----------------------------------------------------------------------------------------------

    def _name_of_model(self, from_run: bool) -> str:
        """What writes; `from_run`: whether the worker has it from a run."""
        if self._opened and not from_run:
            return f"The model from {self._opened}."
        if from_run or self._is_back:
            return "The model that you train above, as it is at this moment."
        return "A small model that was trained on US first names beforehand."

    def _show_prefix(self) -> None:
        prefix = str(self._experiment.values["prefix"])
        self._samples.show_prefix(prefix or self._explorer.document.text, bool(prefix))

    def _send_sampling(self) -> None:
        settings = self._experiment.sampling()
        self._link.send(SetSamplingCommand(type="set_sampling", settings=settings))
