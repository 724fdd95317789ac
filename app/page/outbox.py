"""Commands on their way to the worker, held back until what they need is there.

Plain Python that MicroPython understands.
"""

from app.shared.commands import Command
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# What a command may have to wait for; all of them wait for the worker. The model counts as loaded
# as soon as the command that loads it is on its way.
WORKER_LISTENS, DATA_LOADED, RUN_STARTED, MODEL_LOADED = "worker", "data", "run", "model"
NEEDS = {
    "start": DATA_LOADED,
    "pause": RUN_STARTED,
    "resume": RUN_STARTED,
    "step": RUN_STARTED,
    "set_pace": RUN_STARTED,
    "change_training": RUN_STARTED,
    "rewind": RUN_STARTED,
    "set_stops": RUN_STARTED,
    "train_seeds": RUN_STARTED,
    "generate": MODEL_LOADED,
    "pack_model": MODEL_LOADED,
}


class Outbox:
    """Sends commands in order, and holds back those whose needs are missing.

    Args:
        post: called with each command that can be sent, and whether its blob is given away.
    """

    def __init__(self, post: "Callable[[Command, bool], None]") -> None:
        self._post_command = post
        self._missing = [WORKER_LISTENS]
        self._held: list[tuple[Command, bool]] = []
        self.refused_code = ""  # a model code that is sent to no worker

    def send(self, message: Command, give: bool = False) -> None:
        """Post a command, now or once all that it needs is there.

        give: whether its blob becomes the worker's own, so that it need not be copied.
        """
        if self.refused_code and message.get("code") == self.refused_code:
            return
        if WORKER_LISTENS in self._missing or NEEDS.get(message["type"]) in self._missing:
            self._held.append((message, give))
        else:
            self._post_command(message, give)

    def hold(self, need: str) -> None:
        """From now on hold back what needs `need`."""
        if need not in self._missing:
            self._missing.append(need)

    def release(self, need: str) -> None:
        """`need` is there, or on its way: send what waited for it alone, behind all else."""
        if need in self._missing:
            self._missing.remove(need)
            held, self._held = self._held, []
            # What satisfies the need may itself still wait for the worker, and goes first.
            freed = [entry for entry in held if NEEDS.get(entry[0]["type"]) == need]
            for message, give in [entry for entry in held if entry not in freed] + freed:
                self.send(message, give)

    def drop(self, *needs: str) -> None:
        """Forget what waits for these."""
        self._held = [held for held in self._held if NEEDS.get(held[0]["type"]) not in needs]

    def hold_all(self) -> None:
        """The worker is gone: hold everything; forget what only waited for the worker itself."""
        self.hold(WORKER_LISTENS)
        self._held = [held for held in self._held if held[0]["type"] in NEEDS]

    def holds(self, kind: str) -> bool:
        """Whether a command of this type is held back."""
        return kind in [message["type"] for message, _ in self._held]
