"""Which parts of the model are switched off: kept here, so that a new worker hears of them, too.

The line beside the model's name says so as long as any are, whether the view is open or not.
"""

from app.page.aliases import Action
from app.page.link import Link
from app.page.part_words import parts_words
from app.page.views.dom import find, on_press, set_text
from app.shared.commands import SwitchOffCommand
from app.shared.events import AblationEvent, ErrorEvent, ModelEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

SHAPE = ("n_embd", "n_head", "n_layer")
OTHER_SHAPE = "The new model has another shape, so all its parts are there."


class SwitchedOff:
    """The parts that are off.

    Args:
        link: the line to the worker.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self.parts: list[str] = []
        self.by = "zero"
        self.problem = ""  # why the last change could not be made as it was asked for
        self.newest: AblationEvent | None = None  # what the worker has said of it
        self._model: ModelEvent | None = None
        self._shape: list[int] = []  # of the model whose parts they are
        self._listener: Action | None = None  # the view, while it is open
        on_press("restore-parts", self.restore)

    def listen(self, listener: "Callable[[], None] | None") -> None:
        """Call this whenever something here has changed; None: the view was closed."""
        opened = self._listener is None
        self._listener = listener
        if listener is not None and opened:
            self._send()

    def switch(self, part: str) -> None:
        """Switch a part off, or on again."""
        if part in self.parts:
            self.change([name for name in self.parts if name != part], self.by)
        else:
            self.change(self.parts + [part], self.by)

    def restore(self) -> None:
        """Switch all parts on."""
        self.change([], self.by)

    def change(self, parts: list[str], by: str) -> None:
        """Switch off these parts and no others; `by` as of the command."""
        self.parts, self.by, self.problem = parts, by, ""
        if self._model is not None:
            self._shape = shape_of(self._model)
        self._send()
        self._show()

    # ---- what the worker says --------------------------------------------------------------------

    def on_model(self, message: ModelEvent) -> None:
        """Another model writes from now on: if it has the same shape, with the same parts off."""
        self._model, self.newest, self.problem = message, None, ""
        if self.parts and shape_of(message) != self._shape:
            self.parts, self.problem = [], OTHER_SHAPE
        if self.parts or self._listener is not None:
            self._send()
        self._show()

    def on_ablation(self, message: AblationEvent) -> None:
        """Show what it costs, unless something else was switched meanwhile."""
        model = self._model
        if model is None or message["model"] != model["number"]:
            return
        if message["parts"] == self.parts and message["by"] == self.by:
            self.newest = message
            self._show()

    def on_error(self, message: ErrorEvent) -> None:
        """It could not be done: by zero it can."""
        by_zero = self.by != "zero"
        self.change(self.parts if by_zero else [], "zero")
        self.problem = message["message"]
        self._show()

    # ----------------------------------------------------------------------------------------------

    def words(self) -> str:
        """What is off, and what that costs, "" where nothing is."""
        return ablation_words(self.parts, self.newest)

    def _send(self) -> None:
        if self._model is None:
            return  # `on_model` sends
        self._link.send(
            SwitchOffCommand(
                type="switch_off", model=self._model["number"], parts=self.parts, by=self.by
            )
        )

    def _show(self) -> None:
        words = self.words() or (self.problem if self.problem == OTHER_SHAPE else "")
        line = find("switched-off")
        if line.hidden != (not words):
            line.hidden = not words
        element = find("switched-off-words")
        set_text(element, words)
        find("restore-parts").hidden = not self.parts
        if self._listener is not None:
            self._listener()


def different(one: float, other: float) -> "tuple[str, str]":
    """Two losses with two digits behind the point, or three where they would look the same."""
    if f"{one:.2f}" != f"{other:.2f}":
        return f"{one:.2f}", f"{other:.2f}"
    return f"{one:.3f}", f"{other:.3f}"


def shape_of(model: ModelEvent) -> list[int]:
    """What decides which parts a model has."""
    return [int(model["config"][name]) for name in SHAPE]  # type: ignore[literal-required]


def ablation_words(parts: list[str], newest: "AblationEvent | None") -> str:
    """What is off, and what that costs: a sentence or two, "" where nothing is off."""
    if not parts:
        return ""
    names = parts_words(parts)
    whole = newest["whole"] if newest is not None else None
    without = newest["without"] if newest is not None else None
    if whole is None or without is None or newest is None or newest["parts"] != parts:
        verb = "is" if len(parts) == 1 and parts != ["position"] else "are"
        return f"{names[0].upper()}{names[1:]} {verb} switched off."
    losses = (whole["loss"], without["loss"])
    if losses[0] is None or losses[1] is None:
        words = (
            f"Without {names} the model writes as you see; what that costs is known where the "
            "chosen data have the model's own characters"
        )
    else:
        old, new = different(losses[0], losses[1])
        words = f"Without {names} the held-out loss is {new} instead of {old}"
        if old == new:
            words = f"Without {names} the held-out loss is {new}, as it was"
    if whole["accuracy"] is not None and without["accuracy"] is not None:
        words += f", and {without['accuracy']:.0%} are right instead of {whole['accuracy']:.0%}"
    return words + "."
