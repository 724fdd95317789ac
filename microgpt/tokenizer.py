"""Texts as token ids and back: what every tokenizer can do, and one whose tokens are characters.

The module knows nothing of documents, files or models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol


class UnknownCharacterError(ValueError):
    """A text holds a character that the vocabulary does not."""

    def __init__(self, character: str, known: Sequence[str]) -> None:
        self.character = character
        sample = "".join(known[:40]) + ("…" if len(known) > 40 else "")
        super().__init__(
            f"The model does not know the character {character!r}; it knows only: {sample}"
        )


class Tokenizer(Protocol):
    """Texts to ids and back. The characters come first, then the merges, and BOS is the last id."""

    @property
    def characters(self) -> tuple[str, ...]:
        """The characters that texts may hold, sorted; token number i is `characters[i]`."""

    @property
    def merges(self) -> tuple[tuple[int, int], ...]:
        """The pairs of ids that the tokens after the characters are made of, one pair a token."""

    @property
    def tokens(self) -> tuple[str, ...]:
        """The text of every token but BOS, by id; no two are the same."""

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, BOS among them."""

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
    """Each of the sorted characters is a token; one more token, BOS, begins and ends a document.

    Args:
        characters: the vocabulary in any order, repeats allowed.

    >>> tokenizer = CharTokenizer("hello")
    >>> tokenizer.encode("hole")
    [4, 1, 3, 2, 0, 4]
    >>> tokenizer.decode([1, 3, 2, 0])
    'hole'
    """

    def __init__(self, characters: Iterable[str]) -> None:
        self.characters: tuple[str, ...] = tuple(sorted(set(characters)))
        self.bos = len(self.characters)
        self.merges: tuple[tuple[int, int], ...] = ()  # a character is never made of others
        self._ids = {character: i for i, character in enumerate(self.characters)}

    @property
    def tokens(self) -> tuple[str, ...]:
        """The text of every token but BOS, by id: the characters."""
        return self.characters

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, BOS among them."""
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
