"""Several runs that differ in their seed alone: the band of their losses, the spread of their bars.

They are trained in the pool, beside the run that the page shows, which is the first of them.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator

from app.shared.events import SeedsEvent, SpreadEvent
from app.shared.seeds import TrainSeedsCommand
from app.worker.band import band, band_steps, smoothed_at
from app.worker.generation import Generation
from app.worker.pool.batch import Batch
from app.worker.pool.engines import ResultEngines
from app.worker.pool.jobs import PoolRun, with_seed
from app.worker.pool.pool import Pool
from app.worker.pool.result import PoolResult
from app.worker.types import Clock, Post
from microgpt.config import SampleConfig
from microgpt.corpus.loading import Corpus
from microgpt.lab import statistics
from microgpt.sampler import adjust
from microgpt.settings import setting

BAND_SECONDS = 0.25  # between two `seeds` events, at least
MIN_SPREAD = 2  # models that differ


class Seeds:
    """The runs of the newest command.

    Args:
        post, clock: as for `Session`.
        pool: trains them.
        generation: has the text whose next token they disagree about.
    """

    def __init__(self, post: Post, clock: Clock, pool: Pool, generation: Generation) -> None:
        self._post, self._clock = post, clock
        self._pool, self._generation = pool, generation
        self._batch: Batch | None = None
        self._run = self._of = self._done = 0
        self._steps: list[int] = []
        self._results: list[PoolResult] = []
        self._curves: list[list[float]] = []
        self._failure = ""
        self._told = self._told_at = 0.0
        self._engines = ResultEngines()  # to ask them one by one
        self._spread: Iterator[None] = iter(())
        self._spread_of: int | None = None  # the number of the `explore` command it is of

    def train(self, corpus: Corpus, command: TrainSeedsCommand) -> None:
        """Trains the runs of a command in place of those that there are."""
        self.stop()
        count, settings = command["count"], command["settings"]
        if count < MIN_SPREAD:
            return
        first = int(str(settings["seed"]))
        most = int(setting("seed").high or first + count)
        seeds = [(first + i) % (most + 1) for i in range(count)]
        run = PoolRun(settings, command["code"], weights=True)
        self._run, self._of = command["run"], count
        self._steps = band_steps(int(str(settings["num_steps"])))
        self._batch = self._pool.submit(
            corpus, [with_seed(run, seed) for seed in seeds], self._take
        )

    def stop(self) -> None:
        """There are none any more."""
        if self._batch is not None:
            self._batch.stop()
        self._batch, self._engines = None, ResultEngines()
        self._done, self._told = 0, 0
        self._results, self._curves, self._failure = [], [], ""
        self._spread, self._spread_of = iter(()), None

    def work(self, deadline: float) -> float | None:
        """Tells what is new; returns the seconds until there may be more to do, None: no more."""
        if self._batch is None:
            return None
        wait = self._told_at + BAND_SECONDS - self._clock()
        if self._done > self._told and (wait <= 0 or self._batch.over):
            self._tell()
        for _ in self._newest_spread():
            if self._clock() >= deadline:
                return 0.0
        return max(0.0, wait) if self._done > self._told else None

    def _take(self, result: PoolResult) -> None:
        self._done += 1
        if result.failure:
            self._failure = result.failure
            return
        self._results.append(result)
        self._curves.append(smoothed_at(result.losses, self._steps))

    def _tell(self) -> None:
        self._told, self._told_at = self._done, self._clock()
        ended = [result for result in self._results if not result.diverged]
        losses = [result.losses[-1] for result in ended]
        held_out = [loss for result in ended if (loss := result.held_out_loss) is not None]
        self._post(
            SeedsEvent(
                type="seeds",
                run=self._run,
                of=self._of,
                done=self._done,
                seeds=[int(str(result.run.settings["seed"])) for result in self._results],
                losses=losses,
                held_out=held_out,
                middle=list(statistics.band(held_out or losses)) if ended else [],
                diverged=len(self._results) - len(ended),
                failure=self._failure,
                blob=band(self._curves, self._steps),
            )
        )

    def _newest_spread(self) -> Iterator[None]:
        """The work on the spread at the moment that is explored now; yields between models."""
        # All at once: what half of them say would be drawn anew in a moment.
        if self._batch is None or not self._batch.over:
            return iter(())
        moment = self._generation.explored()
        if moment is None:
            return iter(())
        number, tokens, config = moment
        if number != self._spread_of:
            self._spread_of = number
            models = [result for result in self._results if self._knows(result, tokens)]
            enough = len(models) >= MIN_SPREAD
            self._spread = self._measure(number, tokens, config, models) if enough else iter(())
        return self._spread

    def _knows(self, result: PoolResult, tokens: list[int]) -> bool:
        """Whether the tokens are those of a run that has ended well."""
        tokenizer, config = result.tokenizer, result.config
        if tokenizer is None or config is None or result.diverged:
            return False
        same = tokenizer.tokens == self._generation.current_model().tokenizer.tokens
        return same and len(tokens) <= config.block_size

    def _measure(
        self, number: int, tokens: list[int], config: SampleConfig, models: list[PoolResult]
    ) -> Generator[None, None, None]:
        found = []
        for result in models:
            engine = self._engines.of(result)
            engine.load_state(result.state)
            found.append(adjust(next(engine.logits_after([tokens])), config))
            yield
        bands = statistics.bands(found)
        self._post(
            SpreadEvent(
                type="spread",
                number=number,
                of=len(models),
                low=[each.low for each in bands],
                high=[each.high for each in bands],
            )
        )
