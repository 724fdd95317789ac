"""Characters as token ids and back.

The module knows nothing of documents, files or models.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence


class UnknownCharacterError(ValueError):
    """A text holds a character that the vocabulary does not."""

    def __init__(self, character: str, known: Sequence[str]) -> None:
        self.character = character
        sample = "".join(known[:40]) + ("…" if len(known) > 40 else "")
        super().__init__(
            f"The model does not know the character {character!r}; it knows only: {sample}"
        )


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
        self._ids = {character: i for i, character in enumerate(self.characters)}

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
