"""The vocabulary as the page knows it: its size, its summary, and how it tokenizes a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.vocabulary import Vocabulary
from microgpt.bpe import BpeTokenizer, learn_bpe
from tests.support.page_events import merges, token_lengths

TEXTS = ["the cat and the hat", "that other thing", "a  hat, the  hat"]
SPLIT = (42, 0.1)
MERGES = [("a", "n", 9, 40), ("an", "a", 7, 33)]


def learned_vocabulary(texts: list[str], limit: int = 64) -> tuple[Vocabulary, BpeTokenizer]:
    """The vocabulary with all merges of some texts, and the tokenizer with the same merges."""
    learned = [merge for merge in learn_bpe(texts, limit) if merge]
    tokenizer = BpeTokenizer("".join(texts), [merge.pair for merge in learned])
    rows = [
        (tokenizer.tokens[merge.pair[0]], tokenizer.tokens[merge.pair[1]], 2, 10)
        for merge in learned
    ]
    vocabulary = Vocabulary(len(tokenizer.characters))
    vocabulary.configure(True, limit, SPLIT)
    vocabulary.add_merges(merges(0, rows, tokenizer.vocab_size))
    return vocabulary, tokenizer


def test_characters_are_known_at_once() -> None:
    vocabulary = Vocabulary(26)
    assert (vocabulary.vocab_size, vocabulary.num_merges, vocabulary.learning) == (27, 0, False)
    assert vocabulary.summary() == "tokens: 26 characters and the end"


def test_a_vocabulary_has_at_least_two_tokens() -> None:
    assert Vocabulary(0).vocab_size == 2


def test_while_merges_are_learned_the_size_is_the_limit() -> None:
    vocabulary = Vocabulary(3)
    vocabulary.configure(True, 64, SPLIT)
    assert (vocabulary.vocab_size, vocabulary.learning) == (64, True)
    vocabulary.add_merges(merges(0, MERGES[:1]))
    vocabulary.add_merges(merges(1, MERGES[1:]))
    assert (vocabulary.vocab_size, vocabulary.num_merges, vocabulary.learning) == (64, 2, True)
    vocabulary.add_merges(merges(2, [], 6))
    assert (vocabulary.vocab_size, vocabulary.num_merges, vocabulary.learning) == (6, 2, False)
    assert vocabulary.summary() == "tokens: 3 characters, 2 pairs and the end"


def test_a_smaller_vocabulary_has_the_first_merges() -> None:
    vocabulary = Vocabulary(3)
    vocabulary.configure(True, 64, SPLIT)
    vocabulary.add_merges(merges(0, MERGES, 6))
    vocabulary.configure(True, 5, SPLIT)
    vocabulary.add_merges(merges(2, [], 5))
    assert (vocabulary.vocab_size, vocabulary.num_merges) == (5, 1)


def test_merges_are_kept_while_the_settings_are_the_same() -> None:
    vocabulary = Vocabulary(3)
    vocabulary.configure(True, 64, SPLIT)
    vocabulary.add_merges(merges(0, MERGES, 6))
    vocabulary.configure(True, 64, SPLIT)
    assert (vocabulary.vocab_size, vocabulary.learning) == (6, False)
    vocabulary.configure(True, 64, (43, 0.1))
    assert (vocabulary.vocab_size, vocabulary.learning) == (64, True)


def test_merges_of_other_data_replace_the_old_ones() -> None:
    vocabulary = Vocabulary(3)
    vocabulary.configure(True, 64, SPLIT)
    vocabulary.add_merges(merges(0, MERGES, 6))
    vocabulary.add_merges(merges(0, MERGES[:1], 5))
    assert vocabulary.merges == MERGES[:1]
    assert vocabulary.tokenize("anana", 1) == ["an", "an", "a"]


def test_lengths_are_kept_while_the_tokens_are_the_same() -> None:
    vocabulary = Vocabulary(3)
    lengths = token_lengths(6)
    vocabulary.set_lengths(lengths)
    assert vocabulary.lengths is None, "the tokens are characters"
    vocabulary.configure(True, 64, SPLIT)
    vocabulary.add_merges(merges(0, MERGES, 6))
    vocabulary.set_lengths(token_lengths(5))
    assert vocabulary.lengths is None, "they are of a smaller vocabulary"
    vocabulary.set_lengths(lengths)
    vocabulary.configure(True, 64, SPLIT)
    assert vocabulary.lengths == lengths
    vocabulary.reset(4)
    assert (vocabulary.lengths, vocabulary.num_chars) == (None, 4), "they were of other data"
    vocabulary.set_lengths(lengths)
    vocabulary.configure(True, 128, SPLIT)
    assert vocabulary.lengths is None


def test_without_a_text_the_summary_says_so() -> None:
    vocabulary = Vocabulary(3)
    for bpe in (False, True):
        vocabulary.configure(bpe, 64, SPLIT)
        vocabulary.reset(3)
        assert "3 characters" in vocabulary.summary() or vocabulary.learning
        vocabulary.reset(0)
        assert vocabulary.summary() == "tokens: there is no text yet"


def test_the_tokens_can_be_characters_again() -> None:
    vocabulary = Vocabulary(3)
    vocabulary.configure(True, 64, SPLIT)
    vocabulary.add_merges(merges(0, MERGES, 6))
    vocabulary.configure(False, 64, SPLIT)
    assert (vocabulary.vocab_size, vocabulary.learning) == (4, False)


def test_a_problem_is_kept_until_the_settings_change() -> None:
    vocabulary = Vocabulary(70)
    vocabulary.configure(True, 64, SPLIT)
    vocabulary.add_merges(merges(0, [], problem="Too many."))
    assert vocabulary.problem == "Too many."
    assert (vocabulary.learning, vocabulary.num_merges) == (False, 0)
    vocabulary.configure(True, 128, SPLIT)
    assert (vocabulary.problem, vocabulary.learning) == ("", True)


@pytest.mark.parametrize("text", TEXTS)
def test_a_line_is_tokenized_as_by_the_tokenizer(text: str) -> None:
    vocabulary, tokenizer = learned_vocabulary(TEXTS)
    pieces = [tokenizer.tokens[token] for token in tokenizer.encode_prefix(text)]
    assert vocabulary.tokenize(text, vocabulary.num_merges) == pieces


@given(st.text("abc", max_size=40), st.integers(0, 30))
def test_a_text_is_tokenized_by_the_first_merges_alone(text: str, count: int) -> None:
    vocabulary, tokenizer = learned_vocabulary(["abcabcaabb", "bcbcaabcab", "ccaabbccaa"])
    shorter = BpeTokenizer("abc", tokenizer.merges[:count])
    pieces = [shorter.tokens[token] for token in shorter.encode_prefix(text)]
    assert vocabulary.tokenize(text, min(count, vocabulary.num_merges)) == pieces
