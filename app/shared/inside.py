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


class SwitchOffResult(TypedDict):
    """What can be switched off."""

    parts: list[str]  # by name, in order of computation, each layer as a whole behind its parts
    neurons: list[tuple[str, int]]  # of each part that has neurons its name and their number
