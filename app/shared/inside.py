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


class VotesRequest(TypedDict):
    """The votes for a token, or for its lead over another, and the terms of one part."""

    token: int
    against: int  # -1 for none
    opened: str  # the part whose terms are wanted, "" for none


class PartTerms(TypedDict):
    """What the vote of a part is the sum of: places that a head reads, or an MLP's neurons."""

    part: str
    kind: str  # `positions`, `neurons`, or "" for a part that has no terms
    shown: list[int]  # the positions, or the neurons with the largest terms
    values: list[float]  # their terms
    of: list[float]  # the attention weights of the positions, or the neurons' activations


class VotesResult(TypedDict):
    """What each part adds to a token's logit, or to its lead over another token."""

    parts: list[tuple[str, float]]  # (name, vote), in the model's order
    total: float  # their sum: the logit, or the difference of two
    frozen: bool  # whether there is a norm behind the parts, whose scale is held
    terms: PartTerms | None


class LensStage(TypedDict):
    """What the model would say if it stopped after a stage."""

    name: str  # `embedding`, `layer0.attention`, `layer0.mlp`...
    probs: list[float]  # those of `LensResult.tokens`
    likeliest: int  # of all tokens
    probability: float  # its own


class LensResult(TypedDict):
    """The stages in order; the last is the model's own probabilities."""

    tokens: list[int]
    stages: list[LensStage]
