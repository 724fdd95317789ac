"""Settings by name, as the command line parses them, made into the records that others take."""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.cli import files
from microgpt.cli.parser import DATA_NAMES
from microgpt.config import SampleConfig
from microgpt.corpus.loading import LoadedDocuments, load_documents
from microgpt.corpus.options import CorpusOptions
from microgpt.generators import drain
from microgpt.settings import MODEL

Values = dict[str, int | float | str]  # of settings, by name


def documents_of(names: Sequence[str], values: Values) -> LoadedDocuments:
    """The documents in files or data sets."""
    return drain(load_documents(files.read_files(names), corpus_options(values)))


def corpus_options(values: Values) -> CorpusOptions:
    """How files become documents."""
    chosen = {name: values[name] for name in (*DATA_NAMES, "block_size", "tokenizer")}
    return CorpusOptions(**chosen)  # type: ignore[arg-type]


def architecture_of(values: Values) -> dict[str, int]:
    """The fields of `ModelConfig` but for the vocabulary."""
    return {row.name: int(values[row.name]) for row in MODEL}


def sampling_of(values: Values) -> SampleConfig:
    """How samples are drawn."""
    return SampleConfig(**{name: values[name] for name in ("temperature", "top_k", "top_p")})  # type: ignore[arg-type]
