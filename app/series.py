"""A run's losses as the chart and the readouts want them, and a sentence on how it went.

Plain Python that MicroPython understands; it knows nothing of charts.
"""

from math import exp, log

ALPHA = 0.1  # the weight of the newest loss in the smoothed one


class Series:
    """What is known of one run's losses so far.

    Args:
        vocab_size: how many tokens there are; guessing blindly costs ln(vocab_size).
        num_steps: how long the run is meant to be.
    """

    def __init__(self, vocab_size, num_steps):
        self.guessing = log(vocab_size)
        self.num_steps = num_steps
        self.raw = []
        self.smooth = []
        self.held_out = []  # (step, loss)

    def add(self, losses, held_out):
        """Take over new losses; returns the smoothed values of those."""
        smooth = self.smooth[-1] if self.smooth else None
        new = []
        for loss in losses:
            smooth = loss if smooth is None else ALPHA * loss + (1 - ALPHA) * smooth
            new.append(smooth)
        self.raw.extend(losses)
        self.smooth.extend(new)
        self.held_out.extend(held_out)
        return new

    def cut(self, step):
        """Forget everything after `step`."""
        del self.raw[step:]
        del self.smooth[step:]
        self.held_out = [point for point in self.held_out if point[0] <= step]


def verdict(series):
    """One or two sentences on how a finished run went and what to try next."""
    final = series.smooth[-1]
    choices = exp(final)
    of = exp(series.guessing)
    words = (
        "The loss fell from {:.2f} to {:.2f}. On average the model now wavers between about "
        "{:.0f} characters instead of {:.0f}."
    ).format(series.raw[0], final, choices, of)
    held_out = series.held_out[-1][1] if series.held_out else None
    if final > series.guessing - 0.05:
        advice = "That is no better than guessing: try another learning rate."
    elif held_out is not None and held_out - final > 0.35:
        advice = (
            "On lines that it has not seen it does worse ({:.2f}): it learns its data by heart. "
            "More data or a smaller model would help."
        ).format(held_out)
    elif held_out is not None and held_out - min([loss for _, loss in series.held_out]) > 0.1:
        advice = "On lines that it has not seen it was better before: fewer steps would do."
    elif series.num_steps < 1000:
        advice = "It has only just begun: more steps should bring it further."
    elif final > 0.8 * series.guessing:
        advice = "There is more to learn: try more steps or a larger embedding."
    else:
        advice = "Now step through what it writes, or try a larger embedding."
    return words + " " + advice


def duration(seconds):
    """Seconds in words: 0.42 s, 12 s, 3 min 5 s."""
    if seconds < 0.1:
        return "{:.0f} ms".format(seconds * 1000)
    if seconds < 10:
        return "{:.1f} s".format(seconds)
    minutes = int(round(seconds) // 60)
    if not minutes:
        return "{:.0f} s".format(seconds)
    return "{} min {} s".format(minutes, round(seconds) % 60)
