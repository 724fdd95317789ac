"""What the worker says of a text that was scored or written: parts of its events."""

from app.shared.typed import TypedDict


class SampleRow(TypedDict):
    """A sample that is finished."""

    text: str
    stop: str  # `end` or `context`
    mark: str  # `right` or `wrong` on a task, else ""
    origin: str  # `data` if it is one of the data's documents, else `new`; "" if nobody knows
    loss: float  # of what was written, summed over its tokens, the end counted


class HeldOutScore(TypedDict):
    """What a model makes of documents that are held out, or of a task's questions."""

    loss: float | None  # the mean a token, None where no documents are there
    accuracy: float | None  # the share that is right, None where the data are no task


class ScoredLine(TypedDict):
    """A line, and how surprising each of its tokens is."""

    text: str
    own: bool  # whether it is one of the data's held-out documents
    tokens: list[int]  # those that are predicted, the end included
    losses: list[float]  # their losses
    cut: bool  # whether the context was full before its end
