"""Files that are being read, in slices: how far it is, other options, a way to stop.

What was read before stays in force until something else has been read whole. It knows nothing of
what is done with documents, or of browsers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from app.shared import events
from microgpt.corpus import DataError
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.corpus.progress import WithProgress
from microgpt.settings import SettingError

PREVIEW_LINES, PREVIEW_WIDTH = 40, 200
TELL_EVERY = 0.1  # seconds between two messages on how far it is
MOST_TILES = 200  # characters whose counts the page is told; it has room for no more

Message = dict[str, Any]
Files = tuple[tuple[str, bytes], ...]


class Post(Protocol):
    """Sends an event to the page."""

    def __call__(self, message: Message) -> None: ...


@dataclass(frozen=True, slots=True)
class Data:
    """Files, and what was read from them; nothing is read where there are no files."""

    name: str
    files: Files
    reading: Corpus | None = None


class Reader:
    """Reads files as data to train on.

    Args:
        post: called with each event.
        clock: seconds that only ever grow.
        taken: called when other documents are in force, or none.
    """

    def __init__(
        self, post: Post, clock: Callable[[], float], taken: Callable[[Corpus | None], None]
    ) -> None:
        self._post, self._clock, self._taken = post, clock, taken
        self._data = Data("", ())  # in force
        self._coming = self._data  # what is being read, where `_work` is there
        self._number = 0  # the page's, of the command that is being carried out
        self._work: WithProgress[Corpus] | None = None
        self._tell_at = 0.0

    @property
    def busy(self) -> bool:
        """Whether something is being read."""
        return self._work is not None

    def begin(
        self,
        number: int,
        name: str,
        files: Sequence[tuple[str, int]],
        options: Message,
        blob: bytes,
    ) -> None:
        """Read other files, as `commands.data` says; instead of what is being read now."""
        self.forget()
        if not files:
            self._take(Data(name, ()))
            return
        self._read(number, Data(name, _apart(files, blob)), options)

    def change(self, number: int, options: Message) -> None:
        """Read the same files with other options."""
        data = self._coming if self.busy else self._data
        self.forget()
        if data.files:
            self._read(number, data, options)

    def cancel(self) -> None:
        """Stop reading; what was in force stays so."""
        if self.busy:
            self.forget()
            self._post(events.refused(self._number, ""))

    def forget(self) -> None:
        """Stop reading without a word."""
        if self._work is not None:
            self._work.close()
        self._work = None

    def work(self, deadline: float) -> None:
        """Read until the clock says `deadline`, at least a little."""
        work = self._work
        if work is None:
            return
        try:
            while True:
                progress = next(work)
                now = self._clock()
                if now >= self._tell_at:
                    self._tell_at = now + TELL_EVERY
                    self._post(events.reading(self._number, progress.fraction, progress.activity))
                if now >= deadline:
                    return
        except StopIteration as finished:
            self._finish(finished.value)
        except DataError as error:
            self._work = None
            self._post(events.refused(self._number, str(error)))
        except MemoryError:
            self._work = None
            words = "There is not enough memory to read this: choose fewer or smaller files."
            self._post(events.refused(self._number, words))

    def _read(self, number: int, data: Data, options: Message) -> None:
        self._number = number
        try:
            checked = CorpusOptions(**options)
        except SettingError as error:
            self._post(events.refused(number, str(error)))
            return
        self._coming = data
        self._tell_at = self._clock() + TELL_EVERY
        self._work = load_corpus(data.files, checked, data.reading)

    def _finish(self, reading: Corpus) -> None:
        self._work = None
        before = self._data.reading
        data = replace(self._coming, reading=reading)
        if before is not None and reading.documents is before.documents:
            self._data = data  # seen with another context length: the documents are the same
        else:
            self._take(data)
        self._post(described(self._number, data.name, reading))

    def _take(self, data: Data) -> None:
        self._data = data
        self._taken(data.reading)


def _apart(files: Sequence[tuple[str, int]], blob: bytes) -> Files:
    """The files that lie one behind the other in `blob`, from their names and sizes."""
    apart = []
    start = 0
    for name, size in files:
        apart.append((name, blob[start : start + size]))
        start += size
    return tuple(apart)


def described(number: int, name: str, reading: Corpus) -> Message:
    """The message on what has been read, short enough for the page whatever the data are."""
    fields = reading.as_dict()
    statistics = fields.pop("statistics")
    statistics["num_chars"] = len(statistics["vocabulary"])
    statistics["vocabulary"] = statistics["vocabulary"][:MOST_TILES]
    fields["remarks"] = reading.remarks_without_lengths  # the page itself says what is cut
    fields["num_rare"] = len(fields["rare"])
    fields["rare"] = fields["rare"][:MOST_TILES]
    preview = [document[:PREVIEW_WIDTH] for document in reading.documents[:PREVIEW_LINES]]
    return events.described(number, name, statistics, fields, preview)
