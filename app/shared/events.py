"""Events: the messages from the worker to its page.

As in `commands.py`: each has one definition, which makes it, and one handler on the page, which
`EventHandlers` holds the page to. `boot` and `fatal` also come from the scripts in `static/`, when
Python is not yet there or no longer.
"""

from app.shared.data_events import DataLoadedEvent as DataLoadedEvent
from app.shared.data_events import DataRefusedEvent as DataRefusedEvent
from app.shared.data_events import LoadingProgressEvent as LoadingProgressEvent
from app.shared.data_events import MergesEvent as MergesEvent
from app.shared.data_events import TokenLengthsEvent as TokenLengthsEvent
from app.shared.lab import LabDataEvent as LabDataEvent
from app.shared.lab import SweepFileEvent as SweepFileEvent
from app.shared.lab import SweptEvent as SweptEvent
from app.shared.meaning import BaselinesEvent as BaselinesEvent
from app.shared.meaning import DiagnosticsEvent as DiagnosticsEvent
from app.shared.meaning import NearestLinesEvent as NearestLinesEvent
from app.shared.meaning import SamplesVerdictEvent as SamplesVerdictEvent
from app.shared.model_events import ExportedModelEvent as ExportedModelEvent
from app.shared.model_events import GlimpsedEvent as GlimpsedEvent
from app.shared.model_events import ModelEvent as ModelEvent
from app.shared.model_events import ModelReadEvent as ModelReadEvent
from app.shared.model_events import PackedModelEvent as PackedModelEvent
from app.shared.models import NodeOutline, Probabilities
from app.shared.run_events import CheckpointEvent as CheckpointEvent
from app.shared.run_events import KeptCheckpointFacts as KeptCheckpointFacts
from app.shared.run_events import KeptEvent as KeptEvent
from app.shared.run_events import KeptFacts as KeptFacts
from app.shared.run_events import LiveSampleEvent as LiveSampleEvent
from app.shared.run_events import ProgressEvent as ProgressEvent
from app.shared.run_events import RewoundEvent as RewoundEvent
from app.shared.run_events import RunStateEvent as RunStateEvent
from app.shared.run_events import SegmentEvent as SegmentEvent
from app.shared.run_events import StartedEvent as StartedEvent
from app.shared.run_events import StepDocument as StepDocument
from app.shared.run_events import StepDocumentsEvent as StepDocumentsEvent
from app.shared.run_events import StoppedEvent as StoppedEvent
from app.shared.scores import HeldOutScore, SampleRow, ScoredLine
from app.shared.seeds import SeedsEvent as SeedsEvent
from app.shared.seeds import SpreadEvent as SpreadEvent
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


# ---- faults --------------------------------------------------------------------------------------


class ErrorEvent(TypedDict):
    """A command failed: `message` is a sentence, `about` the command's type, or `run`."""

    type: Literal["error"]
    about: str
    message: str
    run: NotRequired[int]  # the number of the run that has failed, or failed to start


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
    exported_model: Callable[[ExportedModelEvent], None]
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
    baselines: Callable[[BaselinesEvent], None]
    samples_verdict: Callable[[SamplesVerdictEvent], None]
    nearest_lines: Callable[[NearestLinesEvent], None]
    diagnostics: Callable[[DiagnosticsEvent], None]
    checkpoint: Callable[[CheckpointEvent], None]
    segment: Callable[[SegmentEvent], None]
    kept: Callable[[KeptEvent], None]
    rewound: Callable[[RewoundEvent], None]
    step_documents: Callable[[StepDocumentsEvent], None]
    stopped: Callable[[StoppedEvent], None]
    seeds: Callable[[SeedsEvent], None]
    spread: Callable[[SpreadEvent], None]
    lab_data_ready: Callable[[LabDataEvent], None]
    swept: Callable[[SweptEvent], None]
    sweep_file: Callable[[SweepFileEvent], None]
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
        | ExportedModelEvent
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
        | BaselinesEvent
        | SamplesVerdictEvent
        | NearestLinesEvent
        | DiagnosticsEvent
        | CheckpointEvent
        | SegmentEvent
        | KeptEvent
        | RewoundEvent
        | StepDocumentsEvent
        | StoppedEvent
        | SeedsEvent
        | SpreadEvent
        | LabDataEvent
        | SweptEvent
        | SweepFileEvent
        | ErrorEvent
        | FatalEvent
    )
else:
    Event = dict
