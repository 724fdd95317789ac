"""One run as the page remembers it: what it was begun with, and how far it is; what runs came to.

It knows nothing of who computes it, nor of how it is shown.
"""

from app.page.engines import Computing
from app.page.series import Series
from app.page.setup_controller import Choosing
from app.page.types import JsProxy, Room, Unit
from app.page.views.architecture import num_params
from app.shared.presets import find as find_preset


class Run:
    """What a run is begun with, as everything is set now, and how far it is."""

    def __init__(self, choosing: Choosing, computing: Computing) -> None:
        self.signature = choosing.signature()
        self.settings = choosing.experiment.run()
        self.data = choosing.experiment.data
        self.source = choosing.data.source  # of its data, for another worker
        self.unit = choosing.unit()  # of its losses
        vocab_size = choosing.tokens.vocab_size
        self.num_params = num_params(vocab_size, choosing.experiment.shape())
        self.batch_size = int(self.settings["batch_size"])
        self.series = Series(vocab_size, int(self.settings["num_steps"]))
        self.engine, self.precision = computing.engine(self.settings)
        preset = find_preset(self.data)
        self.is_task = preset is not None and preset.is_task  # whether lines are right or wrong
        self.number = 0  # the worker says it with everything about the run
        self.paused = False  # whether the person has it waiting
        self.step = 0
        self.seconds = 0.0
        self.saved_step = 0  # that of the newest checkpoint
        self.saved: JsProxy = None  # the checkpoint itself, which is not looked into

    @property
    def room(self) -> Room:
        """What the chart must have room for."""
        return self.series.num_steps, self.series.guessing, self.is_task, self.unit

    @property
    def fell_back(self) -> bool:
        """Whether nothing compiled can run, though it was asked for."""
        return self.engine == "scalar" and self.settings["engine"] != "scalar"

    def weights(self, steps: int) -> int:
        """How often so many steps use a weight, counting each once for every document."""
        return self.num_params * self.batch_size * steps


class Results:
    """What the runs so far have come to, to tell of another what those on other tokens did."""

    def __init__(self) -> None:
        self._ended: list[tuple[Unit, float]] = []  # unit, and the loss of a character

    def add(self, run: Run) -> None:
        """A run has ended: its series learns of the last one on other tokens of the same data."""
        data, tokens = run.unit
        for unit, loss in self._ended:
            if unit[0] == data and unit[1] != tokens:
                run.series.elsewhere = loss
        self._ended.append((run.unit, run.series.of_a_character))
