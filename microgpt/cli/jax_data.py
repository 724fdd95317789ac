"""The data of a run with JAX: read at once, or, where they are too large, in pieces."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from microgpt.cli import files
from microgpt.cli.corpus_summary import advice_sentences
from microgpt.cli.options import DATA_NAMES, OPTION_ROWS, option_of
from microgpt.cli.setup import Values, corpus_options, load_named
from microgpt.config import TrainConfig
from microgpt.corpus.archives import MAX_TOTAL_BYTES
from microgpt.dataset import Dataset, make_dataset
from microgpt.generators import drain
from microgpt.run_tokenizer import check_characters, make_tokenizer
from microgpt.settings import SettingError
from microgpt.tokenizer import Tokenizer

BPE_SAMPLE_CHARS = 5_000_000  # of a corpus in pieces, from which the merges are learned
PIECES_CUTS = ("lines", "windows")  # ways to cut a corpus that is read in pieces


@dataclass(frozen=True, slots=True)
class JaxData:
    """What a run is trained on."""

    dataset: Dataset
    tokenizer: Tokenizer
    windowed: bool
    remarks: Sequence[str]  # on how the files were read


def jax_data(
    names: Sequence[str],
    values: Values,
    training: TrainConfig,
    rng: random.Random,
    known: Tokenizer | None,
) -> JaxData:
    """The data in files or data sets.

    Args:
        names: of them.
        values: all settings by name.
        training: how to train.
        rng: used for one shuffle.
        known: the tokenizer; None to make one.

    Raises:
        FileError, DataError, SettingError: they cannot be read, or not in pieces.
        UnknownCharacterError: the known tokenizer lacks a character.
    """
    paths = files.paths_of(names)
    if sum(path.stat().st_size for path in paths) > MAX_TOTAL_BYTES:
        return _in_pieces(paths, values, training, rng, known)
    corpus = load_named(names, values)
    dataset = make_dataset(corpus.documents, training.eval_fraction, rng)
    remarks = [*corpus.loading_remarks, *advice_sentences(corpus)]
    tokenizer = _tokenizer(dataset, dataset, values, known)
    return JaxData(dataset, tokenizer, corpus.options.windowed, remarks)


def _in_pieces(
    paths: Sequence[Path],
    values: Values,
    training: TrainConfig,
    rng: random.Random,
    known: Tokenizer | None,
) -> JaxData:
    from microgpt.jax.large_corpus import open_corpus

    _check_options(values)
    options = corpus_options(values)
    state = rng.getstate()
    window_chars = options.block_size if options.windowed else 0
    dataset = open_corpus(paths, window_chars, training.eval_fraction, rng)
    sample, size = list[str](), 0
    for document in dataset.train:
        sample.append(document)
        size += len(document)
        if size > BPE_SAMPLE_CHARS:
            break
    sampled = Dataset(sample, (), dataset.characters)
    tokenizer = _tokenizer(sampled, dataset, values, known)
    if options.windowed and tokenizer.merges:
        # Cut again, so that a window has about as many tokens as the context.
        tokens = sum(len(tokenizer.encode_prefix(document)) for document in sample)
        window_chars = round(options.block_size * size / tokens)
        rng.setstate(state)
        dataset = open_corpus(paths, window_chars, training.eval_fraction, rng)
    remark = f"The corpus is read in pieces: {len(dataset):,} documents."
    return JaxData(dataset, tokenizer, options.windowed, [remark])


def _check_options(values: Values) -> None:
    """Raise `SettingError` for an option that is not there for a corpus in pieces."""
    for name in (*(name for name in DATA_NAMES if name != "cut"), "mask"):
        given = values[name]
        if given != OPTION_ROWS[name].default and (name, given) not in (
            ("format", "text"),
            ("encoding", "utf-8"),
        ):
            raise SettingError(
                f"Files of more than {MAX_TOTAL_BYTES / 1e6:.0f} MB are read in pieces, as plain "
                f"text in UTF-8, without {option_of(name)}: prepare them before."
            )
    if values["cut"] not in PIECES_CUTS:
        raise SettingError(
            f"Files of more than {MAX_TOTAL_BYTES / 1e6:.0f} MB are read in pieces, and cut into "
            "lines or windows: use --cut lines or --cut windows."
        )


def _tokenizer(
    sample: Dataset, dataset: Dataset, values: Values, known: Tokenizer | None
) -> Tokenizer:
    """The known tokenizer, checked, or one that is made from a sample of the data."""
    if known is not None:
        check_characters(known, dataset)
        return known
    return drain(make_tokenizer(sample, str(values["tokenizer"]), int(values["vocab_limit"])))
