"""What the worker says of models: parts of its events."""

from app.shared.typed import NotRequired, TypedDict


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
