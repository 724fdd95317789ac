"""The probabilities of the next token, as the worker sends them.

Plain Python that MicroPython understands.
"""

from app.shared.events import MAX_TOLD_TOKENS, Probabilities


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
        return best if self._tokens is None else self._tokens[best]
