"""BPE: its merges against a reference that recounts all pairs each time, and round trips."""

from __future__ import annotations

import doctest
from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import microgpt.bpe
from microgpt.bpe import MAX_LEARNING_CHARS, WORD_PATTERN, BpeTokenizer, Merge, learn_bpe
from microgpt.settings import SettingError
from microgpt.tokenizer import CharTokenizer, Tokenizer, UnknownCharacterError

# Few characters, so that pairs are frequent, meet and overlap; spaces and odd ones among them.
texts = st.text(st.sampled_from("aab \té日👩\ud83d"), max_size=25) | st.text(st.characters())
corpora = st.lists(texts, min_size=1, max_size=12)
vocab_sizes = st.integers(10, 40)


def vocabulary(documents: list[str]) -> list[str]:
    return sorted(set().union(*documents))


def learned(documents: list[str], vocab_size: int) -> list[Merge]:
    return [merge for merge in learn_bpe(documents, vocab_size) if merge is not None]


def tokenizer_of(documents: list[str], vocab_size: int) -> BpeTokenizer:
    pairs = [merge.pair for merge in learned(documents, vocab_size)]
    return BpeTokenizer(vocabulary(documents), pairs)


def merged(tokens: list[int], pair: tuple[int, int], token: int) -> list[int]:
    """`tokens` with `token` for every `pair`, from the left."""
    result: list[int] = []
    i = 0
    while i < len(tokens):
        found = tuple(tokens[i : i + 2]) == pair
        result.append(token if found else tokens[i])
        i += 2 if found else 1
    return result


def reference(documents: list[str], vocab_size: int) -> list[Merge]:
    """The same merges, found by counting all pairs of all words again each time."""
    tokens = vocabulary(documents)
    words = [
        [tokens.index(character) for character in word]
        for document in documents
        for word in WORD_PATTERN.findall(document)
    ]
    merges = []
    while len(tokens) + 1 < vocab_size:
        counts = Counter(pair for word in words for pair in pairwise(word))
        pair = min(counts, key=lambda pair: (-counts[pair], pair), default=None)
        if pair is None or counts[pair] < 2:
            break
        words = [merged(word, pair, len(tokens)) for word in words]
        text = tokens[pair[0]] + tokens[pair[1]]
        num_tokens = sum(map(len, words))
        merges.append(Merge(pair, len(tokens), text, counts[pair], num_tokens))
        tokens.append(text)
    return merges


def encoded_by_the_reference(text: str, tokenizer: BpeTokenizer) -> list[int]:
    """Word by word, every merge tried in its order."""
    result = []
    for word in WORD_PATTERN.findall(text):
        tokens = [tokenizer.characters.index(character) for character in word]
        for number, pair in enumerate(tokenizer.merges):
            tokens = merged(tokens, pair, len(tokenizer.characters) + number)
        result += tokens
    return result


# ---- learning ------------------------------------------------------------------------------------


@settings(max_examples=200, deadline=None)
@given(corpora, vocab_sizes)
@example(["aaaaaaa aaaa", "aaa"], 12)
@example(["ababab abab", "bababa"], 12)
@example(["\uffff\uffff\x00", "\uffff\uffff\x01", "\x01\x02"], 12)
@example(["the cat and the hat", "that cat", "the cat and the hat"], 40)
def test_the_merges_are_those_of_the_reference(documents: list[str], vocab_size: int) -> None:
    if len(vocabulary(documents)) < vocab_size:
        assert learned(documents, vocab_size) == reference(documents, vocab_size)


def test_learning_step_by_step() -> None:
    assert learned(["banana", "ananas"], 9) == [
        Merge((0, 2), token=4, text="an", count=4, num_tokens=8),
        Merge((4, 0), token=5, text="ana", count=2, num_tokens=6),
        Merge((4, 5), token=6, text="anana", count=2, num_tokens=4),
    ]


def test_ties_go_to_the_pair_of_the_smallest_ids() -> None:
    documents = ["zy", "bc", "ba", "ab"] * 3
    assert [merge.text for merge in learned(documents, 20)] == ["ab", "ba", "bc", "zy"]


def test_no_token_crosses_words_or_documents() -> None:
    tokens = tokenizer_of(["to be or not to be", "to be"] * 20, 200).tokens
    assert {" be", "to", " to", " not"} <= set(tokens)
    assert all(WORD_PATTERN.fullmatch(token) for token in tokens)
    assert [merge.text for merge in learned(["a", "b"] * 9, 9)] == []


def test_learning_ends_early_when_no_pair_occurs_twice() -> None:
    tokenizer = tokenizer_of(["abc", "abd"], 100)
    assert tokenizer.tokens == ("a", "b", "c", "d", "ab")
    assert tokenizer.vocab_size == 6


def test_learning_ends_when_the_vocabulary_is_full() -> None:
    documents = ["the cat and the hat", "that cat"] * 9
    sizes = [tokenizer_of(documents, size).vocab_size for size in range(9, 15)]
    assert len(vocabulary(documents)) == 8
    assert sizes == list(range(9, 15))


def test_a_smaller_vocabulary_has_the_first_of_the_same_merges() -> None:
    documents = ["the cat and the hat", "that cat", "a cat that sat"] * 3
    larger = learned(documents, 24)
    assert learned(documents, 15) == larger[: 15 - 1 - len(vocabulary(documents))]


def test_too_many_characters_for_the_vocabulary() -> None:
    documents = ["".join(map(chr, range(0x4E00, 0x4E00 + 2000)))]
    with pytest.raises(SettingError, match="2,000 different characters, too many for a voc"):
        next(learn_bpe(documents, 256))
    assert learned(documents, 2001) == []


