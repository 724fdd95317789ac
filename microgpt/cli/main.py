"""The command line: train a model, write with it, look at data, list the data sets.

It prints what happens and turns every mistake into one line; all else is done by `run.py` and
`sampler.py`.
"""

from __future__ import annotations

import argparse
import io
import os
import random
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from microgpt import checkpoint
from microgpt.cli import files, report
from microgpt.cli.corpus_summary import TokenSummary
from microgpt.cli.inspection import inspect
from microgpt.config import ModelConfig, SampleConfig, TrainConfig
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.dataset import DataError, make_dataset
from microgpt.engine import Engine, create_engine
from microgpt.generators import drain
from microgpt.run import Run, make_tokenizer, prepare_run
from microgpt.sampler import Writer, generate
from microgpt.sequences import measure_lengths
from microgpt.settings import DATA, MODEL, SETTINGS, TOKENIZER, TRAINING, SettingError, num_held_out
from microgpt.tokenizer import Tokenizer, UnknownCharacterError
from microgpt.trainer import DivergedError

ROWS = {row.name: row for row in SETTINGS + DATA}
ENGINE_SETTINGS = ("engine", "precision")
TRAIN_SETTINGS = (*(row.name for row in MODEL + TRAINING + TOKENIZER), *ENGINE_SETTINGS)
# What byte pairs are learnt from hangs on what is held out, and that on the seed.
TOKEN_SETTINGS = (*(row.name for row in TOKENIZER), "seed", "eval_fraction")
# All that the module of a run hangs on.
INSPECT_SETTINGS = (*(row.name for row in MODEL), *TOKEN_SETTINGS, "batch_size", "precision")
DATA_SETTINGS = tuple(row.name for row in DATA)
SAMPLE_SETTINGS = ("num_samples", "temperature", "top_k", "top_p", "prefix")
OPTIONS = {"num_steps": "--steps", "num_samples": "--samples"}  # where the name says too much

BAD_INPUT = 2
FAILED = 1
INTERRUPTED = 130


