"""Commands: the messages from the page to its worker.

A message is a dictionary of plain data. Each has one definition, which makes it when called
(`PauseCommand(type="pause")`), and one handler in the worker: `CommandHandlers` holds the worker to
that. A field `blob` travels beside the rest as bytes.
"""

from app.shared.lab import ChangeSweepCommand as ChangeSweepCommand
from app.shared.lab import LabDataCommand as LabDataCommand
from app.shared.lab import SaveSweepCommand as SaveSweepCommand
from app.shared.lab import SweepCommand as SweepCommand
from app.shared.meaning import ShowNearestCommand as ShowNearestCommand
from app.shared.meaning import WatchTrainingCommand as WatchTrainingCommand
from app.shared.run_commands import ChangeTrainingCommand as ChangeTrainingCommand
from app.shared.run_commands import PauseCommand as PauseCommand
from app.shared.run_commands import ResumeCommand as ResumeCommand
from app.shared.run_commands import RewindCommand as RewindCommand
from app.shared.run_commands import SetPaceCommand as SetPaceCommand
from app.shared.run_commands import SetStopsCommand as SetStopsCommand
from app.shared.run_commands import StartCommand as StartCommand
from app.shared.run_commands import StepCommand as StepCommand
from app.shared.run_commands import StopCommand as StopCommand
from app.shared.run_commands import WarmUpCommand as WarmUpCommand
from app.shared.seeds import TrainSeedsCommand as TrainSeedsCommand
from app.shared.typed import (
    TYPE_CHECKING,
    Blob,
    Callable,
    Literal,
    NotRequired,
    SettingValues,
    TypedDict,
    ViewData,
)

MAX_UPLOAD_BYTES = 50_000_000  # of all files together; the core refuses more as well


class LoadModelCommand(TypedDict):
    """Generate with the model in the blob, unless there is a run.

    It is a .safetensors file, or, with `code`, from a link, and packed (`microgpt.packed`).
    """

    type: Literal["load_model"]
    blob: Blob
    code: NotRequired[str]  # the model code that the user allows, "" for none


class PackModelCommand(TypedDict):
    """Pack the model that generates, as it is now, for a link; answered by `packed_model`."""

    type: Literal["pack_model"]
    number: int  # the page's number for this command; the answer bears it


class ReadModelCommand(TypedDict):
    """Say what is in the blob, a .safetensors file of anybody's; answered by `model_read`."""

    type: Literal["read_model"]
    number: int  # the page's number for this command; the answer bears it
    with_code: bool  # whether the user allows the model code that is in it, if there is any
    blob: Blob


class ExportModelCommand(TypedDict):
    """Write the model in the blob as programs that need nothing of this; see `microgpt.export`.

    Answered by `exported_model`. The blob is its .safetensors file.
    """

    type: Literal["export_model"]
    number: int  # the page's number for this command; the answer bears it
    form: str  # python, weights or pytorch
    name: str  # of the files, without an ending
    blob: Blob


class LoadDataCommand(TypedDict):
    """Load files as the data of later runs; answered by `data_loaded` or `data_refused`.

    `loading_progress` comes before that where it takes long. Until then, and if they are refused,
    the data of before stay. No files: there are no data any more, and no answer comes.
    """

    type: Literal["load_data"]
    number: int  # the page's number for this command; the answers bear it
    name: str  # the preset, or `experiment.OWN`
    files: list[tuple[str, int]]  # (name, size in bytes); the name of pasted text is empty
    options: SettingValues  # the table's group DATA, `block_size` and `tokenizer`
    blob: NotRequired[Blob]  # the files' contents, one after the other


class ChangeOptionsCommand(TypedDict):
    """Load the same files with other options; fields and answers as with `load_data`."""

    type: Literal["change_options"]
    number: int
    options: SettingValues


class CancelLoadingCommand(TypedDict):
    """Stop loading; answered by `data_refused` without a sentence, if anything was being loaded."""

    type: Literal["cancel_loading"]


class DescribeCommand(TypedDict):
    """Say which operations and matrices a model has; answered by `outline`."""

    type: Literal["describe"]
    number: int  # the page's number for this command; the answer bears it
    code: str  # the model code, "" for the model as it is
    sizes: dict[str, int]  # vocab_size, n_embd, n_head, n_layer, block_size


class SetSamplingCommand(TypedDict):
    """Sample with these settings from now on: temperature, top_k, top_p and prefix."""

    type: Literal["set_sampling"]
    settings: SettingValues


class GenerateCommand(TypedDict):
    """Write `count` samples, in place of those that are being written."""

    type: Literal["generate"]
    count: int
    seed: int


class ExploreCommand(TypedDict):
    """Say what the model makes of a text; answered by `exploration`.

    A text is the ids of its tokens; BOS, as the last one, ends it. The caret is the number of the
    tokens before it; behind the end it stands before a text that is still to begin.

    action: `show` the text, or sample the `next` token at the caret, in place of what follows it.
    """

    type: Literal["explore"]
    number: int  # the page's number for this command; the answers bear it
    model: int  # the number of the model that the ids belong to; another one ignores the command
    action: str
    tokens: list[int]
    typed: list[bool]  # for each token whether it is a typed character, still to be encoded
    caret: int
    seed: int  # of the numbers that choose tokens (`uniform.py`)


