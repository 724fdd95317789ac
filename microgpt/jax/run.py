"""A training run with JAX: the parts that `microgpt/run.py` makes, over the devices of a layout."""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from typing import overload

from microgpt.config import ModelConfig, TrainConfig
from microgpt.dataset import Dataset
from microgpt.generators import drain
from microgpt.jax.engine import JaxEngine
from microgpt.jax.layout import DeviceLayout
from microgpt.model import init_weights
from microgpt.optimizer import OPTIMIZERS
from microgpt.run import Run
from microgpt.segments import first_segment
from microgpt.tokenizer import Tokenizer

LARGE_MODEL = 1_000_000  # weights; those of a larger model are drawn by `jax.random`


class EncodedDocuments(Sequence[list[int]]):
    """Documents as token ids, each encoded when it is asked for: so a process encodes its own."""

    def __init__(self, documents: Sequence[str], encode: Callable[[str], list[list[int]]]) -> None:
        self._documents, self._encode = documents, encode

    def __len__(self) -> int:
        return len(self._documents)

    @overload
    def __getitem__(self, index: int) -> list[int]: ...
    @overload
    def __getitem__(self, index: slice) -> list[list[int]]: ...
    def __getitem__(self, index: int | slice) -> list[int] | list[list[int]]:
        if isinstance(index, slice):
            return [self._encode(document)[0] for document in self._documents[index]]
        return self._encode(self._documents[index])[0]


class JaxRun(Run):
    """A run whose documents are read and encoded when their step comes.

    With a loss mask, or with windows in several parts, what a document becomes is not known before:
    then all that the run needs is encoded at its beginning, as with the other engines.
    """

    __slots__ = ()

    def prepare(self) -> Generator[None, None, None]:
        if self.training.mask or (self.windowed and self._in_parts):
            yield from super().prepare()
            return
        self.segments = [first_segment(self.training)]
        self._num_encoded, self._all_encoded = len(self.dataset.train), True
        self.engine.prepare(EncodedDocuments(self.dataset.train, self.encode), self.training)

    def remarks(self) -> list[str]:
        return super().remarks() if isinstance(self.dataset.train, tuple) else []

    @property
    def _in_parts(self) -> bool:
        return bool(self.tokenizer.merges) and isinstance(self.dataset.train, tuple)


def prepare_jax_run(
    dataset: Dataset,
    tokenizer: Tokenizer,
    training: TrainConfig,
    config: ModelConfig,
    layout: DeviceLayout,
    rng: random.Random,
    precision: str = "f32",
    windowed: bool = False,
) -> JaxRun:
    """A run that is ready to train.

    Args:
        dataset: in memory, or in files (`large_corpus.py`).
        tokenizer: of the data.
        training: how to train.
        config: the architecture, for this tokenizer.
        layout: the devices.
        rng: what is left of the run's random numbers when the data have been shuffled. All
            processes have the same.
        precision: `f32` or `bf16`.
        windowed: as of `prepare_run`.

    Raises:
        DataError, SettingError: for invalid data or settings.
    """
    std = training.init_std
    large = config.num_params > LARGE_MODEL
    weights = (training.seed, std) if large else init_weights(config, rng, std)
    engine = JaxEngine(config, layout, weights, precision, OPTIMIZERS[training.optimizer])
    return drain(JaxRun.of(dataset, tokenizer, training, engine, rng, windowed))
