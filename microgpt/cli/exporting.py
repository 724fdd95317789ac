"""The command `export`: a run of the options, or a saved model, as files that need nothing else."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from microgpt.checkpoint import to_bytes
from microgpt.cli import files, report
from microgpt.cli.corpus_summary import advice_sentences
from microgpt.cli.parser import DATA_NAMES, DEFAULT_DATA, OPTION_ROWS, SAMPLING_NAMES
from microgpt.cli.saving import RunSaver
from microgpt.cli.setup import (
    Values,
    architecture,
    load_named,
    prepare,
    sample_config,
    tokenizer_of,
)
from microgpt.config import ModelConfig, TrainConfig
from microgpt.export.exported_run import ExportedRun
from microgpt.export.exports import export_files, run_of_model, with_documents
from microgpt.settings import SettingError
from microgpt.training_record import record_from_about

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
    run.tokenizer.encode_prefix(run.prefix)  # an unknown character in it is an error
    made = export_files(options.kind, run)
    paths = [out.with_name(name) for name in made]
    for path in paths:
        files.check_writable(path)
    for path, content in zip(paths, made.values(), strict=True):
        files.write_file(path, content)
        print(f"{path}: {len(content):,} bytes")


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
    model = saver.checkpoint()
    return replace(run_of_model(to_bytes(model), model, name), training=training)


def _of_model(options: argparse.Namespace, values: Values) -> ExportedRun:
    """The model in a file."""
    for name, row in OPTION_ROWS.items():
        if name in values and name not in KEPT_WITH_A_MODEL and values[name] != row.default:
            raise SettingError(f"--model brings its own settings: leave out {row.label.lower()}.")
    model = files.read_model(options.model)
    content, name = options.model.read_bytes(), options.out.stem
    run = run_of_model(content, model, name)
    if options.kind != "python":
        return replace(run, training=TrainConfig(seed=int(values["seed"])))
    record = record_from_about(model.about)
    names = options.data or model.about.get("data", DEFAULT_DATA).split()
    told = {**values, **record.data.options, **record.settings}
    chosen = {name: told[name] for name in (*DATA_NAMES, "block_size", "tokenizer")}
    corpus = load_named(names, chosen)
    return with_documents(run, record, corpus.documents, corpus.options.windowed)
