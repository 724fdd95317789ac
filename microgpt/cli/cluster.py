"""The commands train and generate with the engine jax, in one process or as one of many.

All processes of a run are started with the same options and do the same; one of them writes.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from functools import partial
from importlib.util import find_spec
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING

from microgpt.checkpoint import Checkpoint
from microgpt.cli import files, report
from microgpt.cli.exit_codes import exit_code
from microgpt.cli.jax_data import jax_data
from microgpt.cli.jax_reports import JaxJsonReporter, JaxTextReporter, SilentReporter
from microgpt.cli.options import option_of
from microgpt.cli.saving import RunSaver
from microgpt.cli.setup import Values, architecture, sample_config
from microgpt.cli.training import follow, write_samples
from microgpt.cli.until import Until
from microgpt.config import LargeModelConfig, ModelConfig, TrainConfig
from microgpt.generators import drain
from microgpt.run import Run
from microgpt.sampler import Writer
from microgpt.segments import first_segment
from microgpt.settings import MODEL, SettingError
from microgpt.stopping import parse_stop_rules
from microgpt.trainer import DivergedError, TrainProgress
from microgpt.training_record import progress_from_about, record_from_about

if TYPE_CHECKING:
    from microgpt.jax.engine import JaxEngine
    from microgpt.jax.layout import DeviceLayout
    from microgpt.jax.model_files import StoredModel
    from microgpt.jax.processes import Cluster


def train_with_jax(options: argparse.Namespace, values: Values) -> None:
    """Train a model; with several processes this ends the process."""
    _check_jax()
    # Imported here, so that nobody else waits for JAX, or needs it.
    from microgpt.jax.processes import Cluster, run_as_one_of_many

    numbers = (options.num_processes, options.process_id, options.devices)
    cluster = Cluster(options.coordinator, *numbers)
    if cluster.num_processes > 1:
        sys.exit(run_as_one_of_many(cluster, train_as_one_of_many, options, values))
    from microgpt.jax.layout import single_process

    _train(options, values, partial(single_process, cluster.devices), is_first=True)


def train_as_one_of_many(
    cluster: Cluster, port: int, parent: Connection, options: argparse.Namespace, values: Values
) -> None:
    """What the child of one of several processes does; see `ClusterJob`."""
    from microgpt.jax.child import start_jax, work

    start = partial(start_jax, cluster, port)
    train = partial(_train, options, values, start, is_first=cluster.process_id == 0)
    work(partial(exit_code, train), cluster, parent)


def open_with_jax(path: Path, values: Values) -> tuple[Checkpoint, JaxEngine]:
    """A model in a file, without its numbers, and an engine that holds it."""
    _check_jax()
    from microgpt.jax.engine import JaxEngine
    from microgpt.jax.layout import make_layout
    from microgpt.jax.model_files import load_into

    stored = _open(path)
    checkpoint = stored.checkpoint
    # Weights to begin with, which those of the file replace.
    engine = JaxEngine(checkpoint.config, make_layout(), (0, 1.0), str(values["precision"]))
    with files.model_errors(path):
        load_into(engine, stored, slots=False)
    return checkpoint, engine


def _train(
    options: argparse.Namespace,
    values: Values,
    start: Callable[[], DeviceLayout],
    *,
    is_first: bool,
) -> None:
    """Train a model, save it if a file is given, and write samples.

    Args:
        options: of the command line.
        values: all settings by name.
        start: starts JAX, and returns the devices.
        is_first: whether this process writes the output and the files.
    """
    from microgpt.jax.run import prepare_jax_run
    from microgpt.jax.usage import Usage

    stored = _open(options.resume) if options.resume else None
    code = files.read_code(options.code)
    if stored and code is None:
        code = stored.checkpoint.config.code
    if options.save:
        if is_first:
            files.check_writable(options.save)
        files.check_savable(code)
    elif options.save_every:
        raise SettingError("--save-every needs --save FILE.")
    rules = parse_stop_rules(options.until)
    sampling, training = sample_config(values), TrainConfig.of(values)
    rng = random.Random(training.seed)
    known = stored.checkpoint.tokenizer() if stored else None
    data = jax_data(options.data, values, training, rng, known)
    config = LargeModelConfig(data.tokenizer.vocab_size, code=code, **architecture(values))
    if stored:
        _check_same(stored.checkpoint, config, options.resume, len(data.dataset))
    layout = start()
    run = prepare_jax_run(
        *(data.dataset, data.tokenizer, training, config, layout, rng),
        precision=str(values["precision"]),
        windowed=data.windowed,
    )
    engine: JaxEngine = run.engine  # type: ignore[assignment]
    run.add_task_eval(" ".join(options.data))
    prefix = data.tokenizer.encode_prefix(str(values["prefix"]))
    Writer(engine, data.tokenizer.bos, prefix)  # a bad prefix is an error before training
    until = Until(rules, run)
    saver = JaxSaver(run, options, values, writes=is_first) if options.save else None
    step = _resume(run, stored, saver, options.resume) if stored else 0
    usage = Usage(engine, training.batch_size)
    reporter: report.Reporter = SilentReporter()
    if is_first and options.json:
        reporter = JaxJsonReporter(" ".join(options.data), values, usage)
    elif is_first:
        reporter = JaxTextReporter(training, usage)
        report.print_notes(data.remarks)
    reporter.begin_training(run)
    follow(run, reporter, until, saver, options.save, step, options.stop_after)
    count = int(values["num_samples"])
    parts = (engine, data.tokenizer, prefix, sampling, run.rng, count, reporter)
    write_samples(*parts, opening=run.opening)


class JaxSaver(RunSaver):
    """Saves a run with JAX, at its end and now and then before.

    All processes make one, since the numbers lie on the devices of all.

    Args:
        run: while it trains.
        options: of the command line.
        values: all settings by name.
        writes: whether this process writes the file.
    """

    def __init__(
        self, run: Run, options: argparse.Namespace, values: Values, *, writes: bool
    ) -> None:
        # The page knows neither JAX nor its numbers; the file's have 32 bits.
        super().__init__(run, options.data, {**values, "engine": "auto", "precision": "f32"})
        self._path, self._every, self._writes = options.save, options.save_every, writes
        self._several = options.num_processes > 1

    def add(self, progress: TrainProgress) -> None:
        before = self._step
        super().add(progress)
        if self._every and progress.step // self._every > before // self._every:
            self.write(self._path)

    def save(self, path: Path) -> None:
        error = sys.exception()
        # The others know nothing of what ended this process alone, and do not come to save.
        if not self._several or error is None or isinstance(error, DivergedError):
            super().save(path)

    def write(self, path: Path) -> None:
        from microgpt.jax.model_files import save

        engine: JaxEngine = self._run.engine  # type: ignore[assignment]
        if not self._writes:
            save(None, engine, self.described())
            return
        with files.replacing(path) as partial:
            save(partial, engine, self.described())


def _check_jax() -> None:
    if find_spec("jax") is None:
        raise SettingError(
            "The engine jax needs the package jax: install it with pip install "
            "'microgpt-playground[jax]', or choose another engine."
        )


def _open(path: Path) -> StoredModel:
    from microgpt.jax.model_files import open_model

    with files.model_errors(path):
        return open_model(path)


def _check_same(model: Checkpoint, config: ModelConfig, path: Path, num_documents: int) -> None:
    """Raise `SettingError` unless a run with these parts can go on with a model."""
    if model.config != config:
        sizes = {row.name: getattr(model.config, row.name) for row in MODEL}
        options = " ".join(
            f"{option_of(name)} {size}"
            for name, size in sizes.items()
            if size != getattr(config, name)
        )
        raise SettingError(
            f"The model in '{path}' is another one: give {options or 'the same --code'} as well."
        )
    count = record_from_about(model.about).data.documents
    if count and count != num_documents:
        raise SettingError(
            f"The run in '{path}' had {count:,} documents, but there are {num_documents:,} here: "
            "give the same --data and options for it."
        )


def _resume(run: Run, stored: StoredModel, saver: JaxSaver | None, path: Path) -> int:
    """Have a run go on with one that was saved; returns the step to go on with."""
    from microgpt.jax.model_files import load_into

    about, training = stored.checkpoint.about, run.training
    with files.model_errors(path):
        record, progress = record_from_about(about), progress_from_about(about)
        step = progress.step
        if step >= training.num_steps:
            raise SettingError(
                f"The run in '{path}' has done its {step:,} steps: give more --steps to go on."
            )
        segments = list(record.segments) or [first_segment(training)]
        if segments[-1].training != training:
            last = segments[-1].then(step, training, 0, training.num_steps)
            segments = [each for each in segments if each.first_step < step] + [last]
        for segment in segments:
            drain(run.add_segment(segment))
        same = stored.checkpoint.optimizer.name == training.optimizer
        load_into(run.engine, stored, slots=same)  # type: ignore[arg-type]
    if saver is not None:
        saver.go_on(record)
    return step
