"""Events: the messages from the worker to its page.

As in `commands.py`: each has one definition, which makes it, and one handler on the page, which
`EventHandlers` holds the page to. `boot` and `fatal` also come from the scripts in `static/`, when
Python is not yet there or no longer.
"""

from app.shared.model_events import GlimpsedEvent as GlimpsedEvent
from app.shared.model_events import ModelEvent as ModelEvent
from app.shared.model_events import ModelReadEvent as ModelReadEvent
from app.shared.model_events import PackedModelEvent as PackedModelEvent
from app.shared.models import NodeOutline, Probabilities
from app.shared.scores import HeldOutScore, SampleRow, ScoredLine
from app.shared.statistics import DataStatistics, LengthStatistics, LoadInfo
from app.shared.typed import (
    TYPE_CHECKING,
    Blob,
    Callable,
    Literal,
    NotRequired,
    TypedDict,
    ViewData,
)
from app.shared.typed import SettingValues as SettingValues

MAX_TOLD_TOKENS = 200  # tokens whose probabilities are sent, where the vocabulary is larger


class BootEvent(TypedDict):
    """The worker is starting: stage `stage` of `of`, in which it waits for `what`."""

    type: Literal["boot"]
    stage: int
    of: int
    what: str


class ReadyEvent(TypedDict):
    """The worker takes commands."""

    type: Literal["ready"]
    python: str  # its version
    compiles: bool  # whether the compiled engine runs there


class PongEvent(TypedDict):
    """I am here: the answer to `ping`."""

    type: Literal["pong"]


# ---- the model that generates --------------------------------------------------------------------


class SamplesEvent(TypedDict):
    """Samples of which `of` are being written: those from number `first` on that are finished."""

    type: Literal["samples"]
    first: int  # the first sample of all has number 1
    of: int
    rows: list[SampleRow]
    writing: str  # how far the one behind them is written; "" where nothing is, yet or any more
    right: int  # how many of all so far are right


class ExplorationEvent(TypedDict):
    """What the model makes of the explored text; once more whenever it has learned meanwhile."""

    type: Literal["exploration"]
    number: int  # that of the command
    tokens: list[int]  # with all that was typed encoded, cut to the context
    probabilities: list[float]  # each token's own, adjusted by the sampling settings
    ranks: list[int]  # 1 for a token that was the likeliest in its place
    caret: int
    upcoming: Probabilities | None  # of the token behind the caret, None where the context is full


class InspectionEvent(TypedDict):
    """What the open views show of a moment; once more whenever the model has learned meanwhile."""

    type: Literal["inspection"]
    number: int  # that of the command
    views: dict[str, ViewData]  # by the name of the view its result (`inside.py`)
    blob: NotRequired[Blob]  # their big arrays, 32-bit floats one behind the other


class AblationEvent(TypedDict):
    """What is switched off; once more with what that costs, whenever that is known anew."""

    type: Literal["ablation"]
    model: int
    parts: list[str]
    by: str
    num_documents: int  # held-out documents that are scored; 0 where there are none of its tokens
    whole: HeldOutScore | None  # the model with all its parts, None as long as it is not known
    without: HeldOutScore | None  # the model as it is shown
    worth: list[tuple[str, float]]  # what single parts cost, if they are off alone, in loss


class ScoresEvent(TypedDict):
    """Lines of the command with this number, those behind the ones that were told before."""

    type: Literal["scores"]
    number: int
    first: bool  # whether these are the first: the model has learned since those of before
    lines: list[ScoredLine]
    done: int  # how many of all have been scored or left out so far
    of: int
    unknown: list[str]  # characters that the model does not know, so far
    left_out: int  # lines that have such characters, so far


# ---- data ----------------------------------------------------------------------------------------


class LoadingProgressEvent(TypedDict):
    """Data are being loaded: the share of the work that is done, 0 to 1, and its current stage."""

    type: Literal["loading_progress"]
    number: int
    share: float
    what: str


class DataLoadedEvent(TypedDict):
    """The data called `name` are loaded: later runs train on them."""

    type: Literal["data_loaded"]
    number: int
    name: str
    statistics: DataStatistics
    info: LoadInfo
    preview: list[str]  # the first documents, shortened


class DataRefusedEvent(TypedDict):
    """Files or options were refused: `message` says why, "" where loading was cancelled."""

    type: Literal["data_refused"]
    number: int
    message: str


class MergesEvent(TypedDict):
    """BPE merges were learned from the data: all that the settings ask for, or some of them."""

    type: Literal["merges"]
    first: int  # how many were sent before; 0 where these replace them
    rows: list[tuple[str, str, int, int]]  # (left, right, count, tokens in the data after it)
    size: int | None  # of the vocabulary, once it is complete
    problem: str  # a sentence on why there can be none, or ""


class TokenLengthsEvent(LengthStatistics):
    """How long the documents are in the tokens of a BPE vocabulary."""

    type: Literal["token_lengths"]
    vocab_size: int
    block_size: int  # the recommended context length


