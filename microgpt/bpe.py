"""Byte-pair encoding (BPE): the most frequent pair of tokens becomes a token, again and again.

The method is Gage's (1994) as adapted to text by Sennrich, Haddow and Birch (2016): it works on
characters rather than bytes, and no token crosses a word boundary. The module knows texts and ids;
nothing of files, models or which documents are held out.

While merges are learned, a sequence of tokens is a `str` with chr(id) for each token. Pairs are
then counted, found and replaced by string methods: fast enough for a megabyte.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import pairwise
from operator import add

from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError

# A run of non-spaces with the space before it; of several spaces, all but the last form a word of
# their own. The length is limited, so that a text without spaces is cut into short words too.
WORD_PATTERN = re.compile(r"\s?\S{1,64}|\s{1,64}(?!\S)")
MAX_LEARNING_CHARS = 2_000_000  # more hardly changes which pairs are frequent
MIN_PAIR_COUNT = 2  # a pair that occurs once is no pattern
WORDS_PER_GROUP = 2_000
WORK_PER_YIELD = 20_000  # characters counted, or pairs replaced, between two yield points
WORD_SEPARATOR = "\uffff"  # larger than any token id


class BpeTokenizer:
    """Tokens are characters and merges of two other tokens; BOS begins and ends a document.

    A text is split into words and these into characters; then, within each word, the merges are
    applied in the order in which they were learned.

    Args:
        characters: the alphabet in any order, repeats allowed.
        merges: for each merged token the ids of its two parts; the first one's own id is the
            number of different characters.

    Raises:
        ValueError: if a merge refers to a token that comes later or does not exist, or makes a
            token that exists already or fits in no word.

    >>> tokenizer = BpeTokenizer("banana", [(0, 2), (3, 3)])
    >>> tokenizer.tokens
    ('a', 'b', 'n', 'an', 'anan')
    >>> tokenizer.encode("banana")
    [5, 1, 4, 0, 5]
    """

    def __init__(self, characters: Iterable[str], merges: Iterable[tuple[int, int]] = ()) -> None:
        self.characters: tuple[str, ...] = tuple(sorted(set(characters)))
        self.merges: tuple[tuple[int, int], ...] = tuple(merges)
        self.tokens: tuple[str, ...] = _token_texts(self.characters, self.merges)
        self.bos = len(self.tokens)
        self._char_ids = {character: i for i, character in enumerate(self.characters)}
        self._merged_ids = {pair: len(self._char_ids) + i for i, pair in enumerate(self.merges)}
        self._encoded_words: dict[str, list[int]] = {}  # a cache

    @property
    def vocab_size(self) -> int:
        """The number of tokens, BOS included."""
        return len(self.tokens) + 1

    def encode(self, document: str) -> list[int]:
        """The ids of a whole document, with BOS on both sides.

        Raises `UnknownCharacterError` for a character outside the vocabulary.
        """
        return [self.bos, *self.encode_prefix(document), self.bos]

    def encode_prefix(self, text: str) -> list[int]:
        """The ids of `text` alone, without BOS; raises like `encode`.

        A document that continues `text` may begin with other tokens: "Ann" can be one token while
        "Anna" is "An" and "na". And a space at the end is a token of its own here, while inside a
        document it belongs to the word after it. So a prefix that ends within a word or with a
        space may be one that the model has never seen.
        """
        tokens: list[int] = []
        for word in WORD_PATTERN.findall(text):
            if word not in self._encoded_words:
                self._encoded_words[word] = self._encode_word(word)
            tokens += self._encoded_words[word]
        return tokens

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`; BOS has none."""
        return "".join(self.tokens[token] for token in tokens if token != self.bos)

    def _encode_word(self, word: str) -> list[int]:
        try:
            tokens = [self._char_ids[character] for character in word]
        except KeyError as error:
            raise UnknownCharacterError(error.args[0], self.characters) from None
        return merged(tokens, self._merged_ids, self.bos)


