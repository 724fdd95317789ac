"""A run's losses as the readouts want them.

Plain Python that MicroPython understands.
"""

from math import ceil, floor, log

from app.page.vocabulary import Vocabulary
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

SPIKE_SHARE = 0.1  # of a run's smoothed losses, which may be above the top of the chart
MAX_GUESSES = 3.0  # times the loss of guessing, above which a chart shows nothing
RANGE_PADDING = 0.06  # of the height of the chart, above and below the losses
RANGES_PER_LOSS = 20  # steps of a scale's ends: it does not move with every loss
KEPT_OF_SERIES = ["guessing", "num_steps", "chars_per_token", "other_tokens_loss"]
KEPT_OF_SERIES += ["held_out", "all_held_out", "accuracy"]
KEPT_LATELY = ["baselines", "learned", "train_accuracy"]  # which a run that was kept before has not


class LossSeries:
    """What the status line and the verdict need of a run's losses; `Curves` has them all.

    Args:
        vocab_size: the number of tokens; guessing blindly costs ln(vocab_size).
        num_steps: how long the run is meant to be.
    """

    def __init__(self, vocab_size: int, num_steps: int) -> None:
        self.guessing = log(vocab_size)
        self.num_steps = num_steps
        self.chars_per_token = 1.0  # on average; more with BPE
        self.other_tokens_loss: float | None = None  # a character's, in the last run on such
        self.known = False  # whether any loss has come
        self.first = 0.0  # the loss of the first step
        self.loss = 0.0  # the newest
        self.smoothed = 0.0  # the same without the noise
        self.held_out: list[tuple[int, float]] = []  # (step, loss)
        self.all_held_out: tuple[float, int] | None = None  # at the end: of all, and how many
        self.accuracy: list[tuple[int, float]] = []  # (step, share right), of a task
        self.train_accuracy: list[tuple[int, float]] = []  # the same on lines of the training data
        self.baselines: list[tuple[str, float]] = []  # (name, loss), see `BaselinesEvent`
        self.learned: dict[str, Any] | None = None  # a `SamplesVerdictEvent`, once it is over

    def add(self, first: float, loss: float, smoothed: float) -> None:
        """Take over the first and the last of some new losses, and the last one smoothed."""
        if not self.known:
            self.first = first
        self.known = True
        self.loss, self.smoothed = loss, smoothed

    @property
    def loss_per_char(self) -> float:
        """The newest smoothed loss of a character, which compares between vocabularies."""
        return self.smoothed / self.chars_per_token

    @property
    def held_out_loss(self) -> float | None:
        """The newest loss of held-out documents, at the end that of all of them."""
        if self.all_held_out is not None:
            return self.all_held_out[0]
        return self.held_out[-1][1] if self.held_out else None

    def add_evaluations(
        self,
        held_out: list[tuple[int, float]],
        accuracy: list[tuple[int, float]],
        train_accuracy: list[tuple[int, float]],
    ) -> None:
        """Take over new (step, loss) of held-out documents and (step, share right) of a task."""
        self.held_out.extend(held_out)
        self.accuracy.extend(accuracy)
        self.train_accuracy.extend(train_accuracy)

    def kept(self) -> "dict[str, Any]":
        """All that is to be known on the next visit beside the losses themselves."""
        return {name: getattr(self, name) for name in KEPT_OF_SERIES + KEPT_LATELY}

    def restore(self, kept: "dict[str, Any]") -> None:
        """Take over what an earlier visit has kept."""
        for name in KEPT_OF_SERIES:
            setattr(self, name, kept[name])
        self.baselines, self.learned = kept.get("baselines") or [], kept.get("learned")
        self.train_accuracy = kept.get("train_accuracy") or []

    def truncate(self, step: int) -> None:
        """Forget what was measured after `step`."""
        if step < self.num_steps:
            self.all_held_out = self.learned = None
        self.held_out = [point for point in self.held_out if point[0] <= step]
        self.accuracy = [point for point in self.accuracy if point[0] <= step]
        self.train_accuracy = [point for point in self.train_accuracy if point[0] <= step]

    def at(self, step: int, loss: "float | None") -> "LossSeries":
        """What the status line says of the run as it was after `step`, whose loss was `loss`."""
        earlier = LossSeries(1, self.num_steps)
        earlier.restore(self.kept())
        earlier.truncate(step)
        earlier.known, earlier.loss = loss is not None, loss or 0.0
        return earlier


def loss_range(
    guessing: float,
    smoothed: tuple[float, float] | None,
    held_out: tuple[float, float] | None,
) -> tuple[float, float]:
    """The lowest and the highest loss that a chart of a whole run shows.

    The line of guessing is always in sight, and at least a loss of 1 below it, so that the first
    few losses do not fill the picture. A spike is cut off, and so is what lies far above guessing.

    Args:
        guessing: the loss of guessing.
        smoothed: the lowest of the smoothed losses, and the highest but for `SPIKE_SHARE`; None
            without any.
        held_out: the lowest and the highest loss on held-out documents.
    """
    found = [each for each in (smoothed, held_out) if each is not None]
    low = min([guessing - 1] + [each[0] for each in found])
    high = max([guessing + 0.25] + [min(each[1], MAX_GUESSES * guessing) for each in found])
    padding = RANGE_PADDING * (high - low)
    low, high = (low - padding) * RANGES_PER_LOSS, (high + padding) * RANGES_PER_LOSS
    return max(0.0, floor(low) / RANGES_PER_LOSS), ceil(high) / RANGES_PER_LOSS


def zoomed_range(
    guessing: float, spreads: "list[tuple[float, float] | None]"
) -> tuple[float, float]:
    """The same of a part of a run, from the lowest and highest of what there is in it."""
    found = [each for each in spreads if each is not None]
    if not found:
        return loss_range(guessing, None, None)
    low = min([each[0] for each in found])
    high = max([min(each[1], MAX_GUESSES * guessing) for each in found])
    padding = RANGE_PADDING * max(high - low, 0.01)
    return max(0.0, low - padding), max(low, high) + padding


def introduction(vocabulary: Vocabulary) -> str:
    """What the loss is, before there is any, and what guessing among these tokens costs."""
    one = "token" if vocabulary.bpe else "character"
    words = f"The loss says how surprised the model is by each next {one}."
    if vocabulary.problem:
        return f"{words} {vocabulary.problem}"
    guessing = f"{'at most ' if vocabulary.learning else ''}{log(vocabulary.vocab_size):.2f}"
    return f"{words} Guessing blindly costs {guessing}; press Train and watch it fall."


def duration(seconds: float) -> str:
    """Seconds in words: 0.42 s, 12 s, 3 min 5 s."""
    if seconds < 0.1:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 10:
        return f"{seconds:.1f} s"
    minutes = int(round(seconds) // 60)
    if not minutes:
        return f"{seconds:.0f} s"
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {round(seconds) % 60} s"