def test_characters_that_are_not_in_the_documents_are_in_the_vocabulary() -> None:
    merges = [merge for merge in learn_bpe(["bb", "bb"], 64, "abc") if merge]
    assert [(merge.pair, merge.token) for merge in merges] == [((1, 1), 3)]
    assert BpeTokenizer("abc", [merges[0].pair]).encode("abba") == [4, 0, 3, 0, 4]


def test_documents_with_a_character_that_the_vocabulary_lacks() -> None:
    with pytest.raises(UnknownCharacterError, match="does not know the character 'z'"):
        list(learn_bpe(["ab", "zb"], 64, "abc"))


@pytest.mark.parametrize("documents", [[], [""], ["", "a"], ["a"], [" "]], ids=ascii)
def test_documents_without_any_pair(documents: list[str]) -> None:
    assert learned(documents, 64) == []


def test_only_the_beginning_of_long_texts_is_used() -> None:
    beginning = ["ab" * 25_000] * (MAX_LEARNING_CHARS // 50_000)
    merges = learned([*beginning, "cdcd"], 8)
    assert [merge.text for merge in merges] == ["ab", "abab", "abababab"]
    assert merges[0].count == MAX_LEARNING_CHARS // 2


def test_there_are_yield_points() -> None:
    yields = list(learn_bpe([f"abcd{i:05}" for i in range(50_000)], 64))
    merges = [i for i, merge in enumerate(yields) if merge is not None]
    assert yields[: merges[0]].count(None) > 10, "while the words are counted"
    assert yields[merges[0] :].count(None) > 1, "while pairs that are everywhere are merged"
    assert len(yields) < 10 * len(merges)


# ---- the tokenizer -------------------------------------------------------------------------------


@settings(deadline=None)
@given(corpora, vocab_sizes, st.data())
def test_round_trip(documents: list[str], vocab_size: int, data: st.DataObject) -> None:
    tokenizer = tokenizer_of(documents, max(vocab_size, len(vocabulary(documents)) + 1))
    text = data.draw(st.text(st.sampled_from(vocabulary(documents) or ["a"]), max_size=200))
    for document in [*documents, text if tokenizer.characters else ""]:
        tokens = tokenizer.encode(document)
        assert tokens[0] == tokens[-1] == tokenizer.bos
        assert tokens[1:-1] == tokenizer.encode_prefix(document)
        assert tokens[1:-1] == encoded_by_the_reference(document, tokenizer)
        assert "".join(tokenizer.tokens[token] for token in tokens[1:-1]) == document
        assert tokenizer.decode(tokens) == document


@settings(deadline=None)
@given(corpora, vocab_sizes)
def test_the_data_has_the_number_of_tokens_that_learning_reports(
    documents: list[str], vocab_size: int
) -> None:
    vocab_size = max(vocab_size, len(vocabulary(documents)) + 1)
    merges = learned(documents, vocab_size)
    tokenizer = tokenizer_of(documents, vocab_size)
    if merges:
        num_tokens = sum(len(tokenizer.encode_prefix(document)) for document in documents)
        assert num_tokens == merges[-1].num_tokens


@given(st.text(st.sampled_from(" \t\u3000\x85ab"), max_size=300))
@example(" " * 64 + "a")
@example(" " * 65 + "a" * 200)
def test_words_cover_the_text(text: str) -> None:
    words = WORD_PATTERN.findall(text)
    assert "".join(words) == text
    assert all(0 < len(word) <= 65 for word in words)


def test_a_space_belongs_to_the_word_after_it() -> None:
    assert WORD_PATTERN.findall("to be  or not\n ") == ["to", " be", " ", " or", " not", "\n "]


def test_ids_are_characters_then_merges_then_bos() -> None:
    tokenizer = BpeTokenizer("banana", [(0, 2), (3, 3)])
    characters = CharTokenizer("banana")
    assert tokenizer.characters == tokenizer.tokens[:3] == characters.characters
    assert tokenizer.tokens[3:] == ("an", "anan")
    assert (tokenizer.bos, tokenizer.vocab_size) == (5, 6)


def test_without_merges_it_is_the_tokenizer_of_characters() -> None:
    one: Tokenizer = BpeTokenizer("emma")
    other: Tokenizer = CharTokenizer("emma")
    assert one.encode("mama") == other.encode("mama")
    assert (one.tokens, one.merges, one.bos) == (other.tokens, other.merges, other.bos)


@pytest.mark.parametrize("character", ["z", "\n", "\ud800", "é", "👩", "\x03", "\uffff"])
def test_an_unknown_character_is_named(character: str) -> None:
    tokenizer = tokenizer_of(["emma", "emmy"], 64)
    for encode in (tokenizer.encode, tokenizer.encode_prefix):
        with pytest.raises(UnknownCharacterError) as caught:
            encode("em" + character)
        assert caught.value.character == character
        assert str(caught.value).endswith(": aemy")


@pytest.mark.parametrize(
    "merges",
    [
        [(0, 2)],  # itself
        [(3, 0), (0, 1)],  # a later one
        [(0, -1)],
        [(0, 99)],
        [(0, 1), (0, 1)],
        [(0, 0), (0, 2), (2, 0)],  # "aaa" twice
        [(True, 0)],
        [(0.0, 1)],
        [("a", "b")],
        [(0, 1, 0)],
        [(0,)],
        [(i, i) for i in (0, *range(2, 9))],  # doubled to more than a word
    ],
    ids=repr,
)
def test_invalid_merges(merges: list[tuple[int, int]]) -> None:
    with pytest.raises(ValueError, match=r"merge \d|values to unpack"):
        BpeTokenizer("ab", merges)


def test_the_examples_in_the_docstrings() -> None:
    assert doctest.testmod(microgpt.bpe).failed == 0
