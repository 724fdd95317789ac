"""A look at a run's gradients and weights, now and then while it is trained."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.shared import events
from app.shared.meaning import MatrixFacts
from app.worker.types import Post
from microgpt.run import Run
from microgpt.segments import Segment

if TYPE_CHECKING:
    from microgpt.diagnostics import GradientProbe

LOOKS = 100  # in a run, spread evenly
NUM_GRADIENT_DOCUMENTS = (
    16  # whose gradient is computed: the same at each look, so that it compares
)
NUM_RATES = 200  # points of the schedule that are told
FIRST_RATES = 5  # of these at its very beginning, where it may rise fast


class Diagnosing:
    """What is seen of one run.

    Args:
        run: ready to train.
        number: the run's.
        post: sends an event to the page.
    """

    def __init__(self, run: Run, number: int, post: Post) -> None:
        self._run, self._number, self._post = run, number, post
        self._probe: GradientProbe | None = None  # made with the first look
        self._told_segments: list[Segment] = []  # whose schedule has been told
        self.looked_at = -1  # the step of the last look

    def after(self, step: int) -> int:
        """The first step behind this one that is to be looked at."""
        interval = self._interval
        return (step // interval + 1) * interval

    def is_due(self, step: int) -> bool:
        """Whether this step is to be looked at."""
        return step % self._interval == 0

    def look(self, step: int) -> Iterator[None]:
        """Tells of the gradient and the weights after `step` steps; yields are yield points."""
        # Imported here, so that nobody waits for it at the start.
        from microgpt.diagnostics import GradientProbe, gradient_norms, weight_histogram

        run = self._run
        self.looked_at = step
        if self._probe is None:
            self._probe = GradientProbe(run.engine)
        documents = yield from run.train_sample(NUM_GRADIENT_DOCUMENTS)
        gradient = yield from self._probe.gradient(*documents)
        norms = gradient_norms(gradient)
        yield
        matrices = []
        for name, matrix in run.engine.weights().items():
            found = weight_histogram(matrix)
            matrices.append(
                MatrixFacts(
                    name=name,
                    norm=norms.matrices[name],
                    limit=found.limit,
                    counts=list(found.counts),
                    mean=found.mean,
                    deviation=found.deviation,
                )
            )
            yield
        event = events.DiagnosticsEvent(
            type="diagnostics", run=self._number, step=step, norm=norms.whole, matrices=matrices
        )
        if self._told_segments != run.segments:
            self._told_segments = list(run.segments)
            event["rates"] = self._rates()
        self._post(event)

    @property
    def _interval(self) -> int:
        return max(1, self._num_steps // LOOKS)

    @property
    def _num_steps(self) -> int:
        return self._run.segments[-1].schedule_end

    def _rates(self) -> list[tuple[int, float]]:
        """The learning rate of the steps from the first to the last, 1 being the first."""
        count = self._num_steps
        spread = {1 + (count - 1) * place // NUM_RATES for place in range(NUM_RATES + 1)}
        changes = {segment.first_step + side for segment in self._run.segments for side in (0, 1)}
        steps = spread | changes | set(range(1, FIRST_RATES))
        return [
            (step, self._run.learning_rate(step - 1)) for step in sorted(steps) if 0 < step <= count
        ]
