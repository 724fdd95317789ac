"""What the worker says of data: the events about their loading, and about their tokens."""

from app.shared.statistics import DataStatistics, LengthStatistics, LoadInfo
from app.shared.typed import Literal, TypedDict


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