def merged(tokens: list[int], merged_ids: Mapping[tuple[int, int], int], bos: int) -> list[int]:
    """The tokens of a word, with all merges in it, in the order in which they were learned.

    Args:
        tokens: its characters, as ids; changed in place.
        merged_ids: from two ids to that of their merge.
        bos: an id that no merge has.
    """
    # What each two neighbours merge into, BOS for nothing. Earlier merges have smaller ids, so the
    # smallest id comes first, and of several the leftmost.
    made = [merged_ids.get(pair, bos) for pair in pairwise(tokens)]
    while made and (token := min(made)) != bos:
        i = made.index(token)
        del made[i]
        tokens[i : i + 2] = [token]
        if i > 0:
            made[i - 1] = merged_ids.get((tokens[i - 1], token), bos)
        if i < len(made):
            made[i] = merged_ids.get((token, tokens[i + 1]), bos)
    return tokens


@dataclass(frozen=True, slots=True)
class Merge:
    """A pair of tokens that becomes a token."""

    pair: tuple[int, int]  # the ids of the two parts
    token: int  # the id of the new token
    text: str
    count: int  # how often the pair occurred
    num_tokens: int  # the length of the data from now on


def learn_bpe(
    documents: Sequence[str], vocab_size: int, characters: Iterable[str] | None = None
) -> Iterator[Merge | None]:
    """Find the merges of a vocabulary, the most frequent pair first; ties go to the smallest ids.

    Pairs are counted within words, each with the space before it, so that no token crosses from
    one word into the next, let alone into another document; text without spaces counts as words of
    64 characters. Learning ends early when no pair occurs twice. Any number of the merges, from
    the first on, makes a `BpeTokenizer`.

    Args:
        documents: what to learn from, in random order: only the first 2 million characters are
            used.
        vocab_size: the largest number of tokens, all characters and BOS included.
        characters: the alphabet, where it is larger than that of the documents.

    Yields:
        Each merge as it is found; None at yield points in between.

    Raises:
        SettingError: if the vocabulary has no room for all characters.
        UnknownCharacterError: if the documents have a character that `characters` lacks.

    >>> [merge.text for merge in learn_bpe(["banana", "ananas"], 9) if merge]
    ['an', 'ana', 'anana']
    """
    alphabet = sorted(set().union(*documents) if characters is None else set(characters))
    check_room(len(alphabet), vocab_size)
    words = yield from _count_words(documents)
    unknown = set().union(*words).difference(alphabet)
    if unknown:
        raise UnknownCharacterError(min(unknown), alphabet)
    groups: list[_WordGroup] = []
    counts: Counter[str] = Counter()
    for group in _group_words(words, {ord(character): i for i, character in enumerate(alphabet)}):
        group.count_pairs(counts)
        groups.append(group)
        yield None
    num_tokens = sum(len(word) * count for word, count in words.items())
    tokens = list(alphabet)
    # A lazy heap: a pair is pushed again for each new count, and stale entries are skipped.
    queue = [(-count, pair) for pair, count in counts.items() if count >= MIN_PAIR_COUNT]
    heapify(queue)
    while queue and len(tokens) + 1 < vocab_size:
        negative, pair = heappop(queue)
        count = counts[pair]
        if count != -negative:
            continue
        token = chr(len(tokens))
        changes: Counter[str] = Counter()
        work = 0
        for group in groups:
            replaced = group.merge(pair, token, changes)
            num_tokens -= group.frequency * replaced
            work += replaced
            if work >= WORK_PER_YIELD:
                work = 0
                yield None
        del changes[pair], counts[pair]
        counts.update(changes)
        for changed in changes:
            if counts[changed] >= MIN_PAIR_COUNT:
                heappush(queue, (-counts[changed], changed))
        left, right = map(ord, pair)
        tokens.append(tokens[left] + tokens[right])
        yield Merge((left, right), ord(token), tokens[-1], count, num_tokens)


