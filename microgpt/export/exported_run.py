"""What a run is, as far as an exported program needs to know."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from microgpt.config import ModelConfig, SampleConfig, TrainConfig
from microgpt.model import Weights
from microgpt.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class ExportedRun:
    """A run, or a model.

    Args:
        config: the architecture, with its code.
        tokenizer: of its data.
        name: what its files are called, without an ending.
        training: how it is trained.
        data: the name of its data.
        documents: all of them, as the run was given them; empty if they are not needed.
        windowed: whether the documents are windows of one long text.
        weights: after training; empty if they are not needed.
        file: the `.safetensors` file that has them.
        sampling: how it writes, and with the seed of `training` what.
        prefix: what samples begin with.
        num_samples: how many it writes.
    """

    config: ModelConfig
    tokenizer: Tokenizer
    name: str
    training: TrainConfig = field(default_factory=TrainConfig)
    data: str = ""
    documents: Sequence[str] = ()
    windowed: bool = False
    weights: Weights = field(default_factory=dict)
    file: bytes = b""
    sampling: SampleConfig = field(default_factory=SampleConfig)
    prefix: str = ""
    num_samples: int = 20
