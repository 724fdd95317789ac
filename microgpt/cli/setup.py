"""From the settings of a command to what it works with: documents, tokenizer, run."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import TYPE_CHECKING

from microgpt.cli import files
from microgpt.cli.options import DATA_NAMES
from microgpt.config import SampleConfig, TrainConfig
from microgpt.corpus.loading import LoadedDocuments, load_documents
from microgpt.corpus.options import CorpusOptions
from microgpt.dataset import make_dataset
from microgpt.generators import drain
from microgpt.run import Run, prepare_run
from microgpt.run_tokenizer import make_tokenizer
from microgpt.settings import MODEL
from microgpt.tokenizer import Tokenizer

if TYPE_CHECKING:
    from microgpt.model_code.definition import ModelCode

Values = dict[str, int | float | str]  # of settings, by name


def load_named(names: Sequence[str], values: Values) -> LoadedDocuments:
    """The documents in files or data sets."""
    return drain(load_documents(files.read_files(names), corpus_options(values)))


def corpus_options(values: Values) -> CorpusOptions:
    """How files are loaded."""
    chosen = {name: values[name] for name in (*DATA_NAMES, "block_size", "tokenizer")}
    return CorpusOptions(**chosen)  # type: ignore[arg-type]


def tokenizer_of(corpus: LoadedDocuments, values: Values) -> Tokenizer:
    """The tokenizer of a run with these settings."""
    rng = random.Random(int(values["seed"]))
    dataset = make_dataset(corpus.documents, float(values["eval_fraction"]), rng)
    return drain(make_tokenizer(dataset, str(values["tokenizer"]), int(values["vocab_limit"])))


def architecture(values: Values) -> dict[str, int]:
    """The fields of `ModelConfig` but `vocab_size` and `code`."""
    return {row.name: int(values[row.name]) for row in MODEL}


def sample_config(values: Values) -> SampleConfig:
    """How the model writes."""
    return SampleConfig(**{name: values[name] for name in ("temperature", "top_k", "top_p")})  # type: ignore[arg-type]


def prepare(
    corpus: LoadedDocuments, training: TrainConfig, values: Values, code: ModelCode | None
) -> Run:
    """The run of these documents and settings; raises as `prepare_run` does."""
    return prepare_run(
        corpus.documents,
        training,
        str(values["engine"]),
        str(values["precision"]),
        str(values["tokenizer"]),
        int(values["vocab_limit"]),
        corpus.options.windowed,
        code,
        **architecture(values),
    )
