"""The documents that a model can be looked at with: those that it has learned from, and others."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from microgpt.config import ModelConfig
from microgpt.corpus.loading import Corpus
from microgpt.dataset import make_dataset
from microgpt.loss_mask import CountedDocuments, everything_counts
from microgpt.run import Run
from microgpt.sequences import encode_document
from microgpt.settings import setting
from microgpt.tokenizer import Tokenizer


@dataclass(frozen=True, slots=True)
class ModelDocuments:
    """Documents for a model; none where the data are not those of its tokens."""

    train: Sequence[str]
    held_out: Sequence[str]
    encode: Callable[[str], list[list[int]]]  # a document as sequences, with BOS at both ends
    count: Callable[[list[list[int]]], CountedDocuments] = everything_counts  # in the model's loss
    opening: Callable[[random.Random], list[int]] | None = None  # what a sample has to begin with

    @classmethod
    def of(cls, run: Run) -> ModelDocuments:
        """Those of a run."""
        opening = run.opening if run.training.mask else None
        return cls(run.dataset.train, run.dataset.held_out, run.encode, run.mask.apply, opening)

    def held_out_sequences(self) -> Iterator[list[int]]:
        """The held-out documents as sequences, encoded as they are asked for."""
        for document in self.held_out:
            yield from self.encode(document)


class CorpusDocuments:
    """The documents of the data for a model that no run has made, split as a run does by default.

    Args:
        corpus: returns the data that are loaded, if there are any.
        tokenizer, config: the model's.
    """

    def __init__(
        self, corpus: Callable[[], Corpus | None], tokenizer: Tokenizer, config: ModelConfig
    ) -> None:
        self._corpus, self._tokenizer, self._config = corpus, tokenizer, config
        self._split_corpus: Corpus | None = None
        self._split = ModelDocuments((), (), self._encode)

    def __call__(self) -> ModelDocuments:
        """The documents now: split anew only if other data were loaded."""
        corpus = self._corpus()
        if corpus is not self._split_corpus:
            self._split_corpus = corpus
            self._split = self._split_now(corpus)
        return self._split

    def _split_now(self, corpus: Corpus | None) -> ModelDocuments:
        known = set("".join(self._tokenizer.tokens))
        if corpus is None or any(text not in known for text, _ in corpus.statistics.vocabulary):
            return ModelDocuments((), (), self._encode)
        if len(corpus.documents) < 2:
            return ModelDocuments(corpus.documents, (), self._encode)
        seed, eval_fraction = (setting(name).page_default for name in ("seed", "eval_fraction"))
        dataset = make_dataset(corpus.documents, float(eval_fraction), random.Random(int(seed)))
        return ModelDocuments(dataset.train, dataset.held_out, self._encode)

    def _encode(self, document: str) -> list[list[int]]:
        windowed = self._split_corpus is not None and self._split_corpus.options.windowed
        return encode_document(document, self._tokenizer, self._config.block_size, windowed)
