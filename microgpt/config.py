"""The configuration of a model, of its training and of sampling, as validated dataclasses.

Defaults and limits come from the table in `settings.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

from microgpt.model_code.definition import ModelCode
from microgpt.settings import (
    LARGE_SIZES,
    OPTIMIZATION,
    TRAINING,
    SettingError,
    check_heads,
    default,
    setting,
)
from microgpt.shapes import parameter_shapes

if TYPE_CHECKING:
    from microgpt.shapes import Shapes

MAX_VOCAB_SIZE = 10_000


def _check(record: object, names: Iterable[str], highs: Mapping[str, int]) -> None:
    for name in names:
        value = setting(name).check(getattr(record, name), highs.get(name))
        object.__setattr__(record, name, value)


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """The architecture. Raises `SettingError` for an invalid size.

    `code` defines another model than that of `model.py`.

    >>> ModelConfig(vocab_size=27).num_params
    4192
    """

    vocab_size: int
    n_embd: int = int(default("n_embd"))
    n_head: int = int(default("n_head"))
    n_layer: int = int(default("n_layer"))
    block_size: int = int(default("block_size"))
    code: ModelCode | None = None
    _highs: ClassVar[Mapping[str, int]] = {}  # the largest sizes, where not the table's

    def __post_init__(self) -> None:
        _check(self, ("n_embd", "n_head", "n_layer", "block_size"), self._highs)
        check_heads(self.n_embd, self.n_head)
        if type(self.vocab_size) is not int:
            raise SettingError("The vocabulary size must be a whole number.")
        if not 2 <= self.vocab_size <= MAX_VOCAB_SIZE:
            raise SettingError(
                f"The vocabulary must have 2 to {MAX_VOCAB_SIZE:,} tokens, but has "
                f"{self.vocab_size:,}; use a text with fewer different characters."
            )

    @property
    def head_dim(self) -> int:
        """How many numbers of the embedding belong to each attention head."""
        return self.n_embd // self.n_head

    @property
    def sizes(self) -> tuple[int, int, int, int, int]:
        """The sizes alone, in the order of the fields."""
        return self.vocab_size, self.n_embd, self.n_head, self.n_layer, self.block_size

    @property
    def shapes(self) -> Shapes:
        """The weight matrices in order: (name, (rows, columns)). Not to be modified.

        Raises:
            CodeError: the model code gives none that can be made.
        """
        return _shapes(self)

    @property
    def num_params(self) -> int:
        """How many parameters there are in all."""
        return sum(rows * columns for _, (rows, columns) in self.shapes)


@dataclass(frozen=True, slots=True)
class LargeModelConfig(ModelConfig):
    """The architecture of a model that may go beyond the table's sizes: up to `LARGE_SIZES`.

    >>> LargeModelConfig(vocab_size=256, n_embd=1024, n_head=16, n_layer=8).num_params
    101203968
    """

    _highs: ClassVar[Mapping[str, int]] = LARGE_SIZES


@lru_cache(maxsize=32)
def _shapes(config: ModelConfig) -> Shapes:
    """Found once: model code runs for them, and engines ask for them again and again."""
    if config.code:
        return config.code.shapes(config, isinstance(config, LargeModelConfig))
    return parameter_shapes(config)


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """How to train: by default Adam with a learning rate that decays linearly to zero.

    The fields are the settings of the groups TRAINING and OPTIMIZATION, and Adam's `eps`.
    """

    num_steps: int = int(default("num_steps"))
    batch_size: int = int(default("batch_size"))
    learning_rate: float = float(default("learning_rate"))
    seed: int = int(default("seed"))
    eval_fraction: float = float(default("eval_fraction"))
    optimizer: str = str(default("optimizer"))
    beta1: float = float(default("beta1"))
    beta2: float = float(default("beta2"))
    eps: float = 1e-8
    momentum: float = float(default("momentum"))
    weight_decay: float = float(default("weight_decay"))
    schedule: str = str(default("schedule"))
    warmup: float = float(default("warmup"))
    decay: float = float(default("decay"))
    clip: float = float(default("clip"))
    init_std: float = float(default("init_std"))
    mask: str = str(default("mask"))

    def __post_init__(self) -> None:
        _check(self, (row.name for row in TRAINING + OPTIMIZATION), {})

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> TrainConfig:
        """What settings by name, others among them, say; what they leave out has its default."""
        names = [field.name for field in fields(cls)]
        return cls(**{name: values[name] for name in names if name in values})


@dataclass(frozen=True, slots=True)
class SampleConfig:
    """How the next token is chosen from the model's probabilities."""

    temperature: float = float(default("temperature"))
    top_k: int = int(default("top_k"))
    top_p: float = float(default("top_p"))

    def __post_init__(self) -> None:
        _check(self, ("temperature", "top_k", "top_p"), {})
