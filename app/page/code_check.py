"""Whether the model code of the next run fits, and what waits until that is known.

Plain Python that MicroPython understands.
"""

from app.page.aliases import Action, TakeText
from app.shared.experiment import Experiment
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

ENDLESS = "This code does not come to an end: change it to go on."
DEADLY = "Python has stopped over this code: change it to go on."


class CodeCheck:
    """What the worker says of the experiment's code, and a code that ended a worker.

    The model of the repository fits always.

    Args:
        experiment: holds the code.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self.known = True  # whether what follows is about the code and the sizes as they are now
        self.problem = ""  # one sentence
        self.line = 0  # that it speaks of, 0: none
        self.num_params = 0  # 0: not known, or none
        self.run_code: str | None = None  # of the newest run, if there has been one
        self.refused = ""  # a code that ended a worker: it is sent to none any more
        self._reason = ""  # the sentence about that one
        self._proven = ""  # a code that a worker has trained
        self._waiting: tuple[Action, TakeText] | None = None

    @property
    def is_refused(self) -> bool:
        """Whether no worker is asked about the code any more."""
        return bool(self._experiment.code) and self._experiment.code == self.refused

    def begin(self, waiting: bool) -> None:
        """The code or the sizes may be others now; `waiting`: whether the worker is being asked."""
        code = self._experiment.code
        if not code or self.is_refused:
            self.problem, self.line = (self._reason if code else ""), 0
            self.num_params = 0
            waiting = False
        self.known = not waiting  # until then, what was known before is the best guess
        if self.known:
            self._decide()

    def take(self, problem: str, line: int, num_params: int) -> None:
        """What the worker says of the code and the sizes as they are now; as in `OutlineEvent`."""
        if self._experiment.code:
            self.known = True
            self.problem, self.line, self.num_params = problem, line, num_params
            self._decide()

    def when_fits(self, act: Action, refuse: TakeText) -> None:
        """Call `act()` if the code fits, else `refuse` with a sentence; perhaps later."""
        self._waiting = (act, refuse)
        if self.known:
            self._decide()

    def prove(self, code: str) -> None:
        """A worker has trained a model of this code."""
        self._proven = code

    def lose_worker(self, silent: bool) -> bool:
        """The worker is dead; returns whether that is the fault of the code that it was given.

        silent: whether it has only not answered any more.
        """
        code = self._experiment.code
        self._waiting = None
        if not code:
            return False
        if self.known and (self.problem or code == self._proven or not silent):
            return False  # it was not at this code
        self.refuse(code, ENDLESS if silent else DEADLY)
        return True

    def refuse(self, code: str, reason: str) -> None:
        """This code ended a worker; `reason`: a sentence."""
        self.refused, self._reason = code, reason
        self.begin(True)

    def kept(self) -> "dict[str, Any]":
        """All that is to be known on the next visit."""
        return {"code": self._experiment.code, "refused": self.refused, "reason": self._reason}

    def restore(self, kept: "dict[str, Any]") -> None:
        """Take over what an earlier visit has kept."""
        self._experiment.code = kept["code"]
        self.refuse(kept["refused"], kept["reason"])

    def _decide(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            act, refuse = waiting
            if self.problem:
                refuse(self.problem)
            else:
                act()
