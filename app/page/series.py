"""A run's losses as the readouts want them, and a sentence on how it went.

Plain Python that MicroPython understands; it knows nothing of charts.
"""

from math import exp, log

from app.page.vocabulary import Tokens


class Series:
    """What is known of one run's losses so far; the chart has them all.

    Args:
        vocab_size: how many tokens there are; guessing blindly costs ln(vocab_size).
        num_steps: how long the run is meant to be.
    """

    def __init__(self, vocab_size: int, num_steps: int) -> None:
        self.guessing = log(vocab_size)
        self.num_steps = num_steps
        self.chars_per_token = 1.0  # on average; more where tokens are byte pairs
        self.elsewhere: float | None = None  # a character's loss in the last run on other tokens
        self.known = False  # whether any loss has come
        self.first = 0.0  # the loss of the first step
        self.loss = 0.0  # of the newest
        self.smoothed = 0.0  # the same without the noise
        self.held_out: list[tuple[int, float]] = []  # (step, loss)
        self.accuracy: list[tuple[int, float]] = []  # (step, share right), of a task

    def add(self, first: float, loss: float, smoothed: float) -> None:
        """Take over the first of some new losses, the last of them, and what that is smoothed."""
        if not self.known:
            self.first = first
        self.known = True
        self.loss, self.smoothed = loss, smoothed

    @property
    def of_a_character(self) -> float:
        """The newest loss, smoothed, as that of a character: it compares between tokens."""
        return self.smoothed / self.chars_per_token

    def hold_out(self, points: list[tuple[int, float]]) -> None:
        """Take over new losses of documents that were held out, as (step, loss) pairs."""
        self.held_out.extend(points)

    def examine(self, points: list[tuple[int, float]]) -> None:
        """Take over what share of a task was right, as (step, share) pairs, 0 to 1."""
        self.accuracy.extend(points)

    def cut(self, step: int) -> None:
        """Forget what was measured after `step`."""
        self.held_out = [point for point in self.held_out if point[0] <= step]
        self.accuracy = [point for point in self.accuracy if point[0] <= step]


def introduction(tokens: Tokens) -> str:
    """What the loss is, before there is any, and what guessing among these tokens costs."""
    one = "token" if tokens.pairs else "character"
    words = f"The loss says how surprised the model is by each next {one}."
    if tokens.problem:
        return f"{words} {tokens.problem}"
    guessing = f"{'at most ' if tokens.learning else ''}{log(tokens.vocab_size):.2f}"
    return f"{words} Guessing blindly costs {guessing}; press Train and watch it fall."


def verdict(series: Series) -> str:
    """One or two sentences on how a finished run went and what to try next."""
    first, final = series.first, series.smoothed
    went = "fell" if final < first else "went"
    words = f"The loss {went} from {first:.2f} to {final:.2f}."
    if series.accuracy:
        return f"{words} {_mark(series.accuracy)}"
    if final > series.guessing - 0.05:
        return f"{words} That is no better than guessing: try another learning rate."
    pairs = series.chars_per_token > 1
    words += (
        f" On average the model now wavers between about {exp(final):.0f} "
        f"{'tokens' if pairs else 'characters'} instead of {exp(series.guessing):,.0f}."
    )
    if series.elsewhere is not None:
        words += (
            f" That is a loss of {series.of_a_character:.2f} for each character; the last run on "
            f"other tokens came to {series.elsewhere:.2f}."
        )
    elif pairs:
        words += (
            f" That is a loss of {series.of_a_character:.2f} for each character, the figure to "
            "compare with a run on other tokens."
        )
    held_out = series.held_out[-1][1] if series.held_out else None
    if held_out is not None and held_out - final > 0.35:
        advice = (
            f"On lines that it has not seen it does worse ({held_out:.2f}): it learns its data by "
            "heart. More data or a smaller model would help."
        )
    elif held_out is not None and held_out - min([loss for _, loss in series.held_out]) > 0.1:
        advice = "On lines that it has not seen it was better before: fewer steps would do."
    elif series.num_steps < 1000:
        advice = "It has only just begun: more steps should bring it further."
    elif final > 0.8 * series.guessing:
        advice = "There is more to learn: try more steps or a larger embedding."
    else:
        advice = "Now step through what it writes, or try a larger embedding."
    return f"{words} {advice}"


def _mark(accuracy: list[tuple[int, float]]) -> str:
    """The same on how a task went."""
    share, best = accuracy[-1][1], max([share for _, share in accuracy])
    words = f"In the test, {share:.0%} of what it wrote was right."
    if share > 0.9:
        return f"{words} It has found the rule: give it a prefix, and step through what it writes."
    if share < best - 0.15:
        return f"{words} Before, it was {best:.0%}: a smaller learning rate might keep it there."
    return f"{words} More steps, more documents a step or a larger embedding would help."


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
