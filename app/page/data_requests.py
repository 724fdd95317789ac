"""The page's requests for data: which is the newest, which are with the worker, which are answered.

Plain Python that MicroPython understands.
"""

from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.data_source import DataSource

PATIENCE_MILLISECONDS = 300.0  # without an answer before the progress of loading is shown


class DataRequests:
    """Numbered requests; only the newest counts, but an earlier one may still be answered."""

    def __init__(self) -> None:
        self.number = 0  # of the newest request
        self.time = 0.0  # when it was made, in milliseconds
        self.wanted: DataSource | None = None  # what that one is for, until it is answered
        self._posted: dict[int, DataSource] = {}  # what the worker was asked for, by number

    def add(self, source: "DataSource", time: float) -> int:
        """A new request, made at `time`; returns its number."""
        self.number += 1
        self.wanted, self.time = source, time
        return self.number

    def is_slow(self, number: int, time: float) -> bool:
        """Whether this one is the newest, and at `time` its progress is to be shown."""
        return number == self.number and time - self.time > PATIENCE_MILLISECONDS

    def post(self, number: int, source: "DataSource") -> None:
        """The request with this number goes to the worker."""
        self._posted[number] = source

    @property
    def any_posted(self) -> bool:
        """Whether the worker has one that it has not answered."""
        return bool(self._posted)

    def answer(self, number: int) -> "DataSource | None":
        """The worker answers this one: it and all before it are over.

        Returns what it was for, None where the page does not wait for it any more.
        """
        source = self._posted.get(number)
        self._posted = {n: posted for n, posted in self._posted.items() if n > number}
        if number == self.number:
            self.wanted = None
        return source

    def cancel(self) -> None:
        """Nothing is wanted any more, and no answer counts."""
        self.wanted = None
        self._posted = {}
        self.number += 1
