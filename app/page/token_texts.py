"""The texts of tokens: from ids to characters, and from characters to their ids.

Plain Python that MicroPython understands.
"""


class TokenTexts:
    """A vocabulary.

    Args:
        vocabulary: the text of each token; the token after the last of them ends a text.
    """

    def __init__(self, vocabulary: list[str]) -> None:
        self._vocabulary = vocabulary
        self._characters: dict[str, int] = {}  # the token of each character
        for token, text in enumerate(vocabulary):
            if len(text) == 1:
                self._characters[text] = token
        self.has_merges = len(self._characters) < len(vocabulary)

    def text_of(self, ids: list[int]) -> str:
        """The characters of tokens, without the end."""
        end = len(self._vocabulary)
        return "".join([self._vocabulary[token] for token in ids if token != end])

    def ids_of(self, text: str) -> list[int]:
        """A token for each character, all of which are known."""
        return [self._characters[character] for character in text]

    def knows(self, text: str) -> bool:
        """Whether every character of `text` is in the vocabulary."""
        return all(character in self._characters for character in text)

    def sort_out(self, text: str) -> "tuple[str, list[str]]":
        """What the vocabulary has of a text, and the characters that it does not have."""
        known, refused = "", []
        for character in text:
            if character in self._characters:
                known += character
            elif character not in refused:
                refused.append(character)
        return known, refused
