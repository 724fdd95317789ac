"""The text that the user and the model write: its tokens, its caret, and what can be undone.

Plain Python that MicroPython understands.
"""

import random

from app.page.branches import Branches, BranchToken
from app.page.origins import PRESSED, UNENCODED, encoded_origins
from app.page.token_texts import TokenTexts
from app.shared.typed import TYPE_CHECKING
from app.shared.uniform import SEED_BITS, uniform

FIRST_TEXT = "mari"  # half a name, which stands there on the first visit

if TYPE_CHECKING:
    # Tokens, their origins, caret, seed, branches.
    State = tuple[list[int], list[float], int, int, Branches]
else:
    State = tuple


class Document:
    """A text as tokens, and the caret: the moment that the probabilities are of.

    The token `end` can only be the last one. A caret behind it stands before another text, which
    begins with the next token. Offsets count code points.

    Args:
        vocabulary: the text of each token; the token after the last of them is `end`.
        block_size: how many tokens the context holds.
        text: what it begins with.
    """

    def __init__(self, vocabulary: list[str], block_size: int, text: str = "") -> None:
        self.ids: list[int] = []  # of the tokens
        self.caret = 0  # how many of them stand before it
        self.wanted = ""  # what the user wrote last, even if this model cannot show all of it
        self.seed = random_seed()  # of the numbers that choose the next tokens
        self.branches = Branches()  # what was written since it was last begun anew
        self._origins: list[float] = []  # of each token
        self._before: list[State] = []  # the states that can be gone back to
        self._undone: list[State] = []
        self._use(vocabulary, block_size)
        self.begin(text)

    # ---- what it is ------------------------------------------------------------------------------

    @property
    def text(self) -> str:
        """All its characters."""
        return self._texts.text_of(self.ids)

    @property
    def text_before_caret(self) -> str:
        """The characters of the tokens that stand before the caret."""
        return self._texts.text_of(self.ids[: self.caret])

    @property
    def closed(self) -> bool:
        """Whether the text has ended."""
        return self.ids[-1:] == [self.end]

    @property
    def at_new_text(self) -> bool:
        """Whether the caret stands behind the end, so that the next token begins another text."""
        return self.closed and self.caret == len(self.ids)

    @property
    def full(self) -> bool:
        """Whether the context has no room for a token at the caret."""
        return self.caret >= self.block_size and not self.at_new_text

    @property
    def typed(self) -> list[bool]:
        """For each token whether it is a typed character that is still to be encoded."""
        return [origin == UNENCODED for origin in self._origins]

    @property
    def is_encoded(self) -> bool:
        """Whether its tokens are those that the model will read."""
        return not self._texts.has_merges or UNENCODED not in self._origins

    def number(self, place: int) -> float | None:
        """The number from 0 to below 1 that chose the token at `place`; None if the user did."""
        origin = self._origins[place]
        return origin if origin < PRESSED else None

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to undo."""
        return bool(self._before)

    @property
    def can_redo(self) -> bool:
        """Whether there is an undone change to do again."""
        return bool(self._undone)

    def offset(self, place: int) -> int:
        """How many characters the first `place` tokens have."""
        return len(self._texts.text_of(self.ids[:place]))

    def place(self, offset: int, forward: bool) -> int:
        """The caret at a character offset; inside a token the one behind it, or before it."""
        characters = 0
        for place, token in enumerate(self.ids):
            if characters >= offset:
                return place
            characters += len(self._texts.text_of([token]))
            if characters > offset:
                return place + 1 if forward else place
        return len(self.ids)

    # ---- changes ---------------------------------------------------------------------------------

    def press(self, token: int) -> bool:
        """Write `token` at the caret in place of what follows; false where there is no room."""
        if self.full:
            return False
        if self.at_new_text:
            self._change([token], [PRESSED], 1, Branches())
        else:
            kept = self.caret
            self._change(self.ids[:kept] + [token], self._origins[:kept] + [PRESSED], kept + 1)
        return True

    def edit(self, start: int, end: int, typed: str) -> "tuple[list[str], bool]":
        """Replace the characters from `start` to `end` by what was typed, as far as it is known.

        Returns the characters that the vocabulary does not have, each once, and whether something
        was cut off because the context has no room for it.
        """
        known, refused = self._texts.sort_out(typed)
        if start == end and not known:
            return refused, False
        length = len(self.text)
        if self.at_new_text and start == length:  # which begins another text
            return refused, self._begin(known)
        kept = self.place(start, forward=False)
        run = self.text[self.offset(kept) : start]  # of a token that the edit divides
        while kept and self._origins[kept - 1] > PRESSED:
            kept -= 1
            run = self._texts.text_of([self.ids[kept]]) + run
        before, after = self._texts.ids_of(run + known), self._texts.ids_of(self.text[end:])
        typed_ids = before + after
        closing = [self.end] if self.closed and end < length else []
        return refused, self._change(
            self.ids[:kept] + typed_ids + closing,
            self._origins[:kept] + [UNENCODED] * len(typed_ids) + [PRESSED] * len(closing),
            kept + len(before),
        )

    def open(self, text: str) -> "tuple[list[str], bool]":
        """Replace everything by this text, as if it were typed; returns as `edit` does."""
        known, refused = self._texts.sort_out(text)
        return refused, self._begin(known)

    def begin(self, text: str) -> None:
        """Begin with this text, at once or with the first model that knows its characters."""
        untouched = not self._before
        if self._texts.knows(text):
            self._begin(text)
        if untouched:
            self._before = []  # there is nothing of the user's to go back to
        self.wanted = text

    def back(self) -> None:
        """Go one token back: remove the last one, or, where one follows, move the caret."""
        if self.caret < len(self.ids):
            self.move(self.caret - 1)
        elif self.ids:
            self._change(self.ids[:-1], self._origins[:-1], len(self.ids) - 1)

    def clear(self) -> None:
        """Remove everything."""
        self._change([], [], 0, Branches())

    def visit(self, node: BranchToken) -> None:
        """Put the branch through this token in place of the text, and the caret behind it."""
        if node.depth > len(self.branches.text) or node is not self._branch_token(node.depth):
            path = node.leaf().path()
            origins = [other.origin for other in path]
            self._change([other.token for other in path], origins, node.depth)
        self.move(node.depth)

    def replay(self, first: int) -> None:
        """Cut off everything from the sampled token at `first` on, to sample it as it was."""
        seed = self.branches.text[first].seed
        self._change(self.ids[:first], self._origins[:first], first, seed=seed)

    def move(self, caret: int) -> None:
        """Put the caret behind this many tokens."""
        self.caret = max(0, min(caret, len(self.ids)))

    def undo(self) -> None:
        """Undo the last change."""
        self._go(self._before, self._undone)

    def redo(self) -> None:
        """Do again what was undone last."""
        self._go(self._undone, self._before)

    # ---- what the worker says --------------------------------------------------------------------

    def take_encoded(self, ids: list[int], caret: int) -> bool:
        """The same text with what was typed encoded; returns whether something was cut off."""
        length = len(self.text)
        self._origins = self._origins_of(ids)
        self.ids, self.caret = ids, caret
        self._follow()
        return len(self.text) < length

    def take_sampled(self, ids: list[int]) -> None:
        """The text up to the caret, encoded, with a sampled token behind it.

        The numbers of all tokens that are sampled one after the other come from one seed.
        """
        seed, place = self.seed, len(ids) - 1
        number = uniform(seed, place)
        origins = self._origins_of(ids[:-1]) + [number] * len(ids[-1:])
        self._change(ids, origins, len(ids), Branches() if self.at_new_text else None, seed)

    def change_model(self, vocabulary: list[str], block_size: int, beginning: str) -> None:
        """Another model writes: keep what the user wrote last if it knows all its characters.

        Else keep what is there, else begin with `beginning`, else with nothing.
        """
        text, closed, caret = self.text, self.closed, self.offset(self.caret) + self.at_new_text
        same = vocabulary == self.vocabulary
        self._use(vocabulary, block_size)
        known = [words for words in (self.wanted, text, beginning) if self._texts.knows(words)]
        kept = known[0] if known else ""
        if not same:
            self._before, self._undone = [], []
            self.branches = Branches()
        if not same or kept != text:
            closing = [self.end] if closed and kept == text else []
            self.ids = self._texts.ids_of(kept) + closing
            self._origins = [float(UNENCODED)] * len(kept) + [PRESSED] * len(closing)
            self.move(caret if kept == text else len(self.ids))
        self._cut()
        self._follow()

    # ----------------------------------------------------------------------------------------------

    def _use(self, vocabulary: list[str], block_size: int) -> None:
        self.vocabulary, self.block_size = vocabulary, block_size
        self.end = len(vocabulary)
        self._texts = TokenTexts(vocabulary)

    def _begin(self, text: str) -> bool:
        """Change everything to this text, as it was typed; returns as `_change` does."""
        return self._change(
            self._texts.ids_of(text), [UNENCODED] * len(text), len(text), Branches()
        )

    def _change(
        self,
        ids: list[int],
        origins: list[float],
        caret: int,
        branches: Branches | None = None,
        seed: int | None = None,
    ) -> bool:
        """A change that can be undone; returns whether something was cut off.

        Args:
            branches: where another text begins, its branches.
            seed: that of the next tokens, if it is not another one.
        """
        state = (self.ids, self._origins, self.caret, self.seed, self.branches)
        self.ids, self._origins, self.caret = ids, origins, caret
        self.seed = random_seed() if seed is None else seed
        if branches is not None:
            branches.conditions = self.branches.conditions
            self.branches = branches
        cut = self._cut()
        self._follow()
        if self.ids != state[0]:
            self._before.append(state)
            self._undone = []
        self.wanted = self.text
        return cut

    def _cut(self) -> bool:
        """Cut off what the context has no room for, where it is known; whether there was any."""
        if self._texts.has_merges or len(self.ids) <= self.block_size:
            return False  # with merges that is known when the text is encoded
        self.ids, self._origins = self.ids[: self.block_size], self._origins[: self.block_size]
        self.move(self.caret)
        return True

    def _go(self, there: "list[State]", back: "list[State]") -> None:
        """Take the newest state of `there`, and leave the current one in `back`."""
        if there:
            back.append((self.ids, self._origins, self.caret, self.seed, self.branches))
            self.ids, self._origins, self.caret, self.seed, self.branches = there.pop()
            self._cut()
            self._follow()
            self.wanted = self.text

    def _follow(self) -> None:
        """Record the text among its branches, once its tokens are known."""
        if self.is_encoded:
            self.branches.follow(self.ids, self._origins, self.seed, self._texts.text_of)

    def _branch_token(self, depth: int) -> BranchToken:
        return self.branches.text[depth - 1] if depth else self.branches.root

    def _origins_of(self, ids: list[int]) -> list[float]:
        return encoded_origins(ids, self.ids, self._origins, self._texts, self.end)


def random_seed() -> int:
    """Another seed for the numbers that choose tokens."""
    return random.getrandbits(SEED_BITS)
