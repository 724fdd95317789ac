"""What a single step learned from: its documents, each token with its loss before and after."""

from __future__ import annotations

import math
from itertools import cycle, islice

from app.shared.events import StepDocument, StepDocumentsEvent
from microgpt.run import Run
from microgpt.segments import segment_at

MAX_DOCUMENTS = 3  # of a batch
MAX_TOKENS = 64  # of a document


class StepDocuments:
    """The documents of one step; made before it is done.

    Args:
        run: the run.
        step: how many steps were done.
    """

    def __init__(self, run: Run, step: int) -> None:
        self._run = run
        segment = segment_at(run.segments, step)
        self._batch_size = segment.training.batch_size
        first = segment.document(step)
        whole = training_sequences(run, first, min(MAX_DOCUMENTS, self._batch_size))
        most = min(MAX_TOKENS, run.engine.config.block_size)
        self._sequences = [sequence[: 1 + most] for sequence in whole]
        self._counted_from = [min(run.mask.first(sequence) or 0, most) for sequence in whole]
        self._before = [self._losses(sequence) for sequence in self._sequences]

    def event(self, number: int, step: int) -> StepDocumentsEvent:
        """What to tell of it once `step` steps are done; `number` is the run's."""
        tokens, bos = self._run.tokenizer.tokens, self._run.tokenizer.bos
        return StepDocumentsEvent(
            type="step_documents",
            run=number,
            step=step,
            of=self._batch_size,
            documents=[
                StepDocument(
                    tokens=["" if token == bos else tokens[token] for token in sequence[1:]],
                    before=before,
                    after=self._losses(sequence),
                    counted_from=counted_from,
                )
                for sequence, before, counted_from in zip(
                    self._sequences, self._before, self._counted_from, strict=True
                )
            ],
        )

    def _losses(self, sequence: list[int]) -> list[float]:
        """The loss of each token behind the first."""
        context = self._run.engine.context()
        losses = []
        for token, target in zip(sequence, islice(sequence, 1, None), strict=False):
            logits = context.feed(token)
            highest = max(logits)
            total = math.fsum(math.exp(logit - highest) for logit in logits)
            losses.append(math.log(total) + highest - logits[target])
        return losses


def training_sequences(run: Run, first: int, count: int) -> list[list[int]]:
    """Some of the sequences that a run trains on, from number `first` on.

    After the last comes the first again.
    """
    documents, block_size = run.dataset.train, run.engine.config.block_size
    numbers = range(first, first + count)
    single = not run.windowed or max(map(len, documents)) <= block_size
    if single and not run.training.mask:
        return [run.encode(documents[number % len(documents)])[0] for number in numbers]
    # A window may become several sequences, and with a mask a document none.
    sequences = (
        sequence
        for document in documents
        for sequence in run.encode(document)
        if run.mask.first(sequence) is not None
    )
    return list(islice(cycle(sequences), first, first + count))
