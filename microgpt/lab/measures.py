"""What can be measured of a run: one table.

Plain Python, because the page reads it in MicroPython.
"""

from microgpt.setting import SettingError

LOWER, HIGHER, NEITHER = "lower", "higher", "neither"
SOLVED_SHARE = 0.9  # of a task that is right: then it counts as learned


class Measure:
    """One row of the table.

    Args:
        name: also its key in a line of JSON.
        title: its name on the page.
        meaning: one sentence for a beginner.
        better: whether `LOWER` or `HIGHER` is better, or `NEITHER`.
        task_only: whether only data sets with right and wrong lines have it.
    """

    def __init__(
        self, name: str, title: str, meaning: str, better: str = LOWER, task_only: bool = False
    ) -> None:
        self.name = name
        self.title = title
        self.meaning = meaning
        self.better = better
        self.task_only = task_only


MEASURES = (
    Measure(
        "held_out_loss",
        "Held-out loss",
        "The loss on documents that the model was not trained on, at the end.",
    ),
    Measure(
        "lowest_held_out_loss",
        "Lowest held-out loss",
        "The loss on documents that the model was not trained on, where it was lowest.",
    ),
    Measure(
        "held_out_loss_per_character",
        "Held-out loss per character",
        "The held-out loss divided by the characters of a token: it compares tokenizers.",
    ),
    Measure("loss", "Training loss", "The loss of the last step."),
    Measure(
        "gap",
        "Gap",
        "How far the held-out loss lies above that of training documents: what was memorised.",
    ),
    Measure(
        "accuracy",
        "Right",
        "The share of the task that the model gets right at the end.",
        HIGHER,
        task_only=True,
    ),
    Measure(
        "steps_to_solve",
        "Steps until solved",
        "The step of the first test in which 90% is right.",
        task_only=True,
    ),
    Measure(
        "diversity",
        "Diversity",
        "How different two samples are, as a share of their letters.",
        NEITHER,
    ),
    Measure(
        "output_loss",
        "Loss of a text",
        "Minus the logarithm of the probability that the model writes this very text.",
    ),
    Measure("seconds", "Seconds", "How long the training took."),
)


def measure(name: str) -> Measure:
    """The row called `name`. Raises `SettingError` if there is none."""
    for row in MEASURES:
        if row.name == name:
            return row
    names = ", ".join([row.name for row in MEASURES])
    raise SettingError(f"There is no measure called '{name}'; there are {names}.")
