"""The explored document as the page remembers it: every choice with its probabilities.

Plain Python that MicroPython understands.
"""

from app.shared.events import MAX_TOLD_TOKENS, ExplorationEvent, ExplorerChoice, Probabilities


class Distribution:
    """The probabilities of the next token; of a large vocabulary, those of the likeliest tokens.

    Args:
        probabilities: as the worker sends them.
        chosen: the token that was chosen, None where none is yet.
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


class Exploration:
    """The choices so far, and which of them is being looked at."""

    def __init__(self) -> None:
        self.prefix: list[int] = []
        self.choices: list[ExplorerChoice] = []
        self.upcoming: Probabilities | None = None  # of the first choice, before it is made
        self.stop = ""
        self.selected = -1  # index of the choice that is shown; -1: the upcoming one

    def take(self, message: ExplorationEvent) -> None:
        """Take over the worker's state; the newest choice is then the selected one."""
        length, choice = message["length"], message["choice"]
        self.prefix = message["prefix"]
        self.stop = message["stop"]
        del self.choices[length:]
        if choice is not None:
            del self.choices[length - 1 :]
            self.choices.append(choice)
        if message["upcoming"] is not None:
            self.upcoming = message["upcoming"]
        self.selected = length - 1

    def select(self, index: int) -> None:
        """Look at the choice number `index`."""
        if 0 <= index < len(self.choices):
            self.selected = index

    def distribution(self, index: int) -> Distribution:
        """The probabilities that the choice number `index` was made from."""
        choice = self.choices[index]
        return Distribution(choice, choice["token"])

    def shown(self) -> Distribution | None:
        """The selected choice's probabilities, None before any are known."""
        if self.selected >= 0:
            return self.distribution(self.selected)
        return Distribution(self.upcoming, None) if self.upcoming is not None else None
