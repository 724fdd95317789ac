"""What the views of the inside ask of the worker, and what it says: one pair of types a view.

A view without a request type asks with an empty dictionary. A field that ends in `_at` is the index
of an array's first number among the 32-bit floats of the answer's blob.
"""

from app.shared.typed import TypedDict


class ChoiceRequest(TypedDict):
    """Which token this number, the dice, falls on: from 0 to below 1."""

    number: float


class ChoicePart(TypedDict):
    """A part of the bar: a token, or a run of unlikely tokens that follow each other by id."""

    token: int  # the first one
    count: int  # how many tokens it stands for
    scaled: float  # their probability after temperature alone
    adjusted: float  # and after top-k and top-p, 0 where these cut it


class ChoiceResult(TypedDict):
    """How the next token is chosen."""

    parts: list[ChoicePart]  # in the order of the tokens' ids
    token: int  # the one that the number falls on
    kept: int  # how many tokens can be chosen
    cut: float  # the probability of those that top-k and top-p cut
    entropy: float  # of what is chosen from, in nats
    model_entropy: float  # of the model's own probabilities
    greedy: bool  # whether the temperature is 0, so that the likeliest is always taken


class ArithmeticRequest(TypedDict):
    """Which number's computation, and which of its steps are open.

    A step's path is "0" for the number itself, and that of the step above with a dot and the index
    among its inputs; the inputs of a sum of products are its products.
    """

    kind: str  # `logit`, `probability`, `loss`, `score` or `attention`
    token: int  # of the first three; -1: the likeliest
    attention: str  # of the others: the name of the attention, "" for the first
    head: int
    place: int  # that the head reads, 0 is BOS; -1: the newest
    open: list[str]  # paths
    whole: list[str]  # the paths of those whose inputs are all to be told, not the largest alone


class StepFields(TypedDict):
    """A step as of `microgpt.interpret.arithmetic`; inputs are indices of the list it stands in."""

    path: str
    name: str
    operation: str
    constant: float | None
    value: float
    gradient: float
    source: str
    count: int  # how many inputs it has
    inputs: list[int]  # those that are told: none unless it is open


class AttentionFields(TypedDict):
    """An attention of the model."""

    name: str
    heads: int


class ArithmeticResult(TypedDict):
    """How a number is computed, as far as its steps are open."""

    steps: list[StepFields]  # the first is the number itself
    token: int  # as asked, or what stood in for it
    attention: str
    head: int
    place: int
    attentions: list[AttentionFields]
