"""The messages about the Lab: experiments of many runs, which the pool of workers trains."""

from app.shared.typed import Blob, Literal, NotRequired, SettingValues, TypedDict


class LabDataCommand(TypedDict):
    """Have experiments train on these data from now on; answered by `lab_data_ready`.

    Without a blob they are the playground's, as the worker has them now.
    """

    type: Literal["lab_data"]
    number: int  # the page's number for this command; the answer bears it
    name: str
    files: list[tuple[str, int]]  # (name, size in bytes) of each that lies in the blob
    options: SettingValues  # as of `load_data`
    blob: NotRequired[Blob]


class SweepCommand(TypedDict):
    """Make the runs of an experiment, in place of the one that there is; answered by `swept`.

    It trains on the data of the last `lab_data`. The blob has what came of runs earlier, which are
    not made again: the blobs of `swept`, one behind the other.
    """

    type: Literal["sweep"]
    number: int  # the page's number for this command; the answers bear it
    texts: list[str]  # its sweeps, as `parse_sweep` reads them
    ready: str  # the name of a ready experiment; "" for one of the user's own
    paused: bool  # whether to say what there is, and to wait for `change_sweep`
    blob: NotRequired[Blob]


class ChangeSweepCommand(TypedDict):
    """Pause the experiment with this number, go on with it, or give up what is not done yet."""

    type: Literal["change_sweep"]
    number: int
    act: str  # pause, resume or stop


class SaveSweepCommand(TypedDict):
    """Write the results of the experiment with this number as a file; answered by `sweep_file`."""

    type: Literal["save_sweep"]
    number: int
    kind: str  # csv or json


class LabDataEvent(TypedDict):
    """The data for experiments are there, or are not: then `problem` says why."""

    type: Literal["lab_data_ready"]
    number: int
    num_docs: int
    problem: str  # "" where there is none


class SweptPoint(TypedDict):
    """What the runs at one point of a sweep have come to."""

    sweep: int  # which of the experiment's
    place: int  # which of `Sweep.points`
    done: int  # how many of its runs have ended
    diverged: int  # how many of these have diverged
    middle: list[float]  # lower end, median and upper end of what is measured; or none
    runs: list[tuple[int, float]]  # of a sweep without axes: (seed, what is measured) of each run
    num_params: int
    sample: str  # what the model of its first seed writes, "" where that is not known yet


class SweptCurve(TypedDict):
    """What was measured at one point while its runs were trained: over its seeds, by step."""

    sweep: int
    place: int
    name: str  # what is measured: held_out_loss, accuracy or train_accuracy
    steps: list[int]
    low: list[float]
    median: list[float]
    high: list[float]


class SweptFinding(TypedDict):
    """What has come out of a ready experiment so far."""

    sentence: str
    answer: float | str  # to what was to be guessed; "" where it is too early to say
    ranks: list[tuple[str, float, float, bool]]  # (document, difference, error, is clear) by rank


class SweptEvent(TypedDict):
    """How far an experiment is; once more whenever there is more.

    The blob has what came of further runs, one in each line of JSON, to be kept.
    """

    type: Literal["swept"]
    number: int  # that of the command
    done: int  # runs that have ended
    of: int
    seconds_left: float  # until all have; less than 0 where nobody knows
    seconds: float  # that were computed so far, earlier visits included
    over: bool  # whether there is nothing more to come
    points: list[SweptPoint]  # those of which there is more
    curves: list[SweptCurve]  # likewise
    # (sweep, place, value, error) of what a law says that is measured there, once there is one
    predicted: list[tuple[int, int, float, float]]
    finding: SweptFinding | None  # None where nothing new has come out
    failure: str  # why a run came to nothing, as a sentence; "" where none did
    blob: NotRequired[Blob]


class SweepFileEvent(TypedDict):
    """The results of an experiment as a file: the blob."""

    type: Literal["sweep_file"]
    number: int
    kind: str
    blob: Blob
