"""The BPE merges of the data, learned as far as the settings ask and posted as they are found.

A vocabulary takes the first merges, as many as it has room for. So a smaller one is ready at once,
and for a larger one learning continues where it was. How long the documents are in its tokens is
posted as well. The module knows nothing of runs or of browsers.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence

from app.shared import events
from app.worker.types import Clock, Post
from microgpt.bpe import BpeTokenizer, Merge, check_room
from microgpt.config import TrainConfig
from microgpt.corpus.lengths import Lengths
from microgpt.corpus.recommendation import recommend_context
from microgpt.dataset import DataError, collect_characters
from microgpt.run_tokenizer import learn_merges
from microgpt.sequences import measure_lengths
from microgpt.settings import SettingError, setting
from microgpt.tokenizer import Tokenizer

MERGES_EVENT_SECONDS = 0.1  # between two `merges` events, at least


class BpeTrainer:
    """Learns merges, and keeps those of the current data.

    Args:
        post, clock: as for `Session`.
    """

    def __init__(self, post: Post, clock: Clock) -> None:
        self._post, self._clock = post, clock
        self._documents: Sequence[str] = ()
        self._split = (0, 0.0)  # seed and fraction by which some of them are held out
        self._characters: list[str] = []
        self._source: Iterator[Merge | None] = iter(())
        self._merges: list[Merge] = []
        self._num_posted = 0  # how many of them the page knows
        self._posted = False  # whether the page knows of any, or why there are none
        self._next_event = 0.0
        self._lengths: dict[int, Lengths] = {}  # of the documents, by the size of the vocabulary
        # Whether what is learned is for the next run.
        self._wanted: Callable[[], bool] = lambda: False

    def forget(self) -> None:
        """Gives up the merges, and has the page do so: the data are others now."""
        self._documents = ()
        if self._posted:
            self._post_merges(0, [])
        self._posted, self._num_posted = False, 0

    def tokenizer(
        self,
        documents: Sequence[str],
        training: TrainConfig,
        vocab_limit: int,
        wanted: Callable[[], bool],
    ) -> Generator[None, None, Tokenizer]:
        """A tokenizer of at most `vocab_limit` tokens, the one that `prepare_run` would make.

        wanted: whether the next run would still have it; nothing is posted of any other.

        Yields are yield points. Raises `SettingError` where there are too many characters, and
        `DataError` where the documents cannot be split; either is posted as well.
        """
        self._wanted = wanted
        try:
            yield from self._use_documents(documents, training)
            check_room(len(self._characters), vocab_limit)
            max_merges = vocab_limit - 1 - len(self._characters)
            yield from self._learn(max_merges)
        except (SettingError, DataError) as error:
            self._documents, self._num_posted = (), 0
            if wanted():
                self._post_merges(0, [], problem=str(error))
            raise
        merges = self._merges[:max_merges]
        tokenizer = BpeTokenizer(self._characters, [merge.pair for merge in merges])
        self._post_new_merges(tokenizer.vocab_size)
        return tokenizer

    def post_lengths(
        self, tokenizer: Tokenizer, block_size: int, windowed: bool
    ) -> Generator[None, None, None]:
        """Posts how long the documents are in tokens of `tokenizer`, which was learned from them.

        The arguments are those of `encode_document`; yields are yield points.
        """
        size = tokenizer.vocab_size
        if size not in self._lengths:
            self._lengths[size] = yield from measure_lengths(
                self._documents, tokenizer, block_size, windowed
            )
        lengths = self._lengths[size]
        fields = lengths.as_dict()
        self._post(
            events.TokenLengthsEvent(
                type="token_lengths",
                vocab_size=size,
                documents=lengths.documents,
                histogram=fields["histogram"],
                cut=fields["cut"],
                end=fields["end"],
                block_size=recommend_context(lengths),
            )
        )

    def _use_documents(
        self, documents: Sequence[str], training: TrainConfig
    ) -> Generator[None, None, None]:
        """Starts anew, unless the merges so far are of these very documents."""
        split = (training.seed, training.eval_fraction)
        if documents is self._documents and split == self._split:
            return
        self._documents = ()  # as long as this is not done
        self._characters = list((yield from collect_characters(documents)))
        self._source = learn_merges(documents, training, int(setting("vocab_limit").stops[-1]))
        self._documents, self._split = documents, split
        self._merges = []
        self._num_posted = 0
        self._lengths = {}

    def _learn(self, num_merges: int) -> Generator[None, None, None]:
        """Continues until there are `num_merges` merges, or as many as can be found."""
        while len(self._merges) < num_merges:
            try:
                merge = next(self._source)
            except StopIteration:
                break
            if merge is not None:
                self._merges.append(merge)
            if self._clock() >= self._next_event:
                self._post_new_merges()
            yield

    def _post_new_merges(self, vocab_size: int | None = None) -> None:
        """Posts the merges that the page does not know, and the vocabulary's size once known."""
        if (vocab_size is None and self._num_posted == len(self._merges)) or not self._wanted():
            return
        texts = [*self._characters, *(merge.text for merge in self._merges)]
        rows = [
            (texts[merge.pair[0]], texts[merge.pair[1]], merge.count, merge.num_tokens)
            for merge in self._merges[self._num_posted :]
        ]
        self._post_merges(self._num_posted, rows, vocab_size)
        self._num_posted = len(self._merges)
        self._next_event = self._clock() + MERGES_EVENT_SECONDS

    def _post_merges(
        self,
        first: int,
        rows: list[tuple[str, str, int, int]],
        size: int | None = None,
        problem: str = "",
    ) -> None:
        self._posted = True
        self._post(
            events.MergesEvent(type="merges", first=first, rows=rows, size=size, problem=problem)
        )
