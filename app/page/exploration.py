"""The walk through one document as the page remembers it: every choice with its probabilities.

Plain Python that MicroPython understands; it knows nothing of the document's picture.
"""

from app.page.types import Message
from app.shared.events import MOST_TOLD


class Odds:
    """The chances of what comes next: of all tokens, or of the likeliest where there are many.

    Args:
        told: `model` and `adjusted` probabilities, and `tokens` if they are not those of all.
        chosen: the token that was taken, None where none is yet.
    """

    def __init__(self, told: Message, chosen: int | None) -> None:
        self.model: list[float] = told["model"]
        self.adjusted: list[float] = told["adjusted"]
        self.chosen = chosen
        self._tokens: list[int] | None = told.get("tokens")
        self._places: dict[int, int] = {}
        for place, token in enumerate(self._tokens or []):
            self._places[token] = place

    def place(self, token: int) -> int:
        """Where the probabilities of `token` are, -1 if it is too unlikely to be told."""
        if self._tokens is None:
            return token
        return self._places.get(token, -1)

    def rank(self, token: int) -> int:
        """How many tokens are likelier than `token`, plus one; 0 if more than are told."""
        place = self.place(token)
        if place < 0 or (self._tokens is not None and place >= MOST_TOLD):
            return 0
        likelier = 0
        for probability in self.adjusted:
            if probability > self.adjusted[place]:
                likelier += 1
        return likelier + 1

    def order(self) -> list[int]:
        """The tokens that are told, the model's likeliest first."""
        if self._tokens is not None:
            return self._tokens
        return sorted(range(len(self.model)), key=lambda token: -self.model[token])

    def likeliest(self) -> int:
        """The token with the best chance, the first of several."""
        best = 0
        for place, probability in enumerate(self.adjusted):
            if probability > self.adjusted[best]:
                best = place
        return best if self._tokens is None else self._tokens[best]


class Walk:
    """The choices so far, and which one is being looked at."""

    def __init__(self) -> None:
        self.prefix: list[int] = []
        self.choices: list[Message] = []
        self.upcoming: Message | None = None  # probabilities of the first choice before it is made
        self.stop = ""
        self.selected = -1  # index of the choice that is shown; -1: the upcoming one

    def take(self, message: Message) -> None:
        """Take over a `events.exploration` message; the newest choice is then looked at."""
        length = message["length"]
        self.prefix = message["prefix"]
        self.stop = message["stop"]
        del self.choices[length:]
        # What is None on the worker's side is missing on this one.
        if message.get("choice") is not None:
            del self.choices[length - 1 :]
            self.choices.append(message["choice"])
        if message.get("upcoming") is not None:
            self.upcoming = message["upcoming"]
        self.selected = length - 1

    def select(self, index: int) -> None:
        """Look at the choice number `index`."""
        if 0 <= index < len(self.choices):
            self.selected = index

    def odds(self, index: int) -> Odds:
        """The chances that the choice number `index` was made by."""
        choice = self.choices[index]
        return Odds(choice, choice["token"])

    def shown(self) -> Odds | None:
        """The chances being looked at, None before any are known."""
        if self.selected >= 0:
            return self.odds(self.selected)
        return Odds(self.upcoming, None) if self.upcoming is not None else None
