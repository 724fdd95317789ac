"""The browser's history: which changes of the experiment become entries of their own.

Plain Python that MicroPython understands.
"""

from app.shared.experiment import Experiment
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MERGE_MILLISECONDS = 1000.0  # changes of one thing that follow each other faster are one entry


class PageHistory:
    """Keeps the experiment in the page's address, so that Back undoes and Forward redoes.

    Args:
        experiment: what the address holds.
        write: called with the address's fragment, and whether it is a new entry or replaces the
            current one.
        clock: the time in milliseconds.
    """

    def __init__(
        self,
        experiment: Experiment,
        write: "Callable[[str, bool], None]",
        clock: "Callable[[], float]",
    ) -> None:
        self._experiment = experiment
        self._write = write
        self._clock = clock
        self._written = ""  # the fragment of the current entry
        self._name = ""  # what the current entry is about
        self._time = 0.0  # when that changed last

    def take(self) -> None:
        """The address has been read: the page was opened, or the user went back or forward.

        What it holds is written as the page itself would, to mark the entry as the page's own.
        """
        self._written, self._name = self._experiment.address(), ""
        self._write(self._written, False)

    def add(self, name: str) -> None:
        """A change is finished: it becomes an entry.

        Args:
            name: of what has changed. Changes of the same thing that follow each other fast, as
                when an arrow key is held, are one entry.
        """
        fragment, now = self._experiment.address(), self._clock()
        merged = name == self._name and now - self._time < MERGE_MILLISECONDS
        self._name, self._time = name, now
        if fragment != self._written:
            self._written = fragment
            self._write(fragment, not merged)

    def replace(self) -> None:
        """Something has changed that is no entry of its own: the current one holds it too."""
        fragment = self._experiment.address()
        if fragment != self._written:
            self._written = fragment
            self._write(fragment, False)
