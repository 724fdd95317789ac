"""Helpers for tests: load corpora at once, with only the options that matter, and make zips."""

from __future__ import annotations

import io
import zipfile
from typing import Any

from hypothesis import strategies as st

from microgpt.corpus import DataError
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import OPTION_SETTINGS, CorpusOptions
from microgpt.generators import drain
from tests.support.work import Work


def choices(name: str) -> st.SearchStrategy[str]:
    """Draw any choice of the option called `name`."""
    return st.sampled_from([value for value, _ in OPTION_SETTINGS[name].choices])


def load_all(*files: tuple[str, bytes], **options: Any) -> Corpus:
    """Load several files."""
    return drain(load_corpus(files, CorpusOptions(**options)))


def load_one(content: str | bytes, name: str = "", **options: Any) -> Corpus:
    """Load one file; a `str` is encoded as UTF-8."""
    return load_all((name, content.encode() if isinstance(content, str) else content), **options)


def documents_of(content: str | bytes, name: str = "", **options: Any) -> list[str]:
    """Load one file and return its documents."""
    return load_one(content, name, **options).documents


def load_or_refuse(name: str, content: bytes, work: Work, **options: str) -> Corpus | str:
    """Load one file and count the work; the sentence that refuses it if it cannot be loaded."""
    try:
        return work.run(load_corpus([(name, content)], CorpusOptions(**options)))  # type: ignore[arg-type]
    except DataError as error:
        return str(error)


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()
