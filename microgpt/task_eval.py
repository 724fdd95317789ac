"""Evaluation on a task: the share that the model gets right, measured during training.

Where a line is a question with its answer, the model is given questions that it was not trained on
and only completes the answer: so easy questions and lines learned by heart do not count. Where some
characters of a line follow from those before them, it reads lines that it was not trained on, and
only its likeliest token there counts. Elsewhere it writes whole lines. What is tested is the same
each time, and the evaluation has its own random numbers, so a run is the same with it as without.
The module knows neither what makes a line right nor when an evaluation is due.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Generator, Sequence
from itertools import islice
from typing import Protocol

from microgpt.config import SampleConfig
from microgpt.engine import LanguageModel
from microgpt.sampler import adjust, draw
from microgpt.tasks import DETERMINED_CHARACTERS, QUESTION_ENDS, TASK_CHECKERS
from microgpt.tokenizer import Tokenizer

MAX_TASK_LINES = 40  # enough for a meaningful share, few enough not to delay the run
MAX_TASK_PLACES = 320  # about, of those to predict, which is faster than writing
TASK_EVAL_SEED = 1
GREEDY = SampleConfig(temperature=0.0)


class TaskEval(Protocol):
    """What is tested of a task, and how."""

    is_right: Callable[[str], bool]  # whether a line is right

    @property
    def description(self) -> str:
        """One sentence for a beginner on what is tested."""

    def accuracy(self, engine: LanguageModel) -> Generator[None, None, float]:
        """Test the model and return the share that is right, 0 to 1; yields are yield points."""


class CompletionEval:
    """A fixed set of lines to complete.

    Args:
        is_right: whether a line is right.
        prefixes: what each line begins with, as token ids; empty for a line without a question.
        sampling: how the model samples the rest.
        tokenizer: the model's.
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
    def description(self) -> str:
        """One sentence for a beginner on what is tested."""
        count = len(self.prefixes)
        if any(self.prefixes):
            return f"In a test now and then it answers {count} questions, always the same ones."
        return f"In a test now and then it writes {count} lines, which are right or wrong."

    def accuracy(self, engine: LanguageModel) -> Generator[None, None, float]:
        """Complete the lines and return the share that is right, 0 to 1; yields between tokens."""
        rng, bos = random.Random(TASK_EVAL_SEED), self._tokenizer.bos
        lines = [[bos, *prefix] for prefix in self.prefixes]
        unfinished = lines
        while unfinished:  # one token for all lines at a time: faster than line by line
            longer = []
            all_logits = engine.logits_after(list(map(tuple, unfinished)))
            for line, logits in zip(unfinished, all_logits, strict=True):
                line.append(draw(adjust(logits, self._sampling), self._sampling, rng))
                if line[-1] != bos and len(line) <= engine.config.block_size:
                    longer.append(line)
                yield
            unfinished = longer
        texts = [self._tokenizer.decode(line) for line in lines]
        return sum(map(self.is_right, texts)) / len(texts)


class PredictionEval:
    """A fixed set of places where the next token follows from those before it.

    Args:
        is_right: whether a line is right.
        contexts: the beginnings of documents, as token ids from BOS on.
        targets: the token that comes next in each.
    """

    def __init__(
        self,
        is_right: Callable[[str], bool],
        contexts: Sequence[Sequence[int]],
        targets: Sequence[int],
    ) -> None:
        self.is_right = is_right
        self.contexts, self.targets = contexts, targets

    @property
    def description(self) -> str:
        """One sentence for a beginner on what is tested."""
        return (
            f"In a test now and then it predicts {len(self.targets)} tokens that follow from what "
            "precedes them, always the same ones."
        )

    def accuracy(self, engine: LanguageModel) -> Generator[None, None, float]:
        """The share of places whose likeliest token is the right one; yields between places."""
        right = 0
        for logits, target in zip(engine.logits_after(self.contexts), self.targets, strict=True):
            right += max(range(len(logits)), key=logits.__getitem__) == target
            yield
        return right / len(self.targets)


def make_task_eval(
    name: str, documents: Sequence[str], tokenizer: Tokenizer, block_size: int
) -> TaskEval | None:
    """The evaluation for the data set called `name`; None if it is no task, or has no lines for it.

    Args:
        name: one of `TASK_CHECKERS`; no other data set is a task.
        documents: the first suitable ones of these are the lines.
        tokenizer: the model's.
        block_size: questions that fill the context, and places beyond it, are left out.
    """
    is_right = TASK_CHECKERS.get(name)
    if is_right is None:
        return None
    if name not in QUESTION_ENDS and name not in DETERMINED_CHARACTERS:
        return CompletionEval(is_right, [()] * MAX_TASK_LINES, SampleConfig(), tokenizer)
    # Cleaned or edited data may hold lines that are not right any more.
    lines = filter(is_right, documents)
    if name in DETERMINED_CHARACTERS:
        contexts: list[list[int]] = []
        targets: list[int] = []
        for line in lines:
            if len(targets) >= MAX_TASK_PLACES:
                break
            tokens = tokenizer.encode(line)
            for place in determined_places(tokens, DETERMINED_CHARACTERS[name](line), tokenizer):
                if place <= block_size:
                    contexts.append(tokens[:place])
                    targets.append(tokens[place])
        return PredictionEval(is_right, contexts, targets) if targets else None
    end = QUESTION_ENDS[name]
    asked = (line.partition(end)[0] + end for line in islice(lines, MAX_TASK_LINES))
    questions = [tokenizer.encode_prefix(question) for question in asked]
    fitting = [question for question in questions if len(question) < block_size]
    return CompletionEval(is_right, fitting, GREEDY, tokenizer) if fitting else None


def determined_places(
    tokens: Sequence[int], characters: Sequence[int], tokenizer: Tokenizer
) -> list[int]:
    """Where a document has tokens that follow from those before them, as positions in `tokens`.

    Args:
        tokens: the document, BOS first.
        characters: the indices of its characters that follow from those before them.
        tokenizer: the model's. Of tokens of several characters all must follow.

    >>> from microgpt.tokenizer import CharTokenizer
    >>> determined_places([2, 0, 1, 0, 2], [2], CharTokenizer("ab"))
    [3]
    """
    places, start, known = [], 0, set(characters)
    for place, token in enumerate(tokens):
        size = len(tokenizer.decode([token]))
        if size and known.issuperset(range(start, start + size)):
            places.append(place)
        start += size
    return places
