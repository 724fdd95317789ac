"""The events about a run; `events.py` has all others."""

from app.shared.typed import Blob, Literal, NotRequired, SettingValues, TypedDict


class KeptFacts(TypedDict):
    """What there is to know of a kept checkpoint beside its contents."""

    step: int
    seconds: float  # of computing so far
    smoothed: float | None  # the smoothed loss
    size: int  # of its contents, in bytes


class KeptCheckpointFacts(TypedDict):
    """What there is to know of all of them."""

    format: str  # of their contents: only an engine of the same can read them
    kept: list[KeptFacts]


class StepDocument(TypedDict):
    """A document with the losses of its tokens."""

    tokens: list[str]  # "" for its end
    before: list[float]
    after: list[float]
    counted_from: int  # the first that counts in the loss of the step; their number if none does


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
    train_accuracy: NotRequired[list[tuple[int, float]]]  # the same of training lines, where told
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


class SegmentEvent(TypedDict):
    """The run goes on with other settings, or as before from a step that it went back to."""

    type: Literal["segment"]
    run: int
    step: int  # steps done before
    num_steps: int  # where it ends now
    settings: SettingValues  # those of `commands.ChangeTrainingCommand`, as they are now


class KeptEvent(TypedDict):
    """Checkpoints to go back to; the blob has the new ones, one behind the other."""

    type: Literal["kept"]
    run: int
    format: str  # as of `KeptCheckpointFacts`
    steps: list[int]  # after which there is one, those of before among them
    new: list[KeptFacts]
    blob: NotRequired[Blob]


class RewoundEvent(TypedDict):
    """The run's model is that after `step` steps; it waits, and nothing behind is lost yet."""

    type: Literal["rewound"]
    run: int
    step: int


class StepDocumentsEvent(TypedDict):
    """What the step before learned from: some of its documents."""

    type: Literal["step_documents"]
    run: int
    step: int  # steps done
    of: int  # documents in the step
    documents: list[StepDocument]


class StoppedEvent(TypedDict):
    """A rule has stopped the run, which waits."""

    type: Literal["stopped"]
    run: int
    step: int
    words: str  # why, as a sentence
    best_step: int  # where its held-out loss was lowest and its model is kept; 0: not told
