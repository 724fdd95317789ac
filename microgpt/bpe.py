"""Byte-pair encoding: the pair of tokens that is seen most often becomes a token, again and again.

The method is Gage's (1994), as Sennrich, Haddow and Birch (2016) took it up for texts: on
characters rather than bytes, and never from one word into the next. The module knows texts and
ids; nothing of files, models or which documents are held out.

Inside it a sequence of tokens is a `str` that has chr(id) for each token. So pairs are counted,
found and replaced by the string's own methods, which makes Python quick enough for a megabyte.
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

# A stretch without spaces, and the space before it; of further spaces all but the last one. Its
# length is limited, so that a text without any spaces is in short words as well.
WORD = re.compile(r"\s?\S{1,64}|\s{1,64}(?!\S)")
ENOUGH = 2_000_000  # characters to learn from; more hardly change what is frequent
FEWEST = 2  # a pair that is seen once teaches nothing
BLOCK = 2_000  # words that are worked on at a time
LOOK = 20_000  # characters counted or pairs merged between two chances to look up
BETWEEN = "\uffff"  # stands between words; no id is as large


class BpeTokenizer:
    """Characters, tokens that are made of two others, and BOS, which begins and ends a document.

    A text is cut into words and these into characters; in a word the merges are then made, one
    after the other in the order in which they were learnt, wherever their two tokens meet.

    Args:
        characters: those that texts may hold, in any order, repeats allowed.
        merges: the pairs of ids that make a token each; the first one's id is the number of
            different characters.

    Raises:
        ValueError: where a merge names a token that comes later or never, or makes one that is
            there already or that no word could hold.

    >>> tokenizer = BpeTokenizer("banana", [(0, 2), (3, 3)])
    >>> tokenizer.tokens
    ('a', 'b', 'n', 'an', 'anan')
    >>> tokenizer.encode("banana")
    [5, 1, 4, 0, 5]
    """

    def __init__(self, characters: Iterable[str], merges: Iterable[tuple[int, int]] = ()) -> None:
        self.characters: tuple[str, ...] = tuple(sorted(set(characters)))
        self.merges: tuple[tuple[int, int], ...] = tuple(merges)
        self.tokens: tuple[str, ...] = _tokens(self.characters, self.merges)
        self.bos = len(self.tokens)
        self._ids = {character: i for i, character in enumerate(self.characters)}
        self._merged = {pair: len(self._ids) + i for i, pair in enumerate(self.merges)}
        self._words: dict[str, list[int]] = {}  # those that were encoded before

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, BOS among them."""
        return len(self.tokens) + 1

    def encode(self, document: str) -> list[int]:
        """The ids of a whole document, with BOS on both sides.

        Raises `UnknownCharacterError` for a character outside the vocabulary.
        """
        return [self.bos, *self.encode_prefix(document), self.bos]

    def encode_prefix(self, text: str) -> list[int]:
        """The ids of `text` alone, without BOS; raises like `encode`.

        A document that goes on after `text` may begin with other tokens than these: "Ann" can be
        one token and "Anna" "An" and "na". A space at the end stands alone, whereas inside a
        document it belongs to the word behind it. So the model may be surprised by a prefix that
        ends within a word or with a space.
        """
        tokens: list[int] = []
        for word in WORD.findall(text):
            if word not in self._words:
                self._words[word] = self._encode_word(word)
            tokens += self._words[word]
        return tokens

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`; BOS has none."""
        return "".join(self.tokens[token] for token in tokens if token != self.bos)

    def _encode_word(self, word: str) -> list[int]:
        try:
            tokens = [self._ids[character] for character in word]
        except KeyError as error:
            raise UnknownCharacterError(error.args[0], self.characters) from None
        # What each two neighbours become, BOS for nothing: what was learnt first has the smallest
        # id, so the smallest comes first, and of several the leftmost.
        become = [self._merged.get(pair, self.bos) for pair in pairwise(tokens)]
        while become and (token := min(become)) != self.bos:
            i = become.index(token)
            del become[i]
            tokens[i : i + 2] = [token]
            if i > 0:
                become[i - 1] = self._merged.get((tokens[i - 1], token), self.bos)
            if i < len(become):
                become[i] = self._merged.get((token, tokens[i + 1]), self.bos)
        return tokens


@dataclass(frozen=True, slots=True)
class Merge:
    """A pair that becomes a token."""

    pair: tuple[int, int]  # the ids of its two tokens
    token: int  # its own id
    text: str
    count: int  # how often its two tokens stood side by side
    num_tokens: int  # how many tokens the data has from now on


def learn(
    documents: Sequence[str], vocab_size: int, characters: Iterable[str] | None = None
) -> Iterator[Merge | None]:
    """Find the merges of a vocabulary, most frequent pair first; of equals that of smallest ids.

    Pairs are counted in words, each with the space before it, so that no token reaches from one
    word into the next, let alone into another document; what has no spaces counts as words of 64
    characters. Learning ends early when no pair is left that is seen twice. Any number of the
    merges, from the first one on, makes a `BpeTokenizer`.

    Args:
        documents: what to learn from. If they are long, the first 2 million characters are looked
            at and no more, so that they should lie in no particular order.
        vocab_size: how many tokens there may be, all characters and BOS among them.
        characters: those of the vocabulary, where it must hold more than the documents do.

    Yields:
        Each merge as it is found; in between None, which is a chance to look up.

    Raises:
        SettingError: where the vocabulary has no room for all characters.
        UnknownCharacterError: where the documents have a character that `characters` lacks.

    >>> [merge.text for merge in learn(["banana", "ananas"], 9) if merge]
    ['an', 'ana', 'anana']
    """
    alphabet = sorted(set().union(*documents) if characters is None else set(characters))
    check_room(len(alphabet), vocab_size)
    words = yield from _count_words(documents)
    unknown = set().union(*words).difference(alphabet)
    if unknown:
        raise UnknownCharacterError(min(unknown), alphabet)
    blocks: list[_Block] = []
    counts: Counter[str] = Counter()
    for block in _blocks(words, {ord(character): i for i, character in enumerate(alphabet)}):
        block.count_pairs(counts)
        blocks.append(block)
        yield None
    num_tokens = sum(len(word) * count for word, count in words.items())
    tokens = list(alphabet)
    # The heap is lazy: a pair lies in it once for every count that it has had.
    queue = [(-count, pair) for pair, count in counts.items() if count >= FEWEST]
    heapify(queue)
    while queue and len(tokens) + 1 < vocab_size:
        negative, pair = heappop(queue)
        count = counts[pair]
        if count != -negative:
            continue
        token = chr(len(tokens))
        changes: Counter[str] = Counter()
        done = 0
        for block in blocks:
            found = block.merge(pair, token, changes)
            num_tokens -= block.frequency * found
            done += found
            if done >= LOOK:
                done = 0
                yield None
        del changes[pair], counts[pair]
        counts.update(changes)
        for changed in changes:
            if counts[changed] >= FEWEST:
                heappush(queue, (-counts[changed], changed))
        left, right = map(ord, pair)
        tokens.append(tokens[left] + tokens[right])
        yield Merge((left, right), ord(token), tokens[-1], count, num_tokens)


def check_room(num_characters: int, vocab_size: int) -> None:
    """Raise `SettingError` unless a vocabulary has room for so many characters and BOS."""
    if num_characters + 1 > vocab_size:
        raise SettingError(
            f"The data has {num_characters:,} different characters, too many for a vocabulary of "
            f"{vocab_size:,} tokens; choose a larger one, or characters as tokens."
        )


class _Block:
    """Words that are all equally frequent, as tokens, with `BETWEEN` around each.

    Args:
        text: the words.
        frequency: how often each of them is in the data.
    """

    __slots__ = ("_text", "frequency")

    def __init__(self, text: str, frequency: int) -> None:
        self._text = text
        self.frequency = frequency

    def count_pairs(self, counts: Counter[str]) -> None:
        """Add to `counts` how often each two tokens stand side by side in a word."""
        for pair, times in Counter(_pairs(self._text)).items():
            if BETWEEN not in pair:
                counts[pair] += self.frequency * times

    def merge(self, pair: str, token: str, changes: Counter[str]) -> int:
        """Put `token` for `pair` everywhere, and add to `changes` what other pairs gain and lose.

        Returns how many there were in these words.
        """
        if pair not in self._text:
            return 0
        left, right = pair[0], pair[1]
        parts = self._text.split(pair)
        self._text = token.join(parts)
        # Where nothing stands between two of the pair, they are each other's neighbours.
        for before, times in Counter([part[-1:] for part in parts[:-1]]).items():
            if before != BETWEEN:
                changes[(before or right) + left] -= self.frequency * times
                changes[(before or token) + token] += self.frequency * times
        for after, times in Counter([part[:1] for part in parts[1:]]).items():
            if after not in ("", BETWEEN):
                changes[right + after] -= self.frequency * times
                changes[token + after] += self.frequency * times
        return len(parts) - 1


def _count_words(documents: Iterable[str]) -> Generator[None, None, Counter[str]]:
    """How often each word is in the first `ENOUGH` characters."""
    words: Counter[str] = Counter()
    read = looked = 0
    for document in documents:
        words.update(WORD.findall(document[: ENOUGH - read]))
        read += len(document)
        if read >= ENOUGH:
            break
        if read - looked >= LOOK:
            looked = read
            yield None
    return words


def _blocks(words: Mapping[str, int], ids: Mapping[int, int]) -> Iterator[_Block]:
    """The words as tokens, equally frequent ones together so that few blocks hold them all."""
    alike: dict[int, list[str]] = {}
    for word, frequency in words.items():
        alike.setdefault(frequency, []).append(word)
    for frequency, group in alike.items():
        for start in range(0, len(group), BLOCK):
            block = [word.translate(ids) for word in group[start : start + BLOCK]]
            yield _Block(BETWEEN.join(["", *block, ""]), frequency)


def _pairs(text: str) -> Iterator[str]:
    """Each two neighbours in `text`."""
    return map(add, text, text[1:])


def _tokens(characters: tuple[str, ...], merges: tuple[tuple[int, int], ...]) -> tuple[str, ...]:
    """The text of every token; raises `ValueError` for a merge that cannot be."""
    tokens = list(characters)
    known = set(tokens)
    for number, merge in enumerate(merges, start=1):
        left, right = merge
        if not (type(left) is type(right) is int and 0 <= min(merge) <= max(merge) < len(tokens)):
            raise ValueError(f"merge {number} names a token that is not there before it")
        text = tokens[left] + tokens[right]
        if text in known or not WORD.fullmatch(text):
            raise ValueError(f"merge {number} makes a token that is there already or too long")
        tokens.append(text)
        known.add(text)
    return tuple(tokens)
