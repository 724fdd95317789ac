"""Documents as sequences of tokens, and how long they are."""

from __future__ import annotations

from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.bpe import BpeTokenizer
from microgpt.generators import drain
from microgpt.sequences import (
    MAX_MEASURED_CANDIDATES,
    encode_document,
    estimate_num_cut,
    measure_lengths,
)
from microgpt.tokenizer import CharTokenizer


def test_a_document_ends_with_bos_and_a_window_does_not() -> None:
    tokenizer = CharTokenizer("abc")
    assert encode_document("abcab", tokenizer, 2, windowed=False) == [[3, 0, 1, 2, 0, 1, 3]]
    assert encode_document("abcab", tokenizer, 5, windowed=True) == [[3, 0, 1, 2, 0, 1]]
    assert encode_document("abcab", tokenizer, 2, windowed=True) == [[3, 0, 1], [3, 2, 0], [3, 1]]


@given(st.lists(st.text("ab c", min_size=1), min_size=1), st.integers(1, 9))
def test_windows_lose_nothing_however_short_the_context(
    windows: list[str], block_size: int
) -> None:
    tokenizer = BpeTokenizer("ab c", [(1, 2)])
    encoded = [encode_document(window, tokenizer, block_size, windowed=True) for window in windows]
    assert [tokenizer.decode(chain.from_iterable(sequences)) for sequences in encoded] == windows
    lengths = drain(measure_lengths(windows, tokenizer, block_size, windowed=True))
    assert lengths.truncation(block_size) == (0, 0)
    assert lengths.documents == sum(map(len, encoded))


def test_a_sample_of_many_documents_is_measured() -> None:
    documents = ["abcdefgh", "aaaabbbb", "ab"] * 2 * MAX_MEASURED_CANDIDATES
    measured = []

    def num_tokens(document: str) -> int:
        measured.append(document)
        return 8 if document == "abcdefgh" else 2

    num_cut = estimate_num_cut((documents[:7], documents[7:]), 4, num_tokens)
    assert len(measured) <= MAX_MEASURED_CANDIDATES
    assert num_cut / len(documents) == pytest.approx(1 / 3, abs=0.02)
