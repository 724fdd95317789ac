"""Text to token ids and back: the protocol of all tokenizers, and one whose tokens are characters.

The module knows nothing of files or models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol


class UnknownCharacterError(ValueError):
    """A text has a character that is not in the vocabulary."""

    def __init__(self, character: str, known: Sequence[str]) -> None:
        self.character = character
        sample = "".join(known[:40]) + ("…" if len(known) > 40 else "")
        super().__init__(
            f"The model does not know the character {character!r}; it knows only: {sample}"
        )


class Tokenizer(Protocol):
    """Text to ids and back. Ids: the characters first, then the merged tokens, BOS last."""

    @property
    def characters(self) -> tuple[str, ...]:
        """The alphabet, sorted; `characters[i]` is the token with id i."""

    @property
    def merges(self) -> tuple[tuple[int, int], ...]:
        """For each merged token, in order, the ids of its two parts."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The text of every token but BOS, by id; all are different."""

    @property
    def vocab_size(self) -> int:
        """The number of tokens, BOS included."""

    @property
    def bos(self) -> int:
        """The token that begins and ends a document."""

    def encode(self, document: str) -> list[int]:
        """The ids of a whole document, with BOS on both sides.

        Raises `UnknownCharacterError` for a character outside the vocabulary.
        """

    def encode_prefix(self, text: str) -> list[int]:
        """The ids of `text` alone, without BOS; raises like `encode`."""

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`; BOS has none."""


class CharTokenizer:
    """Every character is a token, numbered in sorted order; BOS begins and ends a document.

    Args:
        characters: the alphabet in any order, repeats allowed.

    >>> tokenizer = CharTokenizer("hello")
    >>> tokenizer.encode("hole")
    [4, 1, 3, 2, 0, 4]
    >>> tokenizer.decode([1, 3, 2, 0])
    'hole'
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters: tuple[str, ...] = tuple(sorted(set(characters)))
        self.bos = len(self.characters)
        self.merges: tuple[tuple[int, int], ...] = ()
        self._ids = {character: i for i, character in enumerate(self.characters)}

    @property
    def tokens(self) -> tuple[str, ...]:
        """The text of every token but BOS, by id: the characters."""
        return self.characters

    @property
    def vocab_size(self) -> int:
        """The number of tokens, BOS included."""
        return len(self.characters) + 1

    def encode(self, document: str) -> list[int]:
        """The ids of a whole document, with BOS on both sides.

        Raises `UnknownCharacterError` for a character outside the vocabulary.
        """
        return [self.bos, *self.encode_prefix(document), self.bos]

    def encode_prefix(self, text: str) -> list[int]:
        """The ids of `text` alone, without BOS; raises like `encode`."""
        try:
            return [self._ids[character] for character in text]
        except KeyError as error:
            raise UnknownCharacterError(error.args[0], self.characters) from None

    def decode(self, tokens: Iterable[int]) -> str:
        """The text of `tokens`; BOS has none."""
        return "".join(self.characters[token] for token in tokens if token != self.bos)
