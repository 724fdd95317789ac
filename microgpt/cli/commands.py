"""What each command does, given its parsed options.

The work itself is done by `run.py`, `sampler.py`, `corpus/` and the compiler; errors are reported
by `main.py`.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

from microgpt.cli import files, report
from microgpt.cli.corpus_summary import TokenSummary, advice_sentences
from microgpt.cli.options import DEFAULT_DATA, JAX, option_of, parse_settings
from microgpt.cli.setup import (
    Values,
    architecture,
    corpus_options,
    load_named,
    prepare,
    sample_config,
    tokenizer_of,
)
from microgpt.cli.training import follow, write_samples
from microgpt.cli.until import Until
from microgpt.config import ModelConfig, TrainConfig
from microgpt.corpus.loading import Corpus, load_corpus, load_documents
from microgpt.corpus.options import CorpusOptions
from microgpt.dataset import DataError
from microgpt.engine import Engine, LanguageModel, create_engine
from microgpt.generators import drain
from microgpt.run import Run
from microgpt.sampler import Writer
from microgpt.sequences import measure_lengths
from microgpt.settings import SettingError, num_held_out
from microgpt.stopping import parse_stop_rules

if TYPE_CHECKING:
    from microgpt.checkpoint import Checkpoint
    from microgpt.cli.saving import RunSaver

MAX_MEAN_DOCUMENTS = 500  # enough for the mean of an activation


def run_train(options: argparse.Namespace) -> None:
    """Train a model, save it if a file is given, and write samples."""
    values = parse_settings(options)
    _check_stop_after(options)
    if values["engine"] == JAX:
        from microgpt.cli.cluster import train_with_jax

        train_with_jax(options, values)
        return
    _check_no_jax(options)
    sampling = sample_config(values)
    code = files.read_code(options.code)
    if options.save:
        files.check_writable(options.save)
        files.check_savable(code)
    rules = parse_stop_rules(options.until)
    training = TrainConfig.of(values)
    corpus = load_named(options.data, values)
    run = prepare(corpus, training, values, code)
    run.add_task_eval(" ".join(options.data))  # several data sets together are no task
    prefix = run.tokenizer.encode_prefix(str(values["prefix"]))
    Writer(run.engine, run.tokenizer.bos, prefix)  # a bad prefix is an error before training

    until = Until(rules, run)

    reporter: report.Reporter = report.JsonReporter(" ".join(options.data), values)
    if not options.json:
        reporter = report.TextReporter(training)
        report.print_notes([*corpus.loading_remarks, *advice_sentences(corpus)])
    reporter.begin_training(run)
    saver = _saver(run, options, values)
    follow(run, reporter, until, saver, options.save, stop=options.stop_after)
    count = int(values["num_samples"])
    parts = (run.engine, run.tokenizer, prefix, sampling, run.rng, count, reporter)
    write_samples(*parts, opening=run.opening)


def run_sweep(options: argparse.Namespace) -> None:
    """Train many models, and print what each came to."""
    # Imported here, so that other commands do not wait for it.
    from microgpt.cli.sweeps import run_sweep_command

    _check_stop_after(options)
    run_sweep_command(options, files.read_code(options.code))


def run_compare(options: argparse.Namespace) -> None:
    """Print what two runs differ in, and what they came to."""
    # Imported here, so that other commands do not wait for it.
    from microgpt.cli.comparison import compare, comparison_text, read_run

    compared = compare(read_run(options.one), read_run(options.other))
    if options.json:
        report.print_json(**compared)
    else:
        print(comparison_text(compared, (str(options.one), str(options.other))))


def run_generate(options: argparse.Namespace) -> None:
    """Write samples with a saved model."""
    values = parse_settings(options)
    model: Checkpoint
    engine: LanguageModel
    if values["engine"] == JAX:
        from microgpt.cli.cluster import open_with_jax

        model, engine = open_with_jax(options.model or files.SHIPPED_MODEL_PATH, values)
    else:
        model, engine = _open_model(options, values)
    tokenizer = model.tokenizer()
    reporter = (
        report.JsonReporter("", values) if options.json else report.TextReporter(TrainConfig())
    )
    rng = random.Random(int(values["seed"]))
    prefix = tokenizer.encode_prefix(str(values["prefix"]))
    Writer(engine, tokenizer.bos, prefix)  # a bad prefix is an error before anything is printed
    count = int(values["num_samples"])
    write_samples(engine, tokenizer, prefix, sample_config(values), rng, count, reporter)


def run_explain(options: argparse.Namespace) -> None:
    """Print why a saved model expects what it expects after a text."""
    # Imported here, so that other commands do not wait for it.
    from microgpt.cli.explanation import explain, explanation_text, token_texts

    model, engine = _open_model(options, parse_settings(options))
    by_mean = options.by == "mean" and options.without
    data, documents = _data_of(model) if by_mean else ("", None)
    tokenizer = model.tokenizer()
    explained = explain(engine, tokenizer, options.text, options.without, documents)
    if options.json:
        report.print_json(**explained)
    else:
        print(explanation_text(explained, token_texts(tokenizer), options.without, data))


def run_score(options: argparse.Namespace) -> None:
    """Print how surprising each line of a file is to a saved model."""
    from microgpt.interpret.surprise import token_losses

    model, engine = _open_model(options, parse_settings(options))
    tokenizer = model.tokenizer()
    corpus = drain(load_documents(files.read_files([options.file]), CorpusOptions()))
    # All of them first, so that an unknown character is an error before anything is printed.
    texts = [(line, tokenizer.encode(line)) for line in corpus.documents]
    if not options.json:
        report.print_notes(corpus.loading_remarks)
    report.print_scores(
        ((line, token_losses(engine, tokens)) for line, tokens in texts), options.json
    )


def run_data(options: argparse.Namespace) -> None:
    """Print what files contain, and recommended settings."""
    values = parse_settings(options)
    corpus: Corpus = drain(load_corpus(files.read_files(options.files), corpus_options(values)))
    held_out = num_held_out(len(corpus.documents), float(values["eval_fraction"]))
    in_tokens = None
    if values["tokenizer"] != "characters":
        tokenizer = tokenizer_of(corpus, values)
        lengths = measure_lengths(
            *(corpus.documents, tokenizer), int(values["block_size"]), corpus.options.windowed
        )
        merged = tokenizer.tokens[len(tokenizer.characters) :]
        in_tokens = TokenSummary(tokenizer.vocab_size, merged, drain(lengths))
    report.print_corpus(corpus, held_out, in_tokens, options.json)


def run_datasets(options: argparse.Namespace) -> None:
    """List the data sets."""
    for path in files.data_sets():
        corpus = drain(load_documents(files.read_files([path.stem]), CorpusOptions()))
        report.print_data_set(path.stem, corpus.documents, options.json)


def run_progression(options: argparse.Namespace) -> None:
    """Train with one of the programs of the progression, then write samples."""
    values = parse_settings(options)
    _check_stop_after(options)
    corpus = drain(load_documents(files.read_files(options.data), CorpusOptions()))
    if not options.json:
        report.print_notes(corpus.loading_remarks)
    num_steps, seed = int(values["num_steps"]), int(values["seed"])
    program = import_module(f"microgpt.progression.train{options.number}")
    documents, stop_after = list(corpus.documents), options.stop_after or num_steps
    for line in program.run(documents, num_steps, stop_after, seed):
        report.print_fields(line, options.json)


def run_inspect(options: argparse.Namespace) -> None:
    """Print what a model is compiled to."""
    # Imported here, so that other commands do not wait for the compiler.
    from microgpt.cli.inspection import inspect_model

    values = parse_settings(options)
    vocab_size = tokenizer_of(load_named(options.data, values), values).vocab_size
    code = files.read_code(options.code)
    config = ModelConfig(vocab_size, code=code, **architecture(values))
    print(inspect_model(config, str(values["precision"]), str(values["optimizer"]), options.wat))


def run_export(options: argparse.Namespace) -> None:
    """Write a run or a model as files that need nothing of this package."""
    # Imported here, so that other commands do not wait for it.
    from microgpt.cli.exporting import export

    export(options, parse_settings(options))


CLI_COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "train": run_train,
    "sweep": run_sweep,
    "compare": run_compare,
    "generate": run_generate,
    "explain": run_explain,
    "score": run_score,
    "data": run_data,
    "datasets": run_datasets,
    "progression": run_progression,
    "inspect": run_inspect,
    "export": run_export,
}


def _open_model(options: argparse.Namespace, values: Values) -> tuple[Checkpoint, Engine]:
    """The model in a file, or the one that ships, and an engine that holds it."""
    model = files.read_model(options.model or files.SHIPPED_MODEL_PATH)
    name, precision = str(values["engine"]), str(values["precision"])
    return model, create_engine(name, model.config, model.weights, precision)


def _data_of(model: Checkpoint) -> tuple[str, list[list[int]]]:
    """The name of the data that a model was trained on, and some of its documents as token ids.

    If there are no such files any more, or none that the model can read, it is the default data.
    """
    tokenizer = model.tokenizer()
    for name in dict.fromkeys((model.about.get("data", DEFAULT_DATA), DEFAULT_DATA)):
        try:
            corpus = drain(load_documents(files.read_files(name.split()), CorpusOptions()))
        except (files.FileError, DataError):
            continue
        readable = [text for text in corpus.documents if set(text) <= set(tokenizer.characters)]
        if readable:
            step = -(-len(readable) // MAX_MEAN_DOCUMENTS)
            return name, [tokenizer.encode(document) for document in readable[::step]]
    raise SettingError("There is no data that the model can read: use --by zero.")


def _check_no_jax(options: argparse.Namespace) -> None:
    """Raise `SettingError` for an option that another engine would ignore."""
    defaults = {"devices": 0, "coordinator": "", "num_processes": 1, "process_id": 0}
    for name, value in {**defaults, "save_every": 0, "resume": None}.items():
        if getattr(options, name) != value:
            raise SettingError(f"{option_of(name)} is for the engine jax alone: add --engine jax.")


def _check_stop_after(options: argparse.Namespace) -> None:
    if options.stop_after is not None and options.stop_after < 1:
        raise SettingError(f"--stop-after must be at least 1, but is {options.stop_after}.")


def _saver(run: Run, options: argparse.Namespace, values: Values) -> RunSaver | None:
    """What saves the run, if it is to be saved."""
    if not options.save:
        return None
    # Imported here, so that other commands do not wait for it.
    from microgpt.cli.saving import RunSaver

    return RunSaver(run, options.data, values)
