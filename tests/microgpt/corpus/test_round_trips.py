"""From files to documents, to tokens and back to the same text, for every format and tokenizer."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
from collections.abc import Callable
from unicodedata import normalize

from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.bpe import BpeTokenizer, learn_bpe
from microgpt.corpus.loading import load_corpus
from microgpt.corpus.options import ROWS, CorpusOptions
from microgpt.dataset import Dataset, make_dataset
from microgpt.generators import drain
from microgpt.tokenizer import CharTokenizer, Tokenizer
from tests.support.corpus import choices, documents_of, read_one, zipped

CODECS = {"utf-16": "utf-16-le"}  # where Python calls the same thing otherwise
ENCODINGS = [name for name, _ in ROWS["encoding"].choices if name != "auto"]
PACKINGS = ["", ".gz", ".zip", ".zip.gz"]
# What a line or a cell can hold and is still the same when the space around it is gone.
LINES = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=20)
    .map(lambda text: normalize("NFC", text.replace("\ufeff", "").strip()))
    .filter(lambda text: text and text == normalize("NFC", text.strip()))
)
DOCUMENTS = st.lists(LINES, min_size=1, max_size=8)


def written(documents: list[str], form: str) -> str:
    """The text of a file of that form."""
    if form == "json":
        return json.dumps(documents, ensure_ascii=len(documents) % 2 == 0)
    if form == "jsonl":
        return "\n".join(json.dumps({"text": document}) for document in documents)
    if form in ("csv", "tsv"):
        file = io.StringIO()
        dialect = csv.excel if form == "csv" else csv.excel_tab
        rows = [("text", "number"), *((text, str(n)) for n, text in enumerate(documents))]
        csv.writer(file, dialect, quoting=csv.QUOTE_ALL).writerows(rows)
        return file.getvalue()
    return "\n".join(documents)


def packed(content: bytes, name: str, packing: str) -> bytes:
    if ".zip" in packing:
        content = zipped({name: content})
    return gzip.compress(content) if packing.endswith(".gz") else content


@settings(deadline=None)
@given(
    DOCUMENTS,
    st.sampled_from(["txt", "csv", "tsv", "json", "jsonl"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(PACKINGS),
)
def test_every_format_in_unicode(documents: list[str], form: str, codec: str, packing: str) -> None:
    name = f"x.{form}"
    content = packed(written(documents, form).encode(codec), name, packing)
    # A head is asked for, since a document may be called like one.
    options = {"format": "table", "column": "text"} if form in ("csv", "tsv") else {}
    assert documents_of(content, name + packing, **options) == documents


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from(ENCODINGS), st.sampled_from(["txt", "json"]))
def test_every_encoding_that_is_asked_for(documents: list[str], encoding: str, form: str) -> None:
    codec = CODECS.get(encoding, encoding)
    # What the encoding has no sign for is nothing that a file in it could hold.
    held = [text.encode(codec, "ignore").decode(codec).strip() for text in documents]
    held = [normalize("NFC", text) for text in ["x", *held] if text]
    content = written(held, form).encode(codec, "ignore")
    assert documents_of(content, f"x.{form}", encoding=encoding) == held


def characters(dataset: Dataset) -> Tokenizer:
    return CharTokenizer(dataset.characters)


def byte_pairs(dataset: Dataset) -> Tokenizer:
    merges = learn_bpe(dataset.train, len(dataset.characters) + 40)
    return BpeTokenizer(dataset.characters, [merge.pair for merge in merges if merge])


@settings(deadline=None)
@given(
    DOCUMENTS,
    st.builds(
        CorpusOptions,
        cut=choices("cut"),
        case=choices("case"),
        accents=choices("accents"),
        digits=choices("digits"),
        duplicates=choices("duplicates"),
        block_size=st.integers(1, 9),
    ),
    st.sampled_from([characters, byte_pairs]),
)
def test_documents_become_tokens_and_text_again(
    lines: list[str], options: CorpusOptions, tokenizer: Callable[[Dataset], Tokenizer]
) -> None:
    # Whatever is left out, there is something to learn pairs from.
    content = "\n".join([*lines, "abab abab"]).encode()
    documents = drain(load_corpus([("a.txt", content)], options)).documents
    dataset = make_dataset(documents, 0.0, random.Random(1))
    made = tokenizer(dataset)
    assert made.characters == dataset.characters
    for document in documents:
        tokens = made.encode(document)
        assert made.decode(tokens) == document
        assert len(tokens) <= len(document) + 2
        assert normalize("NFC", document) == document or options.cut == "windows"


def test_byte_pairs_are_among_the_tokens() -> None:
    documents = read_one("abab abab\n" * 3).documents
    tokenizer = byte_pairs(make_dataset(documents, 0.0, random.Random(1)))
    assert len(tokenizer.encode(documents[0])) < len(documents[0])
