"""How well a model does a task, found out again and again while it trains.

Where a line is a question with its answer, the model is given questions that it has not been
trained on, and only the answer is its own: nobody gets a good mark by asking easy questions, or by
knowing old lines by heart. Elsewhere it writes whole lines. The questions are the same each time,
and so are the dice, which are the exam's own: a run is the same with an exam as without. The module
knows neither what makes a line right nor when it is time for an exam.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence

from microgpt.config import SampleConfig
from microgpt.dataset import Dataset
from microgpt.engine import Engine
from microgpt.sampler import adjust, draw
from microgpt.tasks import QUESTION_ENDS, TASKS
from microgpt.tokenizer import Tokenizer

LINES = 40  # enough for a share to be told from chance, few enough not to hold up a run
SEED = 1
LIKELIEST = SampleConfig(temperature=0.0)


class TaskEval:
    """A fixed set of lines to complete.

    Args:
        is_right: whether a line is right.
        prefixes: what each line begins with, as token ids; empty for a line of the model's own.
        sampling: how the model chooses what follows.
        tokenizer: that of the model.
    """

    def __init__(
        self,
        is_right: Callable[[str], bool],
        prefixes: Sequence[Sequence[int]],
        sampling: SampleConfig,
        tokenizer: Tokenizer,
    ) -> None:
        self.is_right = is_right
        self.prefixes = prefixes
        self._sampling, self._tokenizer = sampling, tokenizer

    @property
    def about(self) -> str:
        """A sentence on what is asked, for a beginner."""
        count = len(self.prefixes)
        if any(self.prefixes):
            return f"In a test now and then it answers {count} questions, always the same ones."
        return f"In a test now and then it writes {count} lines, which are right or wrong."

    def take(self, engine: Engine) -> Generator[None, None, float]:
        """Return the share of lines, 0 to 1, that come out right; yields are chances to look up."""
        rng, bos = random.Random(SEED), self._tokenizer.bos
        lines = [[bos, *prefix] for prefix in self.prefixes]
        growing = lines
        while growing:  # all of them by a token, which is quicker than one after the other
            longer = []
            answers = engine.logits_after(list(map(tuple, growing)))
            for line, logits in zip(growing, answers, strict=True):
                line.append(draw(adjust(logits, self._sampling), self._sampling, rng))
                if line[-1] != bos and len(line) <= engine.config.block_size:
                    longer.append(line)
                yield
            growing = longer
        texts = [self._tokenizer.decode(line) for line in lines]
        return sum(map(self.is_right, texts)) / len(texts)


def make_task_eval(
    name: str, dataset: Dataset, tokenizer: Tokenizer, block_size: int
) -> TaskEval | None:
    """The exam for the data set called `name`.

    Args:
        name: one of `TASKS`; all others have no exam.
        dataset: its held-out documents are asked, or those for training where none are held out.
        tokenizer: that of the model.
        block_size: questions that fill the context are not asked.

    Returns:
        None where nothing can be asked.
    """
    is_right = TASKS.get(name)
    if is_right is None:
        return None
    if name not in QUESTION_ENDS:
        return TaskEval(is_right, [()] * LINES, SampleConfig(), tokenizer)
    end = QUESTION_ENDS[name]
    # What was made of the data on the way here may be no task any more.
    lines = [line for line in dataset.held_out or dataset.train if is_right(line)]
    questions = [tokenizer.encode_prefix(line.partition(end)[0] + end) for line in lines[:LINES]]
    fitting = [question for question in questions if len(question) < block_size]
    return TaskEval(is_right, fitting, LIKELIEST, tokenizer) if fitting else None