class InspectCommand(TypedDict):
    """Say what the open views of the inside show of a moment; answered by `inspection`.

    The model reads BOS and the first `position` tokens; what it makes of them is the moment.
    """

    type: Literal["inspect"]
    number: int  # the page's number for this command; the answers bear it
    model: int  # as of `explore`
    tokens: list[int]  # of the text, as of `explore`, with all that was typed encoded
    position: int  # how many of them the model reads
    views: dict[str, ViewData]  # by the name of the view its request (`inside.py`)


class SwitchOffCommand(TypedDict):
    """Show the model with these parts switched off; `ablation` answers, and once more when it can.

    That holds for writing, bars and views, until another command or another model; training goes on
    with all parts.
    """

    type: Literal["switch_off"]
    model: int  # as of `explore`
    parts: list[str]  # by the names of `microgpt.interpret`; none: the whole model
    by: str  # what stands in their place: `zero`, or their `mean` over the data


class ScoreCommand(TypedDict):
    """Say how surprising lines are to the model; answered by `scores`, once or more often."""

    type: Literal["score"]
    number: int  # the page's number for this command; the answers bear it
    model: int  # as of `explore`
    lines: list[str]
    num_own: int  # how many of the data's held-out documents to score beside them, at most


class GlimpseCommand(TypedDict):
    """Say what a past run's model makes of a text, and what it writes; answered by `glimpsed`.

    The blob is its .safetensors file; with none it is the model that generates now.
    """

    type: Literal["glimpse"]
    number: int  # the page's number for this command; the answer bears it
    key: str  # of the run; the worker keeps the model under it
    text: str  # which the model reads
    count: int  # how many samples it writes
    seed: int  # of these
    blob: NotRequired[Blob]


class PingCommand(TypedDict):
    """Are you there? Answered by `pong`."""

    type: Literal["ping"]


class CommandHandlers(TypedDict):
    """The worker's one handler for each command."""

    load_model: Callable[[LoadModelCommand], None]
    pack_model: Callable[[PackModelCommand], None]
    read_model: Callable[[ReadModelCommand], None]
    export_model: Callable[[ExportModelCommand], None]
    load_data: Callable[[LoadDataCommand], None]
    change_options: Callable[[ChangeOptionsCommand], None]
    cancel_loading: Callable[[CancelLoadingCommand], None]
    warm_up: Callable[[WarmUpCommand], None]
    start: Callable[[StartCommand], None]
    pause: Callable[[PauseCommand], None]
    resume: Callable[[ResumeCommand], None]
    step: Callable[[StepCommand], None]
    stop: Callable[[StopCommand], None]
    change_training: Callable[[ChangeTrainingCommand], None]
    rewind: Callable[[RewindCommand], None]
    set_stops: Callable[[SetStopsCommand], None]
    describe: Callable[[DescribeCommand], None]
    set_pace: Callable[[SetPaceCommand], None]
    set_sampling: Callable[[SetSamplingCommand], None]
    generate: Callable[[GenerateCommand], None]
    explore: Callable[[ExploreCommand], None]
    inspect: Callable[[InspectCommand], None]
    switch_off: Callable[[SwitchOffCommand], None]
    score: Callable[[ScoreCommand], None]
    show_nearest: Callable[[ShowNearestCommand], None]
    watch_training: Callable[[WatchTrainingCommand], None]
    glimpse: Callable[[GlimpseCommand], None]
    train_seeds: Callable[[TrainSeedsCommand], None]
    lab_data: Callable[[LabDataCommand], None]
    sweep: Callable[[SweepCommand], None]
    change_sweep: Callable[[ChangeSweepCommand], None]
    save_sweep: Callable[[SaveSweepCommand], None]
    ping: Callable[[PingCommand], None]


if TYPE_CHECKING:
    Command = (
        LoadModelCommand
        | PackModelCommand
        | ReadModelCommand
        | ExportModelCommand
        | LoadDataCommand
        | ChangeOptionsCommand
        | CancelLoadingCommand
        | WarmUpCommand
        | StartCommand
        | PauseCommand
        | ResumeCommand
        | StepCommand
        | StopCommand
        | ChangeTrainingCommand
        | RewindCommand
        | SetStopsCommand
        | DescribeCommand
        | SetPaceCommand
        | SetSamplingCommand
        | GenerateCommand
        | ExploreCommand
        | InspectCommand
        | SwitchOffCommand
        | ScoreCommand
        | ShowNearestCommand
        | WatchTrainingCommand
        | GlimpseCommand
        | TrainSeedsCommand
        | LabDataCommand
        | SweepCommand
        | ChangeSweepCommand
        | SaveSweepCommand
        | PingCommand
    )
else:
    Command = dict
