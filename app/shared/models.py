"""What the worker says of models: parts of its events."""

from app.shared.typed import NotRequired, SettingValues, TypedDict


class ModelConfigFields(TypedDict):
    """The architecture, as `microgpt.config.ModelConfig` has it."""

    vocab_size: int
    n_embd: int
    n_head: int
    n_layer: int
    block_size: int


class Probabilities(TypedDict):
    """The next token's probabilities: the model's own, and adjusted by the sampling settings.

    Of all tokens by id. Of large vocabularies only those of the `MAX_TOLD_TOKENS` likeliest, best
    first, and behind them that of the chosen token; then `tokens` holds their ids.
    """

    model: list[float]
    adjusted: list[float]
    tokens: NotRequired[list[int]]


class NodeOutline(TypedDict):
    """An operation of a model."""

    name: str  # of its result, as in the views of the inside: "layer0.mlp_fc1.relu"
    op: str  # "embed", "linear", "attention", "add", "relu", "rmsnorm", ...
    line: int  # of the model code's text
    inputs: list[int]  # numbers of the nodes that it takes
    weight: str  # the matrix that it uses, "" if none
    index: str  # of an embedding: "token" or "position"
    size: int  # numbers of its result
    heads: int  # of an attention, else 1
    detail: str  # further arguments, such as "window 8"; "" for none


class PackedFacts(TypedDict):
    """What a packed model tells of itself; whoever made the link may have written anything."""

    num_params: int
    data: str  # the name of the data that it was trained on, "" for not told
    steps: int  # for how many steps, 0 for not told


class FileFacts(TypedDict):
    """What a model's file tells; see `microgpt.training_record`."""

    num_params: int
    vocab_size: int
    settings: SettingValues  # as far as they are told
    told: bool  # whether more is told of them than the architecture
    step: int  # steps done, with those of the runs that it continued
    num_steps: int  # that were meant to be done
    base_step: int  # those of the runs that it continued
    seconds: float
    base_seconds: float
    chars_per_token: float
    held_out: list[tuple[int, float]]  # (step, loss)
    accuracy: list[tuple[int, float]]  # (step, share right), of a task
    train_accuracy: list[tuple[int, float]]  # the same on lines of the training data
    all_held_out: tuple[float, int] | None  # at the end: of all, and how many
    data: str  # the name of a preset or of files, "" where nothing is told
    documents: int  # how many there are in the data, 0: not told
    files: list[tuple[str, int]]  # (name, size in bytes)
    options: SettingValues  # how they were loaded
    has_optimizer: bool  # whether the state of the optimizer is there
    resumable: bool  # whether all is there to go on with a run that was stopped