def check_room(num_characters: int, vocab_size: int) -> None:
    """Raise `SettingError` unless a vocabulary has room for all characters and BOS."""
    if num_characters + 1 > vocab_size:
        raise SettingError(
            f"The data has {num_characters:,} different characters, too many for a vocabulary of "
            f"{vocab_size:,} tokens; choose a larger one, or characters as tokens."
        )


class _WordGroup:
    """Different words that occur equally often, as one string of tokens.

    Args:
        text: the words, with `WORD_SEPARATOR` around each.
        frequency: how often each of them occurs in the data.
    """

    __slots__ = ("_text", "frequency")

    def __init__(self, text: str, frequency: int) -> None:
        self._text = text
        self.frequency = frequency

    def count_pairs(self, counts: Counter[str]) -> None:
        """Add to `counts` how often each pair of neighbours occurs in the words."""
        for pair, times in Counter(map(add, self._text, self._text[1:])).items():
            if WORD_SEPARATOR not in pair:
                counts[pair] += self.frequency * times

    def merge(self, pair: str, token: str, changes: Counter[str]) -> int:
        """Replace `pair` by `token` everywhere, and add to `changes` how other counts change.

        Returns how many there were in these words.
        """
        if pair not in self._text:
            return 0
        left, right = pair[0], pair[1]
        parts = self._text.split(pair)
        self._text = token.join(parts)
        # An empty part between two occurrences: they are each other's neighbours.
        for before, times in Counter([part[-1:] for part in parts[:-1]]).items():
            if before != WORD_SEPARATOR:
                changes[(before or right) + left] -= self.frequency * times
                changes[(before or token) + token] += self.frequency * times
        for after, times in Counter([part[:1] for part in parts[1:]]).items():
            if after not in ("", WORD_SEPARATOR):
                changes[right + after] -= self.frequency * times
                changes[token + after] += self.frequency * times
        return len(parts) - 1


def _count_words(documents: Iterable[str]) -> Generator[None, None, Counter[str]]:
    """How often each word occurs in the first `MAX_LEARNING_CHARS` characters."""
    words: Counter[str] = Counter()
    num_chars = chars_at_yield = 0
    for document in documents:
        words.update(WORD_PATTERN.findall(document[: MAX_LEARNING_CHARS - num_chars]))
        num_chars += len(document)
        if num_chars >= MAX_LEARNING_CHARS:
            break
        if num_chars - chars_at_yield >= WORK_PER_YIELD:
            chars_at_yield = num_chars
            yield None
    return words


def _group_words(words: Mapping[str, int], ids: Mapping[int, int]) -> Iterator[_WordGroup]:
    """The words as tokens, grouped by frequency so that few groups hold them all.

    Args:
        words: the count of each word.
        ids: from the code points of characters to their ids.
    """
    by_frequency: dict[int, list[str]] = {}
    for word, frequency in words.items():
        by_frequency.setdefault(frequency, []).append(word)
    for frequency, equals in by_frequency.items():
        for start in range(0, len(equals), WORDS_PER_GROUP):
            group = [word.translate(ids) for word in equals[start : start + WORDS_PER_GROUP]]
            yield _WordGroup(WORD_SEPARATOR.join(["", *group, ""]), frequency)


def _token_texts(
    characters: tuple[str, ...], merges: tuple[tuple[int, int], ...]
) -> tuple[str, ...]:
    """The text of every token; raises `ValueError` for an invalid merge."""
    tokens = list(characters)
    known = set(tokens)
    for number, merge in enumerate(merges, start=1):
        left, right = merge
        if not (type(left) is type(right) is int and 0 <= min(merge) <= max(merge) < len(tokens)):
            raise ValueError(f"merge {number} refers to a token that does not exist before it")
        text = tokens[left] + tokens[right]
        if text in known or not WORD_PATTERN.fullmatch(text):
            raise ValueError(f"merge {number} makes a token that exists already or is too long")
        tokens.append(text)
        known.add(text)
    return tuple(tokens)
