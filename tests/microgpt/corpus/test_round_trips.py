"""Round trips from files to documents, to tokens and back, for every format and tokenizer."""

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
from microgpt.corpus.options import OPTION_SETTINGS, CorpusOptions
from microgpt.dataset import Dataset, make_dataset
from microgpt.generators import drain
from microgpt.tokenizer import CharTokenizer, Tokenizer
from tests.support.corpus import choices, documents_of, load_one, zipped

CODECS = {"utf-16": "utf-16-le"}  # where Python's name differs
ENCODINGS = [name for name, _ in OPTION_SETTINGS["encoding"].choices if name != "auto"]
PACKINGS = ["", ".gz", ".zip", ".zip.gz"]
# Lines or cells that stripping and normalizing do not change.
LINES = (
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp"]), max_size=20)
    .map(lambda text: normalize("NFC", text.replace("\ufeff", "").strip()))
    .filter(lambda text: text and text == normalize("NFC", text.strip()))
)
DOCUMENTS = st.lists(LINES, min_size=1, max_size=8)


def written(documents: list[str], form: str) -> str:
    """The content of a file of the given format."""
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
    # The header is given, since a document may look like one.
    options = {"format": "table", "column": "text"} if form in ("csv", "tsv") else {}
    assert documents_of(content, name + packing, **options) == documents


@settings(deadline=None)
@given(DOCUMENTS, st.sampled_from(ENCODINGS), st.sampled_from(["txt", "json"]))
def test_every_given_encoding(documents: list[str], encoding: str, form: str) -> None:
    codec = CODECS.get(encoding, encoding)
    # A file cannot contain characters that its encoding lacks.
    encodable = [text.encode(codec, "ignore").decode(codec).strip() for text in documents]
    encodable = [normalize("NFC", text) for text in ["x", *encodable] if text]
    content = written(encodable, form).encode(codec, "ignore")
    assert documents_of(content, f"x.{form}", encoding=encoding) == encodable


def characters(dataset: Dataset) -> Tokenizer:
    return CharTokenizer(dataset.characters)


def bpe(dataset: Dataset) -> Tokenizer:
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
    st.sampled_from([characters, bpe]),
)
def test_documents_survive_tokenization(
    lines: list[str], options: CorpusOptions, tokenizer: Callable[[Dataset], Tokenizer]
) -> None:
    # Whatever is removed, there is something to learn merges from.
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


def test_bpe_needs_fewer_tokens() -> None:
    documents = load_one("abab abab\n" * 3).documents
    tokenizer = bpe(make_dataset(documents, 0.0, random.Random(1)))
    assert len(tokenizer.encode(documents[0])) < len(documents[0])
