"""What a run means: what the page asks about it, and what the worker says of it.

These are messages as in `commands.py` and `events.py`.
"""

from app.shared.typed import Literal, NotRequired, TypedDict


class ShowNearestCommand(TypedDict):
    """Say to what lines of the data a finished run's samples are nearest, or say no more of it."""

    type: Literal["show_nearest"]
    shown: bool


class WatchTrainingCommand(TypedDict):
    """Say what can be seen of gradients and weights while the run is trained, or no more of it."""

    type: Literal["watch_training"]
    shown: bool


class BaselinesEvent(TypedDict):
    """What counting comes to on the documents that the run is tested with."""

    type: Literal["baselines"]
    run: int
    losses: list[tuple[str, float]]  # (name, loss per token), the highest first


class SamplesVerdictEvent(TypedDict):
    """What a finished run has learned, from lines that it has written for that."""

    type: Literal["samples_verdict"]
    run: int
    gap: str  # `learning`, `memorising`, `between`, "" where no documents are held out
    train_loss: float  # of documents that it was trained on, after training
    held_out_loss: float  # of others; 0.0 where none are held out
    whole: bool  # whether its documents are whole lines, of which a sample can be one
    count: int  # of the lines
    in_data: float  # the share of them that stand in the data
    different: float  # the share that is different from each other
    diversity: float  # the mean distance of two of them, 0 to 1
    data_diversity: float  # the same of lines of the data


class NearestLinesEvent(TypedDict):
    """To what lines of the data those of a finished run are nearest: the next of them."""

    type: Literal["nearest_lines"]
    run: int
    first: bool  # whether these are the first
    rows: list[tuple[str, str, int]]  # (line, nearest line of the data, edits between them)


class MatrixFacts(TypedDict):
    """What is seen of one matrix of weights."""

    name: str
    norm: float  # of its part of the gradient
    limit: float  # the bins divide the range from -limit to limit evenly
    counts: list[int]  # of the weights in each bin
    mean: float
    deviation: float


class DiagnosticsEvent(TypedDict):
    """What is seen of a run after `step` steps."""

    type: Literal["diagnostics"]
    run: int
    step: int
    norm: float  # of the gradient of a few training documents
    matrices: list[MatrixFacts]
    rates: NotRequired[list[tuple[int, float]]]  # (step, learning rate) of the whole run, if new
