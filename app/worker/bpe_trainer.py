"""The byte pairs of the data, learnt as far as they are wanted and told to the page as they come.

A vocabulary takes the first so many of them. So a smaller one is there at once, and for a larger
one learning goes on where it was. How long the documents are in such tokens is told as well. The
module knows nothing of runs or of browsers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence

from app.shared import events
from microgpt.bpe import BpeTokenizer, Merge, check_room
from microgpt.config import TrainConfig
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.recommendation import recommend_context
from microgpt.dataset import DataError, collect_characters
from microgpt.run import learn_merges
from microgpt.sequences import measure_lengths
from microgpt.settings import SettingError, setting
from microgpt.tokenizer import Tokenizer

TELL_EVERY = 0.1  # seconds between two messages


class Pairs:
    """What was learnt from the data of the moment.

    Args:
        post: called with each message.
        clock: seconds that only ever grow.
    """

    def __init__(self, post: Callable[..., None], clock: Callable[[], float]) -> None:
        self._post, self._clock = post, clock
        self._documents: Sequence[str] = ()
        self._split = (0, 0.0)  # seed and share by which some of them are held out
        self._characters: list[str] = []
        self._source: Iterator[Merge | None] = iter(())
        self._merges: list[Merge] = []
        self._told = 0  # how many of them the page knows
        self._known = False  # whether it was told of any, or why there are none
        self._tell_at = 0.0
        self._lengths: dict[int, Lengths] = {}  # of the documents, by the size of the vocabulary
        # Whether what is learnt is for the next run.
        self._wanted: Callable[[], bool] = lambda: False

    def forget(self) -> None:
        """Other documents are in force: whatever the page was told is of others."""
        self._documents = ()
        if self._known:
            self._say(events.merges(0, []))
        self._known, self._told = False, 0

    def tokenizer(
        self,
        documents: Sequence[str],
        training: TrainConfig,
        vocab_limit: int,
        wanted: Callable[[], bool],
    ) -> Generator[None, None, Tokenizer]:
        """A tokenizer of at most `vocab_limit` tokens, as `prepare_run` would make it.

        wanted: says whether the next run would have it still; the page is told of no other.

        Yields chances to look up. Raises `SettingError` where the characters are too many, and
        `DataError` where the documents cannot be split; either is told to the page as well.
        """
        self._wanted = wanted
        try:
            yield from self._take(documents, training)
            check_room(len(self._characters), vocab_limit)
            most = vocab_limit - 1 - len(self._characters)
            yield from self._learn(most)
        except (SettingError, DataError) as error:
            self._documents, self._told = (), 0
            if wanted():
                self._say(events.merges(0, [], problem=str(error)))
            raise
        made = self._merges[:most]
        tokenizer = BpeTokenizer(self._characters, [merge.pair for merge in made])
        self._tell(tokenizer.vocab_size)
        return tokenizer

    def _learn(self, wanted: int) -> Generator[None, None, None]:
        """Go on until there are so many merges, or as many as can be found."""
        while len(self._merges) < wanted:
            try:
                merge = next(self._source)
            except StopIteration:
                break
            if merge is not None:
                self._merges.append(merge)
            if self._clock() >= self._tell_at:
                self._tell()
            yield

    def measure(
        self, tokenizer: Tokenizer, block_size: int, windowed: bool
    ) -> Generator[None, None, None]:
        """Tell how long the documents are in the tokens that were learnt from them last.

        The arguments are those of `encode_document`; yields are chances to look up.
        """
        size = tokenizer.vocab_size
        if size not in self._lengths:
            self._lengths[size] = yield from measure_lengths(
                self._documents, tokenizer, block_size, windowed
            )
        lengths = self._lengths[size]
        context = recommend_context(lengths)
        self._post(
            events.measured(size, lengths.documents, **lengths.as_dict(), block_size=context)
        )

    def _take(self, documents: Sequence[str], training: TrainConfig) -> Generator[None, None, None]:
        """Begin anew, unless these are the documents that the merges so far are of."""
        split = (training.seed, training.eval_fraction)
        if documents is self._documents and split == self._split:
            return
        self._documents = ()  # as long as this is not done
        self._characters = list((yield from collect_characters(documents)))
        self._source = learn_merges(documents, training, int(setting("vocab_limit").stops[-1]))
        self._documents, self._split = documents, split
        self._merges = []
        self._told = 0
        self._lengths = {}

    def _tell(self, vocab_size: int | None = None) -> None:
        """Post what the page does not know yet, and the vocabulary's size once it is known."""
        if (vocab_size is None and self._told == len(self._merges)) or not self._wanted():
            return
        texts = [*self._characters, *(merge.text for merge in self._merges)]
        rows = [
            (texts[merge.pair[0]], texts[merge.pair[1]], merge.count, merge.num_tokens)
            for merge in self._merges[self._told :]
        ]
        self._say(events.merges(self._told, rows, vocab_size))
        self._told = len(self._merges)
        self._tell_at = self._clock() + TELL_EVERY

    def _say(self, message: dict[str, object]) -> None:
        self._known = True
        self._post(message)
