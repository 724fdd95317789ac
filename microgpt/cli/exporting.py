"""The command `export`: a run of the options, or a saved model, as files that need nothing else."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from microgpt.checkpoint import to_bytes
from microgpt.cli import files, report
from microgpt.cli.corpus_summary import advice_sentences
from microgpt.cli.options import DEFAULT_DATA, OPTION_ROWS, SAMPLING_NAMES
from microgpt.cli.saving import RunSaver
from microgpt.cli.setup import (
    Values,
    architecture,
    load_named,
    prepare,
    sample_config,
    tokenizer_of,
)
from microgpt.cli.terminal import one_line
from microgpt.config import ModelConfig, TrainConfig
from microgpt.export.exported_run import ExportedRun
from microgpt.export.exports import export_files, run_of_file, with_documents
from microgpt.settings import SettingError

KEPT_WITH_A_MODEL = (*SAMPLING_NAMES, "seed")  # options that have a meaning beside --model


def export(options: argparse.Namespace, values: Values) -> None:
    """Write the files, and say which.

    Raises:
        SettingError, FileError, DataError: it cannot be done; one sentence says why.
    """
    out: Path = options.out
    if out.suffix != ".py" or not out.stem.strip("."):
        raise SettingError(f"--out must be the name of a program, which ends in .py, not '{out}'.")
    files.check_writable(out)
    make = _of_options if options.model is None else _of_model
    run = replace(
        make(options, values),
        sampling=sample_config(values),
        prefix=str(values["prefix"]),
        num_samples=int(values["num_samples"]),
    )
    made = export_files(options.kind, run)
    paths = [out.with_name(name) for name in made]
    for path in paths:
        files.check_writable(path)
    for path, content in zip(paths, made.values(), strict=True):
        files.write_file(path, content)
        print(f"{one_line(str(path))}: {len(content):,} bytes")


def _of_options(options: argparse.Namespace, values: Values) -> ExportedRun:
    """The run of the options; it is trained if its weights are wanted."""
    names, code = options.data or [DEFAULT_DATA], files.read_code(options.code)
    training, name = TrainConfig.of(values), options.out.stem
    corpus = load_named(names, values)
    if options.kind == "python":
        tokenizer = tokenizer_of(corpus, values)
        config = ModelConfig(tokenizer.vocab_size, code=code, **architecture(values))
        return ExportedRun(
            config,
            tokenizer,
            name,
            training,
            " ".join(names),
            corpus.documents,
            corpus.options.windowed,
        )
    files.check_savable(code)
    reporter = report.TextReporter(training)
    report.print_notes([*corpus.loading_remarks, *advice_sentences(corpus)])
    run = prepare(corpus, training, values, code)
    reporter.begin_training(run)
    saver = RunSaver(run, names, values)
    for progress in run.train():
        saver.add(progress)
        reporter.report_progress(progress)
    reporter.end_training()
    exported, _ = run_of_file(to_bytes(saver.checkpoint()), name)
    return replace(exported, training=training)


def _of_model(options: argparse.Namespace, values: Values) -> ExportedRun:
    """The model in a file."""
    if options.code:
        raise SettingError("--model brings its own settings: leave out --code.")
    for option, row in OPTION_ROWS.items():
        given = option in values and values[option] != row.default
        if given and option not in KEPT_WITH_A_MODEL:
            raise SettingError(f"--model brings its own settings: leave out {row.label.lower()}.")
    name = options.out.stem
    with files.model_errors(options.model):
        run, record = run_of_file(options.model.read_bytes(), name)
    if options.kind != "python":
        return replace(run, training=TrainConfig(seed=int(values["seed"])))
    names = options.data or run.data.split() or [DEFAULT_DATA]
    told = {**values, **record.data.options, **record.settings}
    corpus = load_named(names, told)
    return with_documents(run, record, corpus.documents, corpus.options.windowed)
