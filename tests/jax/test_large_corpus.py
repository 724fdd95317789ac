"""A corpus that is read in pieces: its documents are those of a smaller one."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from microgpt.corpus.loading import load_documents
from microgpt.corpus.options import CorpusOptions
from microgpt.dataset import DataError, Dataset, make_dataset
from microgpt.generators import drain
from microgpt.jax import large_corpus
from microgpt.jax.large_corpus import open_corpus

TEXT = "anna\n\n  emma \r\n\tzoë\nbjörn\n \nLiu 刘\n" + "x" * 40 + "\nlast"


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large_corpus, "PIECE_BYTES", 16)


def opened(paths: list[Path], window_chars: int = 0) -> Dataset:
    return open_corpus(paths, window_chars, 0.25, random.Random(3))


def test_lines_are_the_documents_of_a_corpus_in_memory(tmp_path: Path) -> None:
    paths = [tmp_path / "one.txt", tmp_path / "two.txt"]
    for path, text in zip(paths, (TEXT, "\ufeffothers\ncafe\u0301\n"), strict=True):
        path.write_bytes(text.encode())
    files = [(path.name, path.read_bytes()) for path in paths]
    corpus = drain(load_documents(files, CorpusOptions()))
    expected = make_dataset(corpus.documents, 0.25, random.Random(3))
    found = opened(paths)
    assert found.documents == expected.documents
    assert list(found.held_out) == list(expected.held_out)
    assert found.train[1:3] == list(expected.train[1:3])
    assert set(found.characters) - {" ", "\t"} == set(expected.characters) - {" "}


@pytest.mark.parametrize("text", ["abcd\r\nef", "abcde\u0323\u0302f\n"])
def test_every_character_of_a_window_is_known(tmp_path: Path, text: str) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(text.encode())
    for window_chars in range(1, len(text)):
        dataset = opened([path], window_chars)
        assert set("".join(dataset.documents)) <= set(dataset.characters)


def test_windows_hold_the_whole_text(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text(TEXT, encoding="utf-8", newline="")
    documents = opened([path], window_chars=5).documents
    assert max(map(len, documents)) == 5
    assert sorted("".join(documents)) == sorted(TEXT.replace("\r\n", "\n"))
    assert all(document in TEXT.replace("\r\n", "\n") for document in documents)


@pytest.mark.parametrize(
    ("data", "message"),
    [(b"", "cannot be read in pieces"), (b" \n\n", "no text"), (b"abc\nd\xffe\n", "byte 5")],
)
def test_what_cannot_be_read_is_told_of(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(data)
    with pytest.raises(DataError, match=message):
        opened([path])
