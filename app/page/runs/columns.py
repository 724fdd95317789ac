"""The columns of the table of runs: what each says of a run, and how it is sorted and coloured.

Plain Python that MicroPython understands.
"""

from app.page.past_run import PastRun
from app.page.run_names import column_title, column_words, differing, values_of
from app.page.series import duration
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    ColumnValue = int | float | str | None

NAME = "name"
# (name, title) of what came of a run, behind what differs.
RESULTS = (
    ("num_params", "Parameters"),
    ("loss", "Loss"),
    ("held_out", "Held out"),
    ("per_char", "Per character"),
    ("accuracy", "Right"),
    ("seconds", "Time"),
)
SIX_COLOURS = ["run-1", "run-2", "run-3", "run-4", "run-5", "run-6"]  # custom properties
NO_COLOUR = "past"
CURRENT_COLOUR = "accent"


def columns_of(runs: list[PastRun]) -> list[str]:
    """The columns for these runs: what differs between them, then what came of them."""
    shown = []
    for name, _ in RESULTS:
        if name == "per_char" and not any(run.chars_per_token > 1 for run in runs):
            continue
        if all(value_in(name, run) is None for run in runs):
            continue
        shown.append(name)
    return differing(runs) + shown


def title_of(column: str) -> str:
    """What a column is called."""
    for name, title in RESULTS:
        if name == column:
            return title
    return "Run" if column == NAME else column_title(column)


def value_in(column: str, run: PastRun) -> "ColumnValue":
    """What a run has in a column; None for nothing."""
    if column == NAME:
        return run.title
    if column == "num_params":
        return int(run.kept["num_params"])
    if column == "loss":
        return run.loss
    if column == "held_out":
        return run.held_out
    if column == "per_char":
        return None if run.loss is None else run.loss / run.chars_per_token
    if column == "accuracy":
        return run.accuracy
    if column == "seconds":
        return float(run.kept["seconds"])
    return values_of(run).get(column)


def words_in(column: str, run: PastRun) -> str:
    """The same in words."""
    value = value_in(column, run)
    if value is None:
        return "–"
    if isinstance(value, str) or column not in [name for name, _ in RESULTS]:
        return str(value) if column == NAME else column_words(column, value)
    if column == "num_params":
        return f"{value:,}"
    if column == "accuracy":
        return f"{value:.0%}"
    return duration(float(value)) if column == "seconds" else f"{value:.3f}"


def is_number(column: str, runs: list[PastRun]) -> bool:
    """Whether a column has numbers."""
    values = [value_in(column, run) for run in runs]
    return not any(isinstance(value, str) for value in values)


def ordered(runs: list[PastRun], column: str, descending: bool) -> list[PastRun]:
    """The runs in the order of a column, what has nothing there last; no column: as they come."""
    if not column:
        return runs
    having = [run for run in runs if value_in(column, run) is not None]
    numbers = is_number(column, runs)

    def key(run: PastRun) -> "ColumnValue":
        value = value_in(column, run)
        return value if numbers else str(value)

    having = sorted(having, key=key, reverse=descending)  # type: ignore[arg-type]
    return having + [run for run in runs if value_in(column, run) is None]


def colours_of(runs: list[PastRun], column: str) -> "dict[str, str | float]":
    """A colour for each run by its key, by what it has in a column; see `past_curves.mjs`.

    Numbers come on a ramp, evenly by their rank, so that 0.001 and 0.002 are told apart as well as
    0.1 and 0.2; words in one colour each.
    """
    if not column:
        return {}
    values = {run.key: value_in(column, run) for run in runs}
    if is_number(column, runs):
        ranks = sorted(
            {float(value) for value in values.values() if isinstance(value, (int, float))}
        )
        top = max(1, len(ranks) - 1)
        return {
            key: ranks.index(float(value)) / top
            for key, value in values.items()
            if isinstance(value, (int, float))
        }
    words = sorted({str(value) for value in values.values()})
    return {
        key: SIX_COLOURS[words.index(str(value)) % len(SIX_COLOURS)]
        for key, value in values.items()
    }


def swatch(colour: "str | float") -> str:
    """A colour of `colours_of` in CSS."""
    if isinstance(colour, str):
        return f"var(--{colour})"
    return f"color-mix(in srgb, var(--ramp-high) {100 * colour:.0f}%, var(--ramp-low))"
