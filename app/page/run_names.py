"""Names of runs: what tells each of them from the others.

Plain Python that MicroPython understands.
"""

from app.page.data_key import key_title, without
from app.page.past_run import PastRun
from app.shared.experiment import RUN_SETTINGS
from app.shared.typed import TYPE_CHECKING
from microgpt.settings import setting

if TYPE_CHECKING:
    Value = int | float | str

DATA_COLUMN, CODE_COLUMN, MARKS_COLUMN = "data", "code", "marks"
RUN_COLUMNS = [DATA_COLUMN, CODE_COLUMN] + RUN_SETTINGS + [MARKS_COLUMN]  # what runs can differ in
MAX_PARTS = 3  # of a name that says all that differs
# How a setting is said in a name, where that is shorter than its label.
SHORT = {
    "n_embd": "{} wide",
    "n_head": "{} heads",
    "n_layer": "{} layers",
    "block_size": "context {}",
    "learning_rate": "lr {}",
    "num_steps": "{} steps",
    "batch_size": "batch {}",
    "eval_fraction": "{} held out",
}


def differing(runs: list[PastRun]) -> list[str]:
    """The columns in which these runs are not all the same, in the order of the settings' table."""
    values = [values_of(run) for run in runs]
    return [
        name
        for name in RUN_COLUMNS
        if any(each.get(name) != values[0].get(name) for each in values[1:])
    ]


def values_of(run: PastRun) -> "dict[str, Value]":
    """By column what this run has."""
    values: dict[str, Value] = {}
    values.update(run.settings)
    values[DATA_COLUMN] = data_words(run)
    values[CODE_COLUMN] = str(run.kept["code"])
    marks = run.kept.get("marks", [])
    values[MARKS_COLUMN] = "; ".join([f"{words} from step {step:,} on" for step, words in marks])
    return values


def give_names(runs: list[PastRun]) -> None:
    """Name each of the runs, the newest first, by what tells it from the others.

    That is what it has where most runs have something else; of a run that is like most in
    everything, all in which runs differ at all. Runs that differ in nothing are counted.
    """
    columns = differing(runs)
    values = [values_of(run) for run in runs]
    usual = {name: _commonest([each.get(name) for each in values]) for name in columns}
    taken: dict[str, int] = {}
    for place in range(len(runs) - 1, -1, -1):  # the oldest first: later ones get the numbers
        mine = values[place]
        parts = [name for name in columns if name in mine and mine[name] != usual[name]]
        if not parts:
            parts = [name for name in columns if name in mine][:MAX_PARTS]
        name = ", ".join([part_words(column, mine[column]) for column in parts]) or "run"
        taken[name] = taken.get(name, 0) + 1
        runs[place].name = f"{name} ({taken[name]})" if taken[name] > 1 else name


def part_words(column: str, value: "Value") -> str:
    """What a run has in a column, as a part of its name: `2 layers`, `lr 0.005`."""
    if column == DATA_COLUMN:
        return str(value)
    if column == CODE_COLUMN:
        return "own code" if value else "code as it came"
    if column == MARKS_COLUMN:
        return "steered" if value else "not steered"
    row, words = setting(column), column_words(column, value)
    if column in SHORT:
        words = SHORT[column].replace("{}", words)
        return words[:-1] if value == 1 and words.endswith("s") else words
    if row.choices:
        return words
    return f"{row.label[:1].lower()}{row.label[1:]} {words}"


def column_words(column: str, value: "Value") -> str:
    """What a run has in a column, alone."""
    if column == DATA_COLUMN:
        return str(value)
    if column == CODE_COLUMN:
        return "own" if value else "as it came"
    if column == MARKS_COLUMN:
        return str(value) or "none"
    return setting(column).words(value)


def column_title(column: str) -> str:
    """What a column is called."""
    titles = {DATA_COLUMN: "Data", CODE_COLUMN: "Code", MARKS_COLUMN: "Changes"}
    return titles[column] if column in titles else setting(column).label


def data_words(run: PastRun) -> str:
    """What the data of a run are called."""
    files = [str(file[0]) for file in run.about["files"] if file[0]]
    data = run.unit[0]
    return ", ".join(files) + without(data[2]) if run.is_own and files else key_title(data)


def _commonest(values: "list[Value | None]") -> "Value | None":
    """The commonest of them, of several the oldest, which is the last."""
    counts = [(values.count(value), place) for place, value in enumerate(values)]
    return values[max(counts)[1]]


def merged_changes(before: str, after: str) -> str:
    """Changes at one step in words; of a setting that is named twice, the last one.

    >>> merged_changes("Learning rate 0.01, Batch size 4", "Learning rate 0.02")
    'Batch size 4, Learning rate 0.02'
    """
    parts = after.split(", ")
    labels = [part.rsplit(" ", 1)[0] for part in parts]
    kept = [part for part in before.split(", ") if part.rsplit(" ", 1)[0] not in labels]
    return ", ".join(kept + parts)
