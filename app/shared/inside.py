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


class HeadReading(TypedDict):
    """A head of attention: what it reads at the moment, and what it is measured to look for."""

    part: str  # its name among the parts of the model
    place: int  # the place that it reads most, 0 for BOS
    share: float  # and how much of its attention that gets
    scores: dict[str, float]  # by pattern (`microgpt.interpret.heads`); empty until measured
    label: str  # the pattern that it follows, "" for none


class AttentionResult(TypedDict):
    """What every head reads."""

    layers: list[list[HeadReading]]
    weights_at: int  # (heads of all layers, t, t) for t = position + 1: who reads, what is read
    documents: int  # how many held-out ones the scores were measured over, 0 until they are
    # `measured`, `earlier` (before the model learned on), `measuring` or `unknown data`.
    state: str


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
    value: float | None  # in Learn, None until it is computed
    gradient: float | None
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


class SwitchOffResult(TypedDict):
    """What can be switched off."""

    parts: list[str]  # by name, in order of computation, each layer as a whole behind its parts
    neurons: list[tuple[str, int]]  # of each part that has neurons its name and their number


class NeuronsRequest(TypedDict):
    """The most active neurons, and one of them in detail."""

    neuron: str  # `layer0.mlp.neuron5`; "" for the most active one


class NeuronPlace(TypedDict):
    """A place in the data where a neuron fires, with the tokens around it."""

    tokens: list[int]
    place: int  # which of them the model has just read
    begins: bool  # whether the first of them is the beginning of the document
    activation: float


class NeuronsResult(TypedDict):
    """The neurons of all MLPs at the moment, and one in detail."""

    mlps: list[tuple[str, int]]  # (name, number of neurons)
    firing: int  # how many neurons are not at 0
    active: list[tuple[str, float]]  # (name, activation) of the most active ones
    neuron: str  # the one in detail, "" if there are none
    activation: float
    up: list[tuple[int, float]]  # (token, logits per unit of activation): pushed up most
    down: list[tuple[int, float]]
    places: list[NeuronPlace] | None  # where it fires most; None while they are looked for
    scanned: int  # in how many held-out documents


class MapRequest(TypedDict):
    """The map of a table of embeddings, and the nearest neighbours of one row."""

    table: str  # `token` or `position`
    row: int


class MapResult(TypedDict):
    """The rows of a table in two dimensions, by their principal components."""

    rows: list[int]  # those that are shown: all, or of very many the most frequent ones
    points: list[tuple[float, float]]  # where they are, around the mean of all
    labelled: list[int]  # the rows whose tokens are always to be read, the most frequent first
    shares: tuple[float, float]  # of the variance, along the two axes
    size: int  # the dimensions of a row
    row: int  # whose neighbours these are
    neighbours: list[tuple[int, float]]  # (row, cosine), the nearest first
