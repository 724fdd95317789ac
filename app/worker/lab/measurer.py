"""From what the pool says of a run to its result, as `SweepRunner` has it to the last bit.

Losses come from the pool; what needs the model itself is measured here, in an engine that has its
weights.
"""

from __future__ import annotations

import math
import random
from collections.abc import Generator
from typing import TYPE_CHECKING

from app.worker.draws import Draws
from app.worker.pool.engines import ResultEngines
from app.worker.pool.result import PoolResult
from microgpt.config import SampleConfig, TrainConfig
from microgpt.dataset import Dataset
from microgpt.lab.measuring import FURTHER_MEASURES, FinishedRun, TrainingCurves
from microgpt.lab.results import RunResult
from microgpt.lab.runner import LOWEST_EVAL_DOCUMENTS
from microgpt.lab.sweep import Sweep
from microgpt.model import init_weights
from microgpt.run import Run
from microgpt.sampler import write_together
from microgpt.trainer import NO_DOCUMENTS, TrainProgress

if TYPE_CHECKING:
    from microgpt.lab.sweep import SweepValues

NUM_LAB_SAMPLES = 3
DRAWING = ("diversity",)  # measures that draw from a run's random numbers


class Measurer:
    """Measures runs one after the other: they share engines.

    Args:
        draws: the orders of the documents.
    """

    def __init__(self, draws: Draws) -> None:
        self._draws = draws
        self._engines = ResultEngines()

    def needs_model(self, sweep: Sweep, result: PoolResult) -> bool:
        """Whether more is to be measured than the pool has said."""
        if result.diverged:
            return False
        further = sweep.measured in FURTHER_MEASURES and not result.run.with_gap
        return further or result.run.tested

    def quick(self, varied: SweepValues, result: PoolResult) -> RunResult:
        """What came of a run by what the pool has said of it."""
        return _result(varied, result, told_by(result), {})

    def measure(
        self, sweep: Sweep, varied: SweepValues, result: PoolResult
    ) -> Generator[None, None, RunResult]:
        """What came of a run, with what is measured of its model; yields are yield points."""
        values, curves = sweep.values(varied), told_by(result)
        run = yield from self._run(values, result)
        if result.run.tested:
            run.add_task_eval(sweep.data)
            yield from self._test(run, result, curves)
        if sweep.measured not in FURTHER_MEASURES:
            return _result(varied, result, curves, {})
        if sweep.measured in DRAWING:
            init_weights(run.engine.config, run.rng, run.training.init_std)
            yield
        run.engine.load_state(result.state)
        finished = FinishedRun(run, values, curves.measures(), sweep.output)
        found = yield from FURTHER_MEASURES[sweep.measured](finished)
        known = found is not None and math.isfinite(found)
        further = {sweep.measured: found} if found is not None and known else {}
        return _result(varied, result, curves, further, finished.samples)

    def write(
        self, sweep: Sweep, varied: SweepValues, result: PoolResult
    ) -> Generator[None, None, list[str]]:
        """Some samples of the model of a run; yields are yield points."""
        values = sweep.values(varied)
        run = yield from self._run(values, result)
        run.engine.load_state(result.state)
        rng = random.Random(int(values["seed"]))
        rngs = [random.Random(rng.getrandbits(32)) for _ in range(NUM_LAB_SAMPLES)]
        sampling = SampleConfig(
            float(values["temperature"]), int(values["top_k"]), float(values["top_p"])
        )
        opening = run.opening(rng)
        written = yield from write_together(run.engine, run.tokenizer.bos, sampling, rngs, opening)
        return [run.tokenizer.decode(each.tokens) for each in written]

    def _test(
        self, run: Run, result: PoolResult, curves: TrainingCurves
    ) -> Generator[None, None, None]:
        """Test the model on its task as it was at several steps."""
        if run.task_eval is None:
            return
        for step, weights in [*result.snapshots, (len(result.losses), result.weights)]:
            run.engine.load_state(result.state_of(weights))
            accuracy, known = (yield from run.task_eval.accuracy(run.engine)), None
            if run.train_task_eval is not None:
                known = yield from run.train_task_eval.accuracy(run.engine)
            curves.add(TrainProgress(step, [], accuracy=accuracy, train_accuracy=known))

    def _run(self, values: SweepValues, result: PoolResult) -> Generator[None, None, Run]:
        """The run as `SweepRunner` has it, but with any weights."""
        corpus = result.run.corpus
        assert corpus is not None
        assert result.tokenizer is not None
        training = TrainConfig.of(values)
        dataset, rng = yield from self._draws.dataset(
            corpus.documents, training.eval_fraction, training.seed
        )
        num_docs = result.run.num_docs
        if num_docs and num_docs < len(dataset.train):
            dataset = Dataset(dataset.train[:num_docs], dataset.held_out, dataset.characters)
        engine = self._engines.of(result)
        yield
        windowed = corpus.options.windowed
        return Run(dataset, result.tokenizer, training, engine, rng, NO_DOCUMENTS, windowed)


def told_by(result: PoolResult) -> TrainingCurves:
    """What the pool has said of a run, in the words of training."""
    curves, step = TrainingCurves(), len(result.losses)
    curves.add(TrainProgress(step, result.losses[-1:].tolist()))
    for at, loss in result.curve:
        curves.add(TrainProgress(at, [], held_out_loss=loss))
    if result.held_out_loss is not None:
        curves.add(TrainProgress(step, [], held_out_loss=result.held_out_loss, held_out_count=1))
    return curves


def _result(
    varied: SweepValues,
    result: PoolResult,
    curves: TrainingCurves,
    further: dict[str, float],
    samples: list[str] | None = None,
) -> RunResult:
    assert result.config is not None
    num_params, seconds = result.config.num_params, {"seconds": result.seconds}
    if result.diverged:
        diverged = len(result.losses) + 1
        return RunResult(varied, seconds, num_params=num_params, diverged=diverged)
    measures = curves.measures() | seconds | further
    if result.run.curve_documents < LOWEST_EVAL_DOCUMENTS:
        measures.pop("lowest_held_out_loss", None)  # of so few documents it was not asked for
    if result.held_out_loss is not None and result.known_loss is not None:
        measures["gap"] = result.held_out_loss - result.known_loss
    return RunResult(varied, measures, curves.curves(), num_params, samples or [])
