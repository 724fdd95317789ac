"""What a run means, worked out beside it and behind it: baselines, and what its lines say of it."""

from __future__ import annotations

import random
from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING

from app.shared import commands, events
from app.worker.generation import Generation
from app.worker.runs import Runs
from app.worker.sample_writer import MAX_OPERATIONS_TOGETHER
from app.worker.training import Training
from app.worker.types import Clock, Post
from microgpt.run import Run
from microgpt.sampler import generate, write_together

if TYPE_CHECKING:
    from microgpt.verdict import LineIndex

NUM_LINES, NUM_LINES_OF_LARGE_MODELS = 50, 12  # that a run writes to be judged by
LIVE_SECONDS = 0.4  # from the start of a run that another may follow, before the work on it begins
MAX_NEAREST = 12  # lines whose nearest one in the data is looked for


class Meaning:
    """Works on the current run, a little at a time.

    Args:
        post, clock: as for `Session`.
        runs: have the run.
        generation: has the sampling settings.
    """

    def __init__(self, post: Post, clock: Clock, runs: Runs, generation: Generation) -> None:
        self._post, self._clock, self._runs, self._generation = post, clock, runs, generation
        self._training: Training | None = None  # that all else here is about
        self._work: Iterator[None] | None = None
        self._rests_on_model = False  # whether this is about the run's model as it is
        self._model: object = None  # what that and its lines depend on, None while it is trained
        self._begin_at = 0.0  # when the work on it begins
        self._judged = False  # whether its lines are, or are being judged
        self._written: list[str] = []
        self._shows_nearest = self._has_nearest = False  # wanted; told, or being looked for
        self._baselines: tuple[Run, list[tuple[str, float]]] | None = None  # and of which run
        self._index: tuple[tuple[str, ...], LineIndex] | None = None  # of these documents

    def show_nearest(self, command: commands.ShowNearestCommand) -> None:
        """Says to what lines the run's are nearest, if it has written any, and after later runs."""
        self._shows_nearest, self._has_nearest = command["shown"], False

    def work(self, deadline: float) -> float | None:
        """Works until `deadline`; returns the seconds until there is more to do, None: no more."""
        self._follow(self._runs.training)
        wait = self._begin_at - self._clock()
        if self._work is not None and wait > 0:
            return wait
        work, self._work = self._work, None  # where it raises, it is over
        if work is None:
            return None
        try:
            for _ in work:
                if self._clock() >= deadline:
                    self._work = work
                    return 0.0
        except FloatingPointError:
            pass  # the run has as good as diverged: of its model there is nothing to be said
        return 0.0

    def _follow(self, training: Training | None) -> None:
        """Takes up what there is to be done for the current run, and drops what is out of date."""
        if training is not self._training:
            self._training, self._rests_on_model = training, False
            self._begin_at = self._clock() + (LIVE_SECONDS if training and training.live else 0.0)
            self._work = None if training is None else self._measure_baselines(training)
        model = self._model_of(training)
        if model != self._model:
            self._model, self._judged, self._written = model, False, []
            if self._rests_on_model and self._work is not None:
                self._work = None
                if training is not None and training.diagnosing is not None:
                    training.diagnosing.looked_at = -1  # perhaps it was half looked at
        if self._work is None and training is not None and not training.state.running:
            self._work, self._rests_on_model = self._next_work(training), True

    def _model_of(self, training: Training | None) -> object:
        """What a run's model and its lines depend on: equal if they are the same."""
        if training is None or training.state.running:
            return None
        # The steps of a run follow from its segments.
        return training, training.step, tuple(training.run.segments), self._generation.sampling()[0]

    def _next_work(self, training: Training) -> Iterator[None] | None:
        """What is to be done for a run that waits or is over; None if that is nothing."""
        if training.state.done and not self._judged:
            self._judged, self._has_nearest = True, False
            return self._judge(training)
        if self._shows_nearest and not self._has_nearest and self._written:
            self._has_nearest = True
            return self._find_nearest(training)
        return self._look(training)

    def _look(self, training: Training) -> Iterator[None] | None:
        """A look at a run that waits or is over, if it is to be looked at and was not yet."""
        diagnosing = training.diagnosing
        if diagnosing is None or diagnosing.looked_at == training.step:
            return None
        return diagnosing.look(training.step)

    def _measure_baselines(self, training: Training) -> Iterator[None]:
        run = training.run
        if self._baselines is None or not _have_same_baselines(run, self._baselines[0]):
            losses = yield from run.baselines()
            self._baselines = run, list(losses.items())
        self._post(
            events.BaselinesEvent(type="baselines", run=training.number, losses=self._baselines[1])
        )

    def _judge(self, training: Training) -> Iterator[None]:
        run = training.run
        # Imported here, so that nobody waits for it at the start.
        from microgpt.verdict import judge_gap, judge_samples

        train, held_out = (yield from run.gap()) or (0.0, 0.0)
        self._written = yield from self._write(run)
        documents = run.dataset.documents
        verdict = yield from judge_samples(self._written, frozenset(documents), documents)
        self._post(
            events.SamplesVerdictEvent(
                type="samples_verdict",
                run=training.number,
                gap=judge_gap(train, held_out) if held_out else "",
                train_loss=train,
                held_out_loss=held_out,
                whole=not run.windowed,
                count=verdict.count,
                in_data=verdict.in_data,
                different=verdict.different,
                diversity=verdict.diversity,
                data_diversity=verdict.data_diversity,
            )
        )

    def _write(self, run: Run) -> Generator[None, None, list[str]]:
        """Lines of the run's model, with the current sampling settings.

        With a mask each answers a question of the data, since the model has learned no questions.
        """
        config, _ = self._generation.sampling()
        shape, bos = run.engine.config, run.tokenizer.bos
        seed = run.training.seed * 1_000_003
        small = 2 * shape.num_params * shape.block_size <= MAX_OPERATIONS_TOGETHER
        count = NUM_LINES if small else NUM_LINES_OF_LARGE_MODELS
        rngs = [random.Random(seed + number) for number in range(count)]
        if small and not run.training.mask:
            written = yield from write_together(run.engine, bos, config, rngs)
            return [run.tokenizer.decode(one.tokens) for one in written]
        lines = []
        for rng in rngs:
            opening = run.opening(rng)
            tokens = list(opening)
            for choice in generate(run.engine, bos, config, rng, opening):
                tokens.append(choice.token)
                yield
            lines.append(run.tokenizer.decode(tokens))
        return lines

    def _find_nearest(self, training: Training) -> Iterator[None]:
        from microgpt.verdict import index_lines

        documents = training.run.dataset.documents
        if self._index is None or self._index[0] != documents:
            self._index = documents, (yield from index_lines(documents))
        lines = list(dict.fromkeys(self._written))[:MAX_NEAREST]
        for number, line in enumerate(lines):
            nearest = yield from self._index[1].nearest(line)
            self._post(
                events.NearestLinesEvent(
                    type="nearest_lines",
                    run=training.number,
                    first=number == 0,
                    rows=[(line, nearest.text, nearest.distance)],
                )
            )


def _have_same_baselines(run: Run, other: Run) -> bool:
    return (
        run.dataset.train == other.dataset.train
        and run.dataset.held_out == other.dataset.held_out
        and run.tokenizer.tokens == other.tokenizer.tokens
        and run.engine.config.block_size == other.engine.config.block_size
        and run.windowed == other.windowed
        and run.training.mask == other.training.mask
    )