class _Parser(argparse.ArgumentParser):
    """A parser whose complaint is one line, and who wants options written out."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {message} (see {self.prog} --help)\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code: 0, 1 for a run that failed, 2 for bad input."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    commands = {
        "train": _train,
        "generate": _generate,
        "data": _data,
        "datasets": _datasets,
        "inspect": _inspect,
    }
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["train", *arguments]
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # where a terminal has no such sign
    options = _parser().parse_args(arguments)
    try:
        commands[options.command](options)
        sys.stdout.flush()
    except (
        *(SettingError, DataError, UnknownCharacterError),
        *(files.FileError, checkpoint.CheckpointError),
    ) as error:
        print(f"microgpt: {error}", file=sys.stderr)
        return BAD_INPUT
    except DivergedError as error:
        print(f"\nmicrogpt: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nmicrogpt: stopped", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        # Let Python not complain of the same once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # else whoever read the output has gone
            print(f"microgpt: the output cannot be written: {error.strerror}.", file=sys.stderr)
        return FAILED
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(prog="microgpt", description="Train a tiny GPT and write with it.")
    commands = parser.add_subparsers(dest="command", required=True, parser_class=_Parser)

    train = commands.add_parser("train", help="train a model, then write samples (the default)")
    _add_settings(train, TRAIN_SETTINGS)
    train.add_argument("--stop-after", type=int, metavar="K", help="end the run after K steps")
    train.add_argument("--save", type=Path, metavar="FILE", help="write the model to FILE")

    write = commands.add_parser("generate", help="write samples with a saved model")
    write.add_argument(
        "--model", type=Path, default=files.SHIPPED_MODEL, metavar="FILE", help="a saved model"
    )
    _add_settings(write, ("seed", *ENGINE_SETTINGS))

    data = commands.add_parser("data", help="show what files hold, and settings that suit it")
    data.add_argument("files", nargs="+", metavar="FILE", help="a file, or a data set's name")
    _add_settings(data, ("block_size", *TOKEN_SETTINGS))

    listing = commands.add_parser("datasets", help="list the data sets")

    look = commands.add_parser("inspect", help="show what the model is compiled to")
    look.add_argument("--wat", action="store_true", help="print the WebAssembly module as text")
    _add_settings(look, INSPECT_SETTINGS)
    for command in (train, look):
        command.add_argument(
            "--data",
            nargs="+",
            default=["us-names"],
            metavar="FILE",
            help="files of any kind that `data` understands, or a data set's name",
        )
    for command in (train, write):
        _add_settings(command, SAMPLE_SETTINGS)
    for command in (train, data, look):
        _add_settings(command, DATA_SETTINGS)
    for command in (train, write, data, listing):
        command.add_argument("--json", action="store_true", help="print one JSON object a line")
    return parser


def _add_settings(parser: argparse.ArgumentParser, names: Sequence[str]) -> None:
    """An option for each setting; their texts are parsed by the settings themselves."""
    for name in names:
        row = ROWS[name]
        option = OPTIONS.get(name, "--" + name.replace("_", "-"))
        words = " or ".join(value for value, _ in row.choices)
        about = f"{row.help} ({words + '; ' if words else ''}default: {row.default!r})"
        parser.add_argument(
            option, dest=name, metavar="VALUE", default=str(row.default), help=about
        )


def _values(options: argparse.Namespace) -> dict[str, int | float | str]:
    given = vars(options)
    return {name: row.parse(given[name]) for name, row in ROWS.items() if name in given}


def _sample_config(values: dict[str, int | float | str]) -> SampleConfig:
    return SampleConfig(**{name: values[name] for name in ("temperature", "top_k", "top_p")})  # type: ignore[arg-type]


def _train(options: argparse.Namespace) -> None:
    values = _values(options)
    sampling = _sample_config(values)
    if options.stop_after is not None and options.stop_after < 1:
        raise SettingError(f"--stop-after must be at least 1, but is {options.stop_after}.")
    if options.save:
        files.check_writable(options.save)
    training = TrainConfig(**{row.name: values[row.name] for row in TRAINING})  # type: ignore[arg-type]
    reading = _read(options.data, values)
    run = prepare_run(
        reading.documents,
        training,
        str(values["engine"]),
        str(values["precision"]),
        str(values["tokenizer"]),
        int(values["vocab_limit"]),
        reading.options.windowed,
        **{row.name: int(values[row.name]) for row in MODEL},
    )
    run.examine(" ".join(options.data))  # several together are no task
    prefix = run.tokenizer.encode_prefix(str(values["prefix"]))
    Writer(run.engine, run.tokenizer.bos, prefix)  # complains now rather than after training

    reporter: report.Reporter = report.JsonReporter()
    if not options.json:
        reporter = report.TextReporter(training)
        report.notes(reading.loading_remarks)
    reporter.begin(run)
    step = 0
    try:
        for progress in run.train(stop=options.stop_after):
            step = progress.step
            reporter.progress(progress)
    finally:  # what was learnt is kept even if the run is interrupted
        reporter.end()
        if options.save and step:
            _save(run, options, step)
    _write_samples(run.engine, run.tokenizer, prefix, sampling, run.rng, values, reporter)


def _save(run: Run, options: argparse.Namespace, steps: int) -> None:
    about = {"data": " ".join(options.data), "steps": str(steps), "seed": str(run.training.seed)}
    model = checkpoint.Checkpoint(
        run.engine.config,
        run.tokenizer.characters,
        run.engine.weights(),
        about,
        merges=run.tokenizer.merges,
    )
    files.write_model(options.save, model)


def _generate(options: argparse.Namespace) -> None:
    values = _values(options)
    model = files.read_model(options.model)
    tokenizer = model.tokenizer()
    engine = create_engine(
        str(values["engine"]), model.config, model.weights, str(values["precision"])
    )
    reporter = report.JsonReporter() if options.json else report.TextReporter(TrainConfig())
    rng = random.Random(int(values["seed"]))
    prefix = tokenizer.encode_prefix(str(values["prefix"]))
    Writer(engine, tokenizer.bos, prefix)  # complains before anything is printed
    _write_samples(engine, tokenizer, prefix, _sample_config(values), rng, values, reporter)


def _write_samples(
    engine: Engine,
    tokenizer: Tokenizer,
    prefix: list[int],
    sampling: SampleConfig,
    rng: random.Random,
    values: dict[str, int | float | str],
    reporter: report.Reporter,
) -> None:
    reporter.begin_samples()
    for _ in range(int(values["num_samples"])):
        choices = generate(engine, tokenizer.bos, sampling, rng, prefix)
        reporter.sample(tokenizer.decode([*prefix, *(choice.token for choice in choices)]))


def _read(names: Sequence[str], values: dict[str, int | float | str]) -> Corpus:
    chosen = {name: values[name] for name in (*DATA_SETTINGS, "block_size", "tokenizer")}
    return drain(load_corpus(files.read_files(names), CorpusOptions(**chosen)))  # type: ignore[arg-type]


def _data(options: argparse.Namespace) -> None:
    values = _values(options)
    reading = _read(options.files, values)
    held_out = num_held_out(len(reading.documents), float(values["eval_fraction"]))
    in_tokens = None
    if values["tokenizer"] != "characters":
        tokenizer = _tokenizer(reading, values)
        lengths = measure_lengths(
            *(reading.documents, tokenizer), int(values["block_size"]), reading.options.windowed
        )
        made = tokenizer.tokens[len(tokenizer.characters) :]
        in_tokens = TokenSummary(tokenizer.vocab_size, made, drain(lengths))
    report.data(reading, held_out, in_tokens, options.json)


def _tokenizer(reading: Corpus, values: dict[str, int | float | str]) -> Tokenizer:
    """The tokenizer that a run with these settings would have."""
    rng = random.Random(int(values["seed"]))
    dataset = make_dataset(reading.documents, float(values["eval_fraction"]), rng)
    making = make_tokenizer(dataset, str(values["tokenizer"]), int(values["vocab_limit"]))
    return drain(making)


def _datasets(options: argparse.Namespace) -> None:
    for path in files.data_sets():
        reading = drain(load_corpus(files.read_files([path.stem]), CorpusOptions()))
        report.data_set(path.stem, reading.documents, options.json)


def _inspect(options: argparse.Namespace) -> None:
    values = _values(options)
    reading = _read(options.data, values)
    vocab_size = _tokenizer(reading, values).vocab_size
    config = ModelConfig(vocab_size, **{row.name: int(values[row.name]) for row in MODEL})
    print(inspect(config, str(values["precision"]), int(values["batch_size"]), options.wat))
