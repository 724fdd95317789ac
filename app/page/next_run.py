"""The run that would start now, as the current settings describe it."""

from math import log

from app.page.aliases import ChartFrame, DataKey, LossUnit
from app.page.cautions import NextFacts
from app.page.code_check import CodeCheck
from app.page.data_controller import DataController
from app.page.data_key import key_titles
from app.page.engines import Engines, Workload
from app.page.run import RunRecord
from app.page.vocabulary import Vocabulary
from app.shared.experiment import (
    CONTINUED_SETTINGS,
    DEFINING_SETTINGS,
    MODEL_SETTINGS,
    STEERED_SETTINGS,
    Experiment,
    differences,
)
from app.shared.presets import find, is_task
from app.shared.typed import SettingValues
from microgpt.shapes import ModelSizes, num_params


class NextRun:
    """The next run; everything is worked out when it is asked for.

    Args:
        experiment: its settings.
        vocabulary: its tokens.
        data: what it trains on.
        check: knows how many parameters an edited model has.
        engines: what can compute it.
    """

    def __init__(
        self,
        experiment: Experiment,
        vocabulary: Vocabulary,
        data: DataController,
        check: CodeCheck,
        engines: Engines,
    ) -> None:
        self._experiment = experiment
        self._vocabulary = vocabulary
        self._data = data
        self._check = check
        self._engines = engines
        self.is_followed = False  # whether it starts by itself whenever something changes

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
        run.code = self._experiment.code
        run.paused = paused
        run.stops = self.stops
        run.positions = self.positions()
        return run

    @property
    def stops(self) -> list[str]:
        """The rules that stop it."""
        return self._experiment.stops

    def live_record(self) -> RunRecord:
        """The same, at full speed, and in place of one that was trained so as well."""
        run = self.record(False)
        run.settings = dict(run.settings, pace="full")
        run.follows = True
        return run

    def with_settings(self, settings: SettingValues) -> "NextRun":
        """The same with these settings, of which some may have no place on their widgets."""
        exact = Experiment()
        exact.data, exact.code = self._experiment.data, self._experiment.code
        exact.leave_out = self._experiment.leave_out
        exact.values.update(self._experiment.values)
        exact.values.update(settings)
        return NextRun(exact, self._vocabulary, self._data, self._check, self._engines)

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

    def workload(self) -> Workload:
        """What each of its steps computes."""
        engine, precision = self.engine()
        batch_size = int(self._experiment.values["batch_size"])
        return engine, precision, self._num_params(), batch_size, self._unit()

    def compiles(self) -> bool:
        """Whether the compiled engine runs here."""
        return self._engines.compiles

    def seconds(self) -> float:
        """How long computing it will take."""
        return self._engines.estimate(self.workload(), self.positions(), self.num_steps())

    def seconds_of(self, run: RunRecord) -> float:
        """How long computing `run` takes."""
        return self._engines.estimate(run.workload, run.positions, int(run.settings["num_steps"]))

    def positions(self) -> float:
        """How many predictions a document takes on average."""
        lengths, positions = self._vocabulary.lengths, self._data.summary.mean_length
        if self._vocabulary.bpe and lengths is not None:
            bins = lengths["histogram"]
            total = sum([each["documents"] * (each["first"] + each["last"]) / 2 for each in bins])
            positions = total / lengths["documents"]
        return min(positions, float(self._experiment.values["block_size"]))

    def facts(self) -> NextFacts:
        """What is known of it, to see whether its settings make sense."""
        values, summary, source = self._experiment.values, self._data.summary, self._data.source
        preset = find(self._experiment.data)
        vocabulary = self._vocabulary
        lengths = vocabulary.lengths if vocabulary.bpe else summary.lengths
        whole = source is None or not source.is_one_text  # else its pieces are as long as it takes
        recommended: SettingValues = {}
        recommended.update(summary.recommendation if preset is None else preset.recommended)
        return NextFacts(
            values, recommended, self._num_params_at, summary.characters, lengths if whole else None
        )

    def _num_params_at(self, n_embd: int) -> int:
        """How many weights the model would have with an embedding of this width."""
        shape = dict(self._experiment.shape(), n_embd=n_embd)
        sizes = ModelSizes(self._vocabulary.vocab_size, **shape)
        return self._check.num_params or num_params(sizes)

    def continues(self, run: RunRecord) -> bool:
        """Whether it could go on with the model of `run`."""
        return run.complete and self.has_data_of(run) and not self.differs_from(run)

    def replaces(self, run: RunRecord) -> bool:
        """Whether it is what Train means while `run` is paused, because of other data."""
        return run.paused and not self._data.is_empty and not self.has_data_of(run)

    def has_data_of(self, run: RunRecord) -> bool:
        """Whether it trains on the data of `run`."""
        return run.unit[0] == self.data_key()

    def differs_from(self, run: RunRecord) -> str:
        """In words the settings of `run` that would have to be the same to continue it."""
        return self._differences(run, CONTINUED_SETTINGS)

    def differs_beyond_steering(self, run: RunRecord) -> bool:
        """Whether it differs from `run` in more than what can be changed in mid-run."""
        names = [name for name in DEFINING_SETTINGS if name not in STEERED_SETTINGS]
        return bool(self._differences(run, names))

    def has_another_engine(self, run: RunRecord) -> bool:
        """Whether another engine computes it than `run`."""
        return self.engine() != (run.engine, run.precision)

    def with_engine(self, settings: SettingValues) -> SettingValues:
        """The settings of a run, computed by the engine that would compute this one."""
        values = dict(settings)
        for name in ("engine", "precision"):
            values[name] = self._experiment.values[name]
        return values

    def data_titles(self, run: RunRecord) -> tuple[str, str]:
        """What the data of `run` are called, and its own."""
        return key_titles(run.unit[0], self.data_key())

    def has_model_of(self, run: RunRecord) -> bool:
        """Whether its tokens and architecture are those of `run`."""
        return not self._differences(run, MODEL_SETTINGS)

    def _differences(self, run: RunRecord, names: list[str]) -> str:
        values = {name: run.settings[name] for name in names}
        if not self._vocabulary.bpe and values["tokenizer"] == "characters":
            del values["vocab_limit"]  # which is that of BPE
        words = [differences(self._experiment, values), code_difference(self._experiment, run)]
        return ", ".join([each for each in words if each])

    def _num_params(self) -> int:
        sizes = ModelSizes(self._vocabulary.vocab_size, **self._experiment.shape())
        return self._check.num_params or num_params(sizes)

    def data_key(self) -> DataKey:
        """Which data it trains on."""
        return self._experiment.data, self._data.revision, self._experiment.leave_out

    def _unit(self) -> LossUnit:
        vocabulary = self._vocabulary
        tokens = (vocabulary.limit, vocabulary.split) if vocabulary.bpe else ()
        return self.data_key(), tokens


def code_difference(experiment: Experiment, run: RunRecord) -> str:
    """In words the model code of `run`, where that of the experiment is another; else ""."""
    if run.code == experiment.code:
        return ""
    return "Model code as in that run" if run.code else "Model code as it came"
