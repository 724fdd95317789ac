"""The vocabulary of the next run, as the page knows it: characters, or BPE tokens.

The worker learns the merges and sends them one by one; here they are kept, counted and applied to
lines of text. Plain Python that MicroPython understands.
"""

from app.page.views.statistics_html import counted
from app.shared.events import MergesEvent, TokenLengthsEvent

ABOUT_CHARACTERS = (
    "Each character is a token. Byte pairs, the other choice above, join what often stands side by "
    "side into longer tokens, one pair after the other."
)


class Vocabulary:
    """The tokens of the chosen data.

    Args:
        num_chars: how many different characters the data have.
    """

    def __init__(self, num_chars: int) -> None:
        self.num_chars = num_chars
        self.bpe = False  # whether there are BPE tokens beside the characters
        self.limit = 0  # the largest size of the vocabulary with BPE
        self.split = (0, 0.0)  # seed and share by which documents are held out from the training
        self.problem = ""  # why there can be no BPE tokens
        # Of each known merge, of which there may be more than the vocabulary has: the texts of its
        # two tokens, how often they stood side by side, how many tokens the data have with it.
        self.merges: list[tuple[str, str, int, int]] = []
        self._ranks: dict[tuple[str, str], int] = {}  # the number of each merge by its two texts
        self._size = 0  # of the finished vocabulary, 0 while merges are learned
        self.lengths: TokenLengthsEvent | None = None  # of the documents, once they are known

    def reset(self, num_chars: int) -> None:
        """Other data are loaded, with this many different characters."""
        self.num_chars = num_chars
        self.lengths = None

    def configure(self, bpe: bool, limit: int, split: tuple[int, float]) -> None:
        """Take over the settings; where they differ, merges are still to be learned."""
        if (bpe, limit, split) != (self.bpe, self.limit, self.split):
            self.bpe, self.limit, self.split = bpe, limit, split
            self._size = 0
            self.lengths = None
            self.problem = ""

    def add_merges(self, message: MergesEvent) -> None:
        """Take over merges that were learned."""
        if not message["first"]:
            self.merges, self._ranks = [], {}
        for left, right, count, num_tokens in message["rows"]:
            self._ranks[(left, right)] = len(self.merges)
            self.merges.append((left, right, count, num_tokens))
        self.problem = message["problem"]
        self._size = message["size"] or 0

    def set_lengths(self, message: TokenLengthsEvent) -> None:
        """Take over how long the documents are, unless that is in the tokens of another size."""
        if message["vocab_size"] == self._size:
            self.lengths = message

    @property
    def learning(self) -> bool:
        """Whether merges are still to come."""
        return self.bpe and not self._size and not self.problem

    @property
    def vocab_size(self) -> int:
        """The number of tokens with the end; while merges are learned, the limit."""
        if not self.bpe:
            return max(2, self.num_chars + 1)
        return self._size or self.limit

    @property
    def num_merges(self) -> int:
        """How many of the known merges the vocabulary has."""
        return min(len(self.merges), max(0, self.vocab_size - 1 - self.num_chars))

    def summary(self) -> str:
        """What the tokens are, to be read behind their number."""
        if not self.num_chars:
            return "tokens: there is no text yet"
        if self.problem:
            return "tokens are too few"
        if self.learning:
            return f"tokens at most, {counted(self.num_merges, 'pair')} found"
        words = f"tokens: {counted(self.num_chars, 'character')}"
        if self.bpe:
            words += f", {counted(self.num_merges, 'pair')}"
        return words + " and the end"

    def tokenize(self, text: str, num_merges: int) -> list[str]:
        """The tokens of `text` after the first `num_merges` merges, each applied in its turn."""
        pieces = list(text)
        while True:
            first, place = num_merges, 0
            for i in range(len(pieces) - 1):
                rank = self._ranks.get((pieces[i], pieces[i + 1]), num_merges)
                if rank < first:
                    first, place = rank, i
            if first == num_merges:
                return pieces
            pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
