"""The run that would start now, as the current settings describe it."""

from math import log

from app.page.aliases import ChartFrame, LossUnit
from app.page.data_controller import DataController
from app.page.engines import Engines
from app.page.run import RunRecord
from app.page.vocabulary import Vocabulary
from app.shared.experiment import Experiment
from app.shared.presets import is_task
from microgpt.settings import num_params


class NextRun:
    """The next run; everything is worked out when it is asked for.

    Args:
        experiment: its settings.
        vocabulary: its tokens.
        data: what it trains on.
        engines: what can compute it.
    """

    def __init__(
        self,
        experiment: Experiment,
        vocabulary: Vocabulary,
        data: DataController,
        engines: Engines,
    ) -> None:
        self._experiment = experiment
        self._vocabulary = vocabulary
        self._data = data
        self._engines = engines

    def record(self, paused: bool) -> RunRecord:
        """The run, to be started; `paused`: whether it waits at once."""
        engine, precision = self.engine()
        run = RunRecord(
            self._experiment.run(),
            self._data.source,
            self.frame(),
            self.signature(),
            self._vocabulary.vocab_size,
            self._num_params(),
            engine,
            precision,
        )
        run.paused = paused
        return run

    def signature(self) -> list[int | float | str]:
        """Equal to a run's signature where this one would give the same results."""
        return self._experiment.signature() + [self._data.revision]

    def frame(self) -> ChartFrame:
        """What its chart shows."""
        guessing = log(self._vocabulary.vocab_size)
        return self.num_steps(), guessing, is_task(self._experiment.data), self._unit()

    def num_steps(self) -> int:
        """How long it is."""
        return int(self._experiment.values["num_steps"])

    def engine(self) -> tuple[str, str]:
        """Engine and precision that compute it."""
        return self._engines.choose(self._experiment.run())

    def fell_back(self) -> bool:
        """Whether nothing compiled can run, though it is asked for."""
        engine, _ = self.engine()
        return engine == "scalar" and self._experiment.values["engine"] != "scalar"

    def seconds(self) -> float:
        """How long computing it will take."""
        engine, _ = self.engine()
        documents = int(self._experiment.values["batch_size"]) * self.num_steps()
        return self._engines.estimate(engine, self._num_params() * documents)

    def _num_params(self) -> int:
        shape = self._experiment.shape()
        return num_params(
            self._vocabulary.vocab_size, shape["n_embd"], shape["n_layer"], shape["block_size"]
        )

    def _unit(self) -> LossUnit:
        vocabulary = self._vocabulary
        tokens = (vocabulary.limit, vocabulary.split) if vocabulary.bpe else ()
        return (self._experiment.data, self._data.revision), tokens
