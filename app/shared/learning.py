"""The messages between the page and the worker of Learn; `boot` and `fatal` are as in `events.py`.

They pass as JSON. A message has one definition, which makes it, as in `commands.py`.
"""

from app.shared.typed import Blob, Literal, NotRequired, TypedDict

# ---- to the worker -------------------------------------------------------------------------------


class RunProgramCommand(TypedDict):
    """Run a program from its first line to its last; whatever is sent meanwhile waits."""

    type: Literal["run"]
    number: int  # which the events of this run bear
    name: str  # that tracebacks name, as `train3.py`
    source: NotRequired[str]  # its text, which JavaScript adds
    steps: int  # after which it is to stop
    own: bool  # whether the data are others than the program looks for by itself
    blob: NotRequired[Blob]  # the data: a text, one document a line; JavaScript adds them


class ScalarCommand(TypedDict):
    """Compute an expression and its gradients; names without a number get one."""

    type: Literal["scalar"]
    number: int
    expression: str
    values: dict[str, float]  # of the names in it


# ---- to the page ---------------------------------------------------------------------------------


class LearningReadyEvent(TypedDict):
    """The worker takes commands."""

    type: Literal["ready"]


class ProgramStartedEvent(TypedDict):
    """A run has begun."""

    type: Literal["started"]
    number: int
    guessing: float  # the loss of whoever takes all characters for equally likely


class PrintedEvent(TypedDict):
    """What the program has printed since the last of these events."""

    type: Literal["printed"]
    number: int
    lines: list[tuple[bool, str]]  # whether it tells of a step, and the line
    left_out: int  # lines before these that are not told
    steps: int  # how many the run will have, as it says; 0 where it does not
    losses: list[float]  # of the steps that follow those told before
    smoothed: list[float]  # the same smoothed


class SilentEvent(TypedDict):
    """The program has printed nothing for a while."""

    type: Literal["silent"]
    number: int
    seconds: float
    line: int  # where it is, 0 where that is not known


class ProgramEndedEvent(TypedDict):
    """The program has ended, or has broken off."""

    type: Literal["ended"]
    number: int
    seconds: float
    problem: str  # one sentence, "" where it has run to its end
    line: int  # of the program that the sentence speaks of, 0 for none
    traceback: str


class ScalarNode(TypedDict):
    """A number of an expression."""

    text: str  # its part of the expression, as `a * b`
    operation: str  # as `Step` has it; `name` for a number that is given
    constant: float | None  # the plain number that it was computed with, if any
    inputs: list[int]  # the numbers that it was computed from
    local: list[float]  # its derivative by each of these
    value: float


class ScalarEvent(TypedDict):
    """An expression, number by number, or what is wrong with it."""

    type: Literal["scalar"]
    number: int
    problem: str  # one sentence, "" where there is none
    place: int  # the character that it speaks of, from 0 on
    values: dict[str, float]  # of every name
    nodes: list[ScalarNode]  # in the order of their computation: the names first
    # In the order of the way back: a number that passes its gradient on, and all gradients then.
    backward: list[tuple[int, list[float]]]
