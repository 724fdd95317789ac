"""The tokenizer of a run: made from its documents, or given.

The module knows data sets and tokenizers, and no models.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator, Sequence
from typing import TYPE_CHECKING

from microgpt.config import TrainConfig
from microgpt.dataset import Dataset, make_dataset_incrementally
from microgpt.settings import setting
from microgpt.tokenizer import CharTokenizer, Tokenizer, UnknownCharacterError

if TYPE_CHECKING:
    from microgpt.bpe import Merge


def learn_merges(
    documents: Sequence[str], training: TrainConfig, vocab_limit: int
) -> Iterator[Merge | None]:
    """The merges of a run's BPE tokenizer one by one, as `learn_bpe` yields them.

    They are learned from the training documents alone, so that the held-out loss is measured on
    text that nothing was fitted to. The alphabet is that of all documents, so that no character is
    unknown. No random numbers are drawn but those that shuffle the documents.

    Args as of `prepare_run`, which finds the same merges.
    """
    from microgpt.bpe import learn_bpe

    rng = random.Random(training.seed)
    dataset = yield from make_dataset_incrementally(documents, training.eval_fraction, rng)
    yield from learn_bpe(dataset.train, vocab_limit, dataset.characters)


def make_tokenizer(
    dataset: Dataset, name: str, vocab_limit: int
) -> Generator[None, None, Tokenizer]:
    """The tokenizer of a run, `characters` or `bpe`; yields while it is learned.

    Raises `SettingError` for another name, or if the vocabulary has no room for all characters.
    """
    name = str(setting("tokenizer").check(name))
    setting("vocab_limit").check(vocab_limit)
    if name == "characters":
        return CharTokenizer(dataset.characters)
    from microgpt.bpe import BpeTokenizer, learn_bpe

    merges = []
    for merge in learn_bpe(dataset.train, vocab_limit, dataset.characters):
        if merge is not None:
            merges.append(merge.pair)
        yield
    return BpeTokenizer(dataset.characters, merges)


def check_characters(tokenizer: Tokenizer, dataset: Dataset) -> None:
    """Raise `UnknownCharacterError` unless the tokenizer has all characters of the data."""
    unknown = set(dataset.characters).difference(tokenizer.characters)
    if unknown:
        raise UnknownCharacterError(min(unknown), tokenizer.characters)
