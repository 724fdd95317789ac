"""What is open in the Lab: a ready experiment, or one of the user's own.

Plain Python that MicroPython understands.
"""

from app.shared.typed import TYPE_CHECKING, SettingValues
from microgpt.lab.axis import LAB_ONLY, LAB_SETTINGS, Axis, short_words, variable
from microgpt.lab.measures import Measure, measure
from microgpt.lab.ready import DOTS, LINES, READY, ReadyExperiment, ready_experiment
from microgpt.lab.sweep import DEFAULT_MEASURE, Sweep, parse_sweep

if TYPE_CHECKING:
    from microgpt.lab.ready import Guess

WINDOW = "WINDOW"  # what stands for a number of tokens in the model code that comes with the Lab
OWN_TITLE = "Your own experiment"
OWN_MEANING = (
    "Choose one or two settings and their values: a model is trained at every point. The address "
    "of the page is the experiment, so a link repeats it."
)


class LabExperiment:
    """An experiment: one sweep or several, and what is said of them.

    Args:
        sweeps: in the order in which they are run.
        ready: its row of the table, None for one of the user's own.
    """

    def __init__(self, sweeps: list[Sweep], ready: ReadyExperiment | None = None) -> None:
        self.sweeps, self.ready = sweeps, ready
        first = sweeps[0]
        self.title = ready.title if ready is not None else OWN_TITLE
        self.meaning = ready.meaning if ready is not None else OWN_MEANING
        self.source = ready.source if ready is not None else ""
        self.guess: Guess | None = ready.guess if ready is not None else None
        self.texts = [sweep.text() for sweep in sweeps]
        # How it stands in the address, and what its results are kept under: whatever is drawn of
        # them, they stay.
        self.address = ready.name if ready is not None else self.texts[0]
        parts = [part for part in self.address.split(";") if not part.startswith("measure=")]
        self.key = ";".join(parts)
        self.num_runs = sum([sweep.num_runs for sweep in sweeps])
        self.seeds = first.seeds
        self.data = first.data
        self.measure: Measure = measure(first.measured)
        own_picture = LINES if first.axes else DOTS
        self.picture = ready.picture if ready is not None else own_picture
        self._points = [sweep.points() for sweep in sweeps]

    def point(self, sweep: int, place: int) -> SettingValues:
        """The settings that vary, at a point."""
        return self._points[sweep][place]

    def num_points(self, sweep: int) -> int:
        """How many points a sweep has."""
        return len(self._points[sweep])

    def values(self, sweep: int, place: int, seed: int | None = None) -> SettingValues:
        """All settings of a run, by default of the first seed; those of the lab among them."""
        values = self.sweeps[sweep].values(self.point(sweep, place))
        if seed is not None:
            values["seed"] = seed
        return values

    def first_seed(self, sweep: int) -> int:
        """The seed of the first runs."""
        return int(self.sweeps[sweep].values({})["seed"])

    def words(self, sweep: int, place: int) -> str:
        """What tells a point from the others: `Learning rate 0.01, Embedding size 16`."""
        return settings_words(self.point(sweep, place)) or "All settings the same"

    def further(self, sweep: int) -> str:
        """What all runs have in common and the page's defaults have not; "" for nothing."""
        return settings_words(self.sweeps[sweep].base)


def settings_words(values: SettingValues) -> str:
    """Settings with their values, in the order of their table; "" for none.

    >>> settings_words({"learning_rate": 0.00334716, "n_embd": 16})
    'Embedding size 16, Learning rate 0.00335'
    """
    rows = [row for row in LAB_SETTINGS if row.name in values]
    return ", ".join([f"{row.label} {short_words(row, values[row.name])}" for row in rows])


def open_experiment(text: str) -> LabExperiment:
    """The experiment that an address names: by a ready one's name, or by its text.

    Raises `SettingError` if there is none.
    """
    if "=" in text:
        return LabExperiment([parse_sweep(text)])
    ready = ready_experiment(text) if text else READY[0]
    return LabExperiment(ready.sweeps(), ready)


def without_lab_settings(values: SettingValues) -> SettingValues:
    """The settings of a run that the playground has."""
    names = [row.name for row in LAB_ONLY]
    return {name: value for name, value in values.items() if name not in names}


def is_number(axis: Axis) -> bool:
    """Whether the places of an axis are numbers."""
    return len(axis.names) == 1 and not isinstance(variable(axis.names[0]).default, str)


def default_sweep(data: str, base: SettingValues) -> Sweep:
    """What the user's own experiment begins as: learning rates, on these data and settings."""
    offered = parse_sweep("learning_rate=0.001..0.1x8").axes
    kept = {name: value for name, value in base.items() if name != "learning_rate"}
    return Sweep(data, kept, offered, 3, DEFAULT_MEASURE)
