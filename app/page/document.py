"""The text that the user and the model write: its tokens, its caret, and what can be undone.

Plain Python that MicroPython understands.
"""

# Where a token comes from. What was pressed or sampled stays as it is; of what was typed, the run
# that an edit belongs to is encoded anew, which the worker does.
PRESSED, TYPED, UNENCODED = 0, 1, 2
MAX_UNDO = 500  # changes


class Document:
    """A text as tokens, and the caret: the moment that the probabilities are of.

    Behind the token `end`, which can only be the last one, the caret stands before a text that is
    still to begin. Characters are counted in code points.

    Args:
        vocabulary: the text of each token; the token after the last of them is `end`.
        block_size: how many tokens the context holds.
    """

    def __init__(self, vocabulary: list[str], block_size: int) -> None:
        self.ids: list[int] = []  # of the tokens
        self.caret = 0  # how many of the tokens are before it
        self._origins: list[int] = []  # of each token
        self._undo: list[tuple[list[int], list[int], int]] = []
        self._redo: list[tuple[list[int], list[int], int]] = []
        self._use(vocabulary, block_size)

    # ---- what it is ------------------------------------------------------------------------------

    @property
    def end(self) -> int:
        """The token that ends a text."""
        return len(self.vocabulary)

    @property
    def closed(self) -> bool:
        """Whether the text has ended."""
        return self.ids[-1:] == [self.end]

    @property
    def text(self) -> str:
        """All its characters."""
        return self._text_of(self.ids)

    @property
    def at_new_text(self) -> bool:
        """Whether the caret stands behind the end, so that the next token begins another text."""
        return self.closed and self.caret == len(self.ids)

    @property
    def full(self) -> bool:
        """Whether the context has no room for a token at the caret."""
        return self.caret >= self.block_size and not self.at_new_text

    @property
    def following(self) -> int | None:
        """The token behind the caret."""
        return self.ids[self.caret] if self.caret < len(self.ids) else None

    @property
    def typed(self) -> list[bool]:
        """For each token whether it is a typed character that is still to be encoded."""
        return [origin == UNENCODED for origin in self._origins]

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone change to do again."""
        return bool(self._redo)

    def knows(self, text: str) -> bool:
        """Whether every character of `text` is a token."""
        return all(character in self._characters for character in text)

    def offset(self, place: int) -> int:
        """How many characters the first `place` tokens have."""
        return len(self._text_of(self.ids[:place]))

    def place(self, offset: int, forward: bool = True) -> int:
        """The caret at a character offset; inside a token it is that behind it, or before it."""
        if offset <= 0:
            return 0
        characters = 0
        for place, token in enumerate(self.ids):
            characters += len(self._text_of([token]))
            if characters >= offset:
                return place + 1 if forward or characters == offset else place
        return len(self.ids)

    # ---- changes ---------------------------------------------------------------------------------

    def press(self, token: int) -> bool:
        """Write `token` at the caret in place of what follows; false where there is no room."""
        if self.full:
            return False
        self._remember()
        self._continue_with([token], PRESSED)
        return True

    def edit(self, start: int, end: int, inserted: str) -> list[str]:
        """Replace the characters from `start` to `end` by what is typed, as far as it is known.

        Returns the characters that the vocabulary does not have, each once.
        """
        refused = []
        for character in inserted:
            if character not in self._characters and character not in refused:
                refused.append(character)
        known = [character for character in inserted if character in self._characters]
        if start == end and not known:
            return refused
        self._remember()
        if self.at_new_text and start == end == len(self.text):
            self._continue_with(self._ids_of(known), UNENCODED)
            self._cut()
            return refused
        tail = self.text[end:]
        closed = self.closed and bool(tail)
        kept = self.place(start, forward=False)
        inside = self.text[self.offset(kept) : start]  # of a token that the edit divides
        while kept and self._origins[kept - 1] != PRESSED:  # the run of what was typed before it
            kept -= 1
            inside = self._text_of([self.ids[kept]]) + inside
        new = self._ids_of(list(inside) + known)
        after = self._ids_of(list(tail))
        self.ids = self.ids[:kept] + new + after
        self._origins = self._origins[:kept] + [UNENCODED] * (len(new) + len(after))
        self.caret = kept + len(new)
        if closed:
            self.ids.append(self.end)
            self._origins.append(PRESSED)
        self._cut()
        return refused

    def open(self, text: str) -> list[str]:
        """Replace everything by this text; returns as `edit` does."""
        if self.closed:
            self._remember()
            self._set([], [], 0)
            self._undo.append(self._undo.pop())
        return self.edit(0, len(self.text), text)

    def back(self) -> None:
        """Go one token back: remove the last one, or, before that, move the caret."""
        if self.caret < len(self.ids):
            self.move(self.caret - 1)
        elif self.ids:
            self._remember()
            self._set(self.ids[:-1], self._origins[:-1], len(self.ids) - 1)

    def clear(self) -> None:
        """Remove everything."""
        if self.ids:
            self._remember()
            self._set([], [], 0)

    def move(self, caret: int) -> None:
        """Put the caret behind so many tokens."""
        self.caret = max(0, min(caret, len(self.ids)))

    def undo(self) -> None:
        """Undo the last change."""
        self._swap(self._undo, self._redo)

    def redo(self) -> None:
        """Do the change again that was undone last."""
        self._swap(self._redo, self._undo)
