"""Contents read as data, for the tests: at once, with the options that matter alone; and a zip.

Knows how to read, and no single test.
"""

from __future__ import annotations

import io
import zipfile
from typing import Any

from hypothesis import strategies as st

from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import ROWS, CorpusOptions
from microgpt.generators import drain


def choices(name: str) -> st.SearchStrategy[str]:
    """Any value that the option called `name` may have."""
    return st.sampled_from([value for value, _ in ROWS[name].choices])


def read_all(*files: tuple[str, bytes], **options: Any) -> Corpus:
    """The reading of several files."""
    return drain(load_corpus(files, CorpusOptions(**options)))


def read_one(content: str | bytes, name: str = "", **options: Any) -> Corpus:
    """The reading of one file; a text is encoded as UTF-8."""
    return read_all((name, content.encode() if isinstance(content, str) else content), **options)


def documents_of(content: str | bytes, name: str = "", **options: Any) -> list[str]:
    """The documents in one file."""
    return read_one(content, name, **options).documents


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()
