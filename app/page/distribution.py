"""The probabilities of the next token, as the worker sends them, and a moment in words.

Used at build time and on the page; plain Python that MicroPython understands.
"""

from app.page.document import Document
from app.page.views.tiles import percent, token_name
from app.shared.events import MAX_TOLD_TOKENS, ExplorationEvent
from app.shared.models import Probabilities

ORDINALS = {1: "the likeliest", 2: "the second likeliest", 3: "the third likeliest"}


class Distribution:
    """The probabilities of the next token; of a large vocabulary, those of the likeliest tokens.

    Args:
        probabilities: as the worker sends them.
        chosen: the token that follows in the text, None where none does.
    """

    def __init__(self, probabilities: Probabilities, chosen: int | None) -> None:
        self.model = probabilities["model"]
        self.adjusted = probabilities["adjusted"]
        self.chosen = chosen
        self._tokens = probabilities.get("tokens")
        self._indices: dict[int, int] = {}
        for index, token in enumerate(self._tokens or []):
            self._indices[token] = index

    @property
    def tokens(self) -> list[int]:
        """The tokens whose probabilities are known, in the order of these."""
        return list(range(len(self.model))) if self._tokens is None else self._tokens

    def index(self, token: int) -> int:
        """Where the probabilities of `token` are, -1 if it is too unlikely to be sent."""
        if self._tokens is None:
            return token
        return self._indices.get(token, -1)

    def rank(self, token: int) -> int:
        """1 for the likeliest token, 2 for the next...; 0 if it is too unlikely to be sent."""
        index = self.index(token)
        if index < 0 or (self._tokens is not None and index >= MAX_TOLD_TOKENS):
            return 0
        likelier = 0
        for probability in self.adjusted:
            if probability > self.adjusted[index]:
                likelier += 1
        return likelier + 1

    def order(self) -> list[int]:
        """The tokens that were sent, the model's likeliest first."""
        if self._tokens is not None:
            return self._tokens
        return sorted(range(len(self.model)), key=lambda token: -self.model[token])

    def likeliest(self) -> int:
        """The token with the highest probability, the first of several."""
        best = 0
        for index, probability in enumerate(self.adjusted):
            if probability > self.adjusted[best]:
                best = index
        return self.tokens[best]


def moment_words(
    text: Document, newest: "tuple[float, int] | None", upcoming: Distribution | None
) -> str:
    """How the token before the caret was chosen, and what is likeliest behind it.

    Args:
        text: the text, whose caret is the moment.
        newest: that token's probability and rank, None where there is none.
        upcoming: what comes next, None where the context is full.
    """
    words = []
    if newest is not None:
        name = token_name(text.vocabulary, text.ids[text.caret - 1])
        if text.at_new_text:
            name = "The line ends here"
        rank = ORDINALS.get(newest[1], f"number {newest[1]:,}")
        size = len(text.vocabulary) + 1
        words.append(f"{name}: {percent(newest[0])}, {rank} of {size:,}.")
    if upcoming is None:
        words.append(f"The context of {text.block_size} tokens is full: nothing can follow.")
        return " ".join(words)
    first = not text.caret or text.at_new_text
    ask = "What comes first?" if first else "What comes next?"
    likeliest = token_name(text.vocabulary, upcoming.likeliest())
    words.append(f"{ask} {likeliest} is likeliest with {percent(max(upcoming.adjusted))}.")
    return " ".join(words)


def known_probabilities(ids: "list[int]", answer: ExplorationEvent | None) -> "list[float | None]":
    """Those of a text's tokens, as far as it is like that of the answer."""
    known: list[float | None] = []
    if answer is not None:
        for place, token in enumerate(answer["tokens"][: len(ids)]):
            if token != ids[place]:
                break
            known.append(answer["probabilities"][place])
    return known + [None] * (len(ids) - len(known))
