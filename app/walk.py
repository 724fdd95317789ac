"""The walk through one document as the page remembers it: every choice with its probabilities.

Plain Python that MicroPython understands; it knows nothing of the document's picture.
"""

from app.types import Message


class Walk:
    """The choices so far, and which one is being looked at."""

    def __init__(self) -> None:
        self.prefix: list[int] = []
        self.choices: list[Message] = []
        self.upcoming: Message | None = None  # probabilities of the first choice before it is made
        self.stop = ""
        self.selected = -1  # index of the choice that is shown; -1: the upcoming one

    def take(self, message: Message) -> None:
        """Take over a `protocol.exploration` message; the newest choice is then looked at."""
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

    def shown(self) -> tuple[list[float], list[float], int | None] | None:
        """The probabilities being looked at: (model, adjusted, chosen token or None), or None."""
        if self.selected >= 0:
            choice = self.choices[self.selected]
            return choice["model"], choice["adjusted"], choice["token"]
        if self.upcoming is not None:
            return self.upcoming["model"], self.upcoming["adjusted"], None
        return None


def rank(probabilities: list[float], token: int) -> int:
    """How many tokens are likelier than `token`, plus one."""
    likelier = 0
    for probability in probabilities:
        if probability > probabilities[token]:
            likelier += 1
    return likelier + 1
