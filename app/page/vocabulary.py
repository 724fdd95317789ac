"""What the tokens of the next run are, as the page knows it: characters, or byte pairs.

The worker learns the pairs and tells them one by one; here they are kept, counted, and put to use
on a line of text. Plain Python that MicroPython understands; it knows nothing of how it is shown.
"""

from app.page.types import Message

CHARACTERS = (
    "Each character is a token. Byte pairs, the other choice above, press what often stands side "
    "by side into longer tokens, one pair after the other."
)


class Tokens:
    """The vocabulary of the data that are picked.

    Args:
        num_chars: how many different characters the data have.
    """

    def __init__(self, num_chars: int) -> None:
        self.num_chars = num_chars
        self.pairs = False  # whether byte pairs are tokens, beside the characters
        self.limit = 0  # how many tokens there may be then
        self.split = (0, 0.0)  # seed and share by which documents are held out from learning
        self.problem = ""  # why there can be no byte pairs
        # Of each merge that is known, which may be more than are wanted: the texts of its two
        # tokens, how often they stood side by side, how many tokens the data have with it.
        self.rows: list[tuple[str, str, int, int]] = []
        self._order: dict[tuple[str, str], int] = {}  # the number of each pair among the rows
        self._size = 0  # of the vocabulary once it is learnt, else 0
        # How long the documents are in byte pairs (`events.measured`), once that is counted.
        self.lengths: Message | None = None

    def begin(self, num_chars: int) -> None:
        """Other data are in force, with so many different characters."""
        self.num_chars = num_chars
        self.lengths = None

    def want(self, pairs: bool, limit: int, split: tuple[int, float]) -> None:
        """The settings are so: if they were otherwise, the pairs are still to be learnt."""
        if (pairs, limit, split) != (self.pairs, self.limit, self.split):
            self.pairs, self.limit, self.split = pairs, limit, split
            self._size = 0
            self.lengths = None
            self.problem = ""

    def take(self, message: Message) -> None:
        """Take over a `events.merges` message."""
        if not message["first"]:
            self.rows, self._order = [], {}
        for left, right, count, num_tokens in message["rows"]:
            self._order[(left, right)] = len(self.rows)
            self.rows.append((left, right, count, num_tokens))
        self.problem = message["problem"]
        # What is None on the worker's side is missing on this one.
        self._size = message.get("size") or 0

    def measure(self, message: Message) -> None:
        """Take over a `events.measured` message, unless it is of other tokens than these."""
        if message["vocab_size"] == self._size:
            self.lengths = message

    @property
    def learning(self) -> bool:
        """Whether there are pairs still to come."""
        return self.pairs and not self._size and not self.problem

    @property
    def vocab_size(self) -> int:
        """How many tokens there are, the end among them; at most so many while they are learnt."""
        if not self.pairs:
            return max(2, self.num_chars + 1)
        return self._size or self.limit

    @property
    def num_merges(self) -> int:
        """How many of the known merges the vocabulary has."""
        return min(len(self.rows), max(0, self.vocab_size - 1 - self.num_chars))

    def words(self) -> str:
        """What the tokens are, to be read behind their number."""
        if not self.num_chars:
            return "tokens: there is no text yet"
        if self.problem:
            return "tokens are too few"
        if self.learning:
            return f"tokens at most, {self.num_merges:,} pairs found"
        words = f"tokens: {self.num_chars:,} character{'' if self.num_chars == 1 else 's'}"
        if self.pairs:
            words += f", {self.num_merges:,} pair{'' if self.num_merges == 1 else 's'}"
        return words + " and the end"

    def cut(self, text: str, num_merges: int) -> list[str]:
        """`text` as tokens, with so many merges made: in their order, wherever two tokens meet."""
        pieces = list(text)
        while True:
            first, place = num_merges, 0
            for i in range(len(pieces) - 1):
                number = self._order.get((pieces[i], pieces[i + 1]), num_merges)
                if number < first:
                    first, place = number, i
            if first == num_merges:
                return pieces
            pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
