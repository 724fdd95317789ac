"""The page's memory of what the tokens are: counted, described, and put to use on a line."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.vocabulary import Vocabulary
from microgpt.bpe import BpeTokenizer, learn_bpe
from tests.support.page_events import merges, token_lengths

TEXTS = ["the cat and the hat", "that other thing", "a  hat, the  hat"]
SPLIT = (42, 0.1)
ROWS = [("a", "n", 9, 40), ("an", "a", 7, 33)]


def knowing(texts: list[str], limit: int = 64) -> tuple[Vocabulary, BpeTokenizer]:
    """All byte pairs of some texts, and the tokenizer that has them."""
    found = [merge for merge in learn_bpe(texts, limit) if merge]
    tokenizer = BpeTokenizer("".join(texts), [merge.pair for merge in found])
    rows = [
        (tokenizer.tokens[merge.pair[0]], tokenizer.tokens[merge.pair[1]], 2, 10) for merge in found
    ]
    tokens = Vocabulary(len(tokenizer.characters))
    tokens.configure(True, limit, SPLIT)
    tokens.add_merges(merges(0, rows, tokenizer.vocab_size))
    return tokens, tokenizer


def test_characters_are_known_at_once() -> None:
    tokens = Vocabulary(26)
    assert (tokens.vocab_size, tokens.num_merges, tokens.learning) == (27, 0, False)
    assert tokens.summary() == "tokens: 26 characters and the end"


def test_a_vocabulary_has_two_tokens_at_least() -> None:
    assert Vocabulary(0).vocab_size == 2


def test_while_pairs_are_learnt_there_are_at_most_as_many_as_wanted() -> None:
    tokens = Vocabulary(3)
    tokens.configure(True, 64, SPLIT)
    assert (tokens.vocab_size, tokens.learning) == (64, True)
    tokens.add_merges(merges(0, ROWS[:1]))
    tokens.add_merges(merges(1, ROWS[1:]))
    assert (tokens.vocab_size, tokens.num_merges, tokens.learning) == (64, 2, True)
    tokens.add_merges(merges(2, [], 6))
    assert (tokens.vocab_size, tokens.num_merges, tokens.learning) == (6, 2, False)
    assert tokens.summary() == "tokens: 3 characters, 2 pairs and the end"


def test_a_smaller_vocabulary_takes_the_first_pairs() -> None:
    tokens = Vocabulary(3)
    tokens.configure(True, 64, SPLIT)
    tokens.add_merges(merges(0, ROWS, 6))
    tokens.configure(True, 5, SPLIT)
    tokens.add_merges(merges(2, [], 5))
    assert (tokens.vocab_size, tokens.num_merges) == (5, 1)


def test_what_is_wanted_as_before_is_known_still() -> None:
    tokens = Vocabulary(3)
    tokens.configure(True, 64, SPLIT)
    tokens.add_merges(merges(0, ROWS, 6))
    tokens.configure(True, 64, SPLIT)
    assert (tokens.vocab_size, tokens.learning) == (6, False)
    tokens.configure(True, 64, (43, 0.1))
    assert (tokens.vocab_size, tokens.learning) == (64, True)


def test_pairs_of_other_data_take_their_place() -> None:
    tokens = Vocabulary(3)
    tokens.configure(True, 64, SPLIT)
    tokens.add_merges(merges(0, ROWS, 6))
    tokens.add_merges(merges(0, ROWS[:1], 5))
    assert tokens.merges == ROWS[:1]
    assert tokens.tokenize("anana", 1) == ["an", "an", "a"]


def test_lengths_are_kept_while_they_are_of_these_tokens() -> None:
    tokens = Vocabulary(3)
    lengths = token_lengths(6)
    tokens.set_lengths(lengths)
    assert tokens.lengths is None, "characters are tokens"
    tokens.configure(True, 64, SPLIT)
    tokens.add_merges(merges(0, ROWS, 6))
    tokens.set_lengths(token_lengths(5))
    assert tokens.lengths is None, "they are of a smaller vocabulary"
    tokens.set_lengths(lengths)
    tokens.configure(True, 64, SPLIT)
    assert tokens.lengths == lengths
    tokens.reset(4)
    assert (tokens.lengths, tokens.num_chars) == (None, 4), "they were of other data"
    tokens.set_lengths(lengths)
    tokens.configure(True, 128, SPLIT)
    assert tokens.lengths is None


def test_without_a_text_nothing_is_said_of_an_old_one() -> None:
    tokens = Vocabulary(3)
    for pairs in (False, True):
        tokens.configure(pairs, 64, SPLIT)
        tokens.reset(3)
        assert "3 characters" in tokens.summary() or tokens.learning
        tokens.reset(0)
        assert tokens.summary() == "tokens: there is no text yet"


def test_characters_again() -> None:
    tokens = Vocabulary(3)
    tokens.configure(True, 64, SPLIT)
    tokens.add_merges(merges(0, ROWS, 6))
    tokens.configure(False, 64, SPLIT)
    assert (tokens.vocab_size, tokens.learning) == (4, False)


def test_what_cannot_be_is_said_until_something_else_is_wanted() -> None:
    tokens = Vocabulary(70)
    tokens.configure(True, 64, SPLIT)
    tokens.add_merges(merges(0, [], problem="Too many."))
    assert (tokens.problem, tokens.learning, tokens.num_merges) == ("Too many.", False, 0)
    tokens.configure(True, 128, SPLIT)
    assert (tokens.problem, tokens.learning) == ("", True)


@pytest.mark.parametrize("text", TEXTS)
def test_a_line_is_cut_as_the_tokenizer_cuts_it(text: str) -> None:
    tokens, tokenizer = knowing(TEXTS)
    pieces = [tokenizer.tokens[token] for token in tokenizer.encode_prefix(text)]
    assert tokens.tokenize(text, tokens.num_merges) == pieces


@given(st.text("abc", max_size=40), st.integers(0, 30))
def test_a_word_is_cut_as_by_that_many_merges(text: str, count: int) -> None:
    tokens, tokenizer = knowing(["abcabcaabb", "bcbcaabcab", "ccaabbccaa"])
    shorter = BpeTokenizer("abc", tokenizer.merges[:count])
    pieces = [shorter.tokens[token] for token in shorter.encode_prefix(text)]
    assert tokens.tokenize(text, min(count, tokens.num_merges)) == pieces
