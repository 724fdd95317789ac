"""The page's requests for outlines: the newest model counts, and one is under way at a time.

Plain Python that MicroPython understands.
"""

from app.shared.commands import DescribeCommand
from app.shared.events import OutlineEvent
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class OutlineRequests:
    """What the page wants the outline of, and what the worker was asked.

    Args:
        send: called with each command.
        code: the model code of the outline that is known from the beginning.
        sizes: the sizes of its model.
    """

    def __init__(
        self, send: "Callable[[DescribeCommand], None]", code: str, sizes: dict[str, int]
    ) -> None:
        self._send = send
        self._wanted: tuple[str, dict[str, int]] | None = (code, sizes)
        self._number = 0  # of the newest command
        self._asked: tuple[str, dict[str, int]] | None = None  # what is under way
        self.waiting = False  # whether the outline of what is wanted is still to come

    def want(self, code: str, sizes: dict[str, int]) -> None:
        """The outline of this model is wanted, and no other."""
        if (code, sizes) != self._wanted:
            self._wanted = code, sizes
            self.waiting = True
            self._ask()

    def want_nothing(self) -> None:
        """No outline is wanted until the next `want`."""
        self._wanted, self.waiting = None, False

    def answer(self, message: OutlineEvent) -> bool:
        """The worker has answered; returns whether that is what is wanted."""
        if message["number"] != self._number:
            return False
        return self._end()

    def fail(self) -> bool:
        """The worker could not answer; returns whether what is wanted is given up with that."""
        return self._end()

    def lose_worker(self) -> None:
        """The worker has died, and will not answer."""
        self._asked = None
        self._number += 1

    def restore(self) -> None:
        """There is another worker: ask it what the one before left open."""
        if self.waiting:
            self._ask()

    def _ask(self) -> None:
        if self._asked is None and self._wanted is not None:
            self._asked = code, sizes = self._wanted
            self._number += 1
            self._send(
                DescribeCommand(type="describe", number=self._number, code=code, sizes=sizes)
            )

    def _end(self) -> bool:
        """What is under way has ended; if something else is wanted by now, ask that."""
        asked, self._asked = self._asked, None
        if asked != self._wanted:
            self._ask()
            return False
        self.waiting = False
        return True
