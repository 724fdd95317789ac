"""Events about whole models: which one writes, one in a file, for a link, of a past run."""

from app.shared.models import FileFacts, ModelConfigFields, PackedFacts
from app.shared.typed import Blob, Literal, NotRequired, TypedDict


class ModelEvent(TypedDict):
    """This model generates from now on."""

    type: Literal["model"]
    number: int  # each model of a worker has the next
    tokens: list[str]  # the text of each token, without BOS, which comes after the last of them
    config: ModelConfigFields
    from_run: bool  # whether it is the run's, else the one that was loaded
    packed: NotRequired[PackedFacts]  # of one that was loaded from a link


class PackedModelEvent(TypedDict):
    """The model that generates, packed for a link; see `microgpt.packed`."""

    type: Literal["packed_model"]
    number: int  # that of the command
    letters: str  # as an address holds them, "" where the link would be too long
    num_letters: int  # that they are, or would be
    code: str  # the model code that it needs, "" for none
    facts: PackedFacts


class ModelReadEvent(TypedDict):
    """What is in a model's file; where there are no facts, there is a problem, or code to allow."""

    type: Literal["model_read"]
    number: int  # that of the command
    problem: str  # a sentence on why it cannot be opened, or ""
    code: str  # the model code in it, "" for none
    facts: NotRequired[FileFacts]
    blob: NotRequired[Blob]  # with them: its losses as 64-bit floats, then as many smoothed ones


class ExportedModelEvent(TypedDict):
    """The file that a model was exported as: a program, or a .zip of several files."""

    type: Literal["exported_model"]
    number: int  # that of the command
    problem: str  # a sentence on why there is none, or ""
    name: str  # of the file, with its ending
    blob: NotRequired[Blob]  # its contents


class GlimpsedEvent(TypedDict):
    """What a model makes of a text: the likeliest tokens that may follow, and what it writes.

    Probabilities and samples are those of the current sampling settings.
    """

    type: Literal["glimpsed"]
    number: int  # that of the command
    key: str  # that of the command
    problem: str  # a sentence on why there is nothing of all this, or ""
    upcoming: list[tuple[str, float]]  # (token's text, probability); "" is the end
    samples: list[str]