class StepTimeEvent(TypedDict):
    """How long a step of such a run takes, as measured while warming up."""

    type: Literal["step_time"]
    kind: tuple[str, str, int, int]  # engine, precision, number of parameters, batch size
    seconds: float


# ---- the model that would be trained -------------------------------------------------------------


class OutlineEvent(TypedDict):
    """The operations and matrices of a model; with a problem there are none."""

    type: Literal["outline"]
    number: int  # that of the command
    problem: str  # "", or one sentence on what is wrong with the code
    line: int  # that it speaks of, 0: none
    num_params: int
    matrices: list[
        tuple[str, int, int, int]
    ]  # name, rows, columns, first node to use it (-1: none)
    nodes: list[NodeOutline]  # in order of computation


# ---- the run -------------------------------------------------------------------------------------


class StartedEvent(TypedDict):
    """The run has started."""

    type: Literal["started"]
    run: int
    engine: str  # `wasm` or `scalar`; where nothing compiled can run, `scalar` whatever was asked
    precision: str  # `f32` or `f64`
    num_docs: int
    num_held_out: int
    num_params: int
    vocab_size: int
    chars_per_token: float  # a token's loss divided by it is about a character's
    remarks: list[str]  # sentences on its data


class ProgressEvent(TypedDict):
    """Steps were done; the blob has their losses as 64-bit floats, then as many smoothed ones.

    A frame may bring thousands, which the page would take long to read as JSON.
    """

    type: Literal["progress"]
    run: int
    step: int  # steps done in all
    held_out: list[tuple[int, float]]  # new (step, loss) of the held-out documents
    accuracy: list[tuple[int, float]]  # new (step, share of a task's lines that were right)
    all_held_out: NotRequired[tuple[float, int]]  # at the end: the loss of all, and their number
    seconds: float  # computing time of the run so far
    blob: Blob


class LiveSampleEvent(TypedDict):
    """What the model wrote after `step` steps; `stop` and `mark` as in `SampleRow`."""

    type: Literal["live_sample"]
    run: int
    step: int
    text: str
    stop: str
    mark: str


class RunStateEvent(TypedDict):
    """The run is now `idle`, `running`, `paused` or `done`."""

    type: Literal["run_state"]
    run: int
    state: str


class CheckpointEvent(TypedDict):
    """The blob has the run's state after `step` steps, to continue from if the worker dies."""

    type: Literal["checkpoint"]
    run: int
    step: int
    blob: Blob


# ---- faults --------------------------------------------------------------------------------------


class ErrorEvent(TypedDict):
    """A command failed: `message` is a sentence, `about` the command's type, or `run`."""

    type: Literal["error"]
    about: str
    message: str


class FatalEvent(TypedDict):
    """The worker is beyond use; `message` says why, as the beginning of a sentence."""

    type: Literal["fatal"]
    message: str


class EventHandlers(TypedDict):
    """The page's one handler for each event."""

    boot: Callable[[BootEvent], None]
    ready: Callable[[ReadyEvent], None]
    pong: Callable[[PongEvent], None]
    model: Callable[[ModelEvent], None]
    packed_model: Callable[[PackedModelEvent], None]
    model_read: Callable[[ModelReadEvent], None]
    samples: Callable[[SamplesEvent], None]
    exploration: Callable[[ExplorationEvent], None]
    inspection: Callable[[InspectionEvent], None]
    ablation: Callable[[AblationEvent], None]
    scores: Callable[[ScoresEvent], None]
    glimpsed: Callable[[GlimpsedEvent], None]
    loading_progress: Callable[[LoadingProgressEvent], None]
    data_loaded: Callable[[DataLoadedEvent], None]
    data_refused: Callable[[DataRefusedEvent], None]
    merges: Callable[[MergesEvent], None]
    token_lengths: Callable[[TokenLengthsEvent], None]
    step_time: Callable[[StepTimeEvent], None]
    outline: Callable[[OutlineEvent], None]
    started: Callable[[StartedEvent], None]
    progress: Callable[[ProgressEvent], None]
    live_sample: Callable[[LiveSampleEvent], None]
    run_state: Callable[[RunStateEvent], None]
    checkpoint: Callable[[CheckpointEvent], None]
    error: Callable[[ErrorEvent], None]
    fatal: Callable[[FatalEvent], None]


if TYPE_CHECKING:
    Event = (
        BootEvent
        | ReadyEvent
        | PongEvent
        | ModelEvent
        | PackedModelEvent
        | ModelReadEvent
        | SamplesEvent
        | ExplorationEvent
        | InspectionEvent
        | AblationEvent
        | ScoresEvent
        | GlimpsedEvent
        | LoadingProgressEvent
        | DataLoadedEvent
        | DataRefusedEvent
        | MergesEvent
        | TokenLengthsEvent
        | StepTimeEvent
        | OutlineEvent
        | StartedEvent
        | ProgressEvent
        | LiveSampleEvent
        | RunStateEvent
        | CheckpointEvent
        | ErrorEvent
        | FatalEvent
    )
else:
    Event = dict
