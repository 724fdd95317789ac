"""The options of the command line: most are rows of the table of settings.

Their texts are parsed by the settings themselves, so that errors read the same here as on the page.
The module knows nothing of what a command does.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

from microgpt.cli.terminal import one_line
from microgpt.settings import DATA, MODEL, SAMPLING, SETTINGS, TOKENIZER, Setting

BAD_INPUT = 2  # exit code

OPTION_ROWS = {row.name: row for row in SETTINGS + DATA}
SHORT_OPTIONS = {"num_steps": "--steps", "num_samples": "--samples"}
METAVARS = {int: "N", float: "X", str: "TEXT"}

DEFAULT_DATA = "us-names"
DATA_NAMES = tuple(row.name for row in DATA)
TOKENIZER_NAMES = tuple(row.name for row in TOKENIZER)
MODEL_NAMES = (*TOKENIZER_NAMES, *(row.name for row in MODEL))
SAMPLING_NAMES = tuple(row.name for row in SAMPLING)
SPLIT_NAMES = ("eval_fraction", "seed")  # which documents are held out, so what BPE learns from


class CommandLineParser(argparse.ArgumentParser):
    """A parser that reports an error in one line and takes no abbreviated options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {one_line(message)} (see {self.prog} --help)\n")


def build_parser() -> argparse.ArgumentParser:
    """The parser of all commands; a command's name becomes `command` of the result."""
    parser = CommandLineParser(prog="microgpt", description="Train a tiny GPT and sample from it.")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )

    train = commands.add_parser("train", help="train a model, then write samples (the default)")
    _add_json(train)
    _add_data(train)
    _add_settings(train, "model", MODEL_NAMES)
    names = ("num_steps", "batch_size", "learning_rate", *SPLIT_NAMES, "engine", "precision")
    group = _add_settings(train, "training", names)
    group.add_argument("--stop-after", type=int, metavar="N", help="stop after N of the steps")
    group.add_argument("--save", type=Path, metavar="FILE", help="save the model to FILE")
    _add_settings(train, "writing", SAMPLING_NAMES)

    generate = commands.add_parser("generate", help="write samples with a saved model")
    _add_json(generate)
    _add_model(generate)
    _add_settings(generate, "writing", (*SAMPLING_NAMES, "seed"))

    explain = commands.add_parser("explain", help="show why a saved model expects what it expects")
    _add_json(explain)
    _add_model(explain)
    explain.add_argument("--text", required=True, help="the text so far")
    group = explain.add_argument_group("switching off")
    group.add_argument(
        "--without",
        action="append",
        default=[],
        metavar="PART",
        help="switch off a part, such as layer0.head2, layer0.mlp, layer0 or position; repeatable",
    )
    group.add_argument(
        "--by",
        choices=("zero", "mean"),
        default="zero",
        help="what takes its place: nothing, or its mean over the model's data (default: zero)",
    )

    score = commands.add_parser("score", help="show how surprising texts are to a saved model")
    score.add_argument("file", metavar="FILE", help="a file of texts, or the name of a data set")
    _add_json(score)
    _add_model(score)

    data = commands.add_parser("data", help="show what files contain, and recommended settings")
    data.add_argument("files", nargs="+", metavar="FILE", help="a file, or the name of a data set")
    _add_json(data)
    _add_settings(data, "data", DATA_NAMES)
    _add_settings(data, "model", (*TOKENIZER_NAMES, "block_size"))
    _add_settings(data, "training", SPLIT_NAMES)

    datasets = commands.add_parser("datasets", help="list the data sets")
    _add_json(datasets)

    inspect = commands.add_parser("inspect", help="show what a model is compiled to")
    inspect.add_argument(
        "--wat", action="store_true", help="print the module in WebAssembly's text format"
    )
    _add_data(inspect)
    _add_settings(inspect, "model", MODEL_NAMES)
    _add_settings(inspect, "training", ("batch_size", *SPLIT_NAMES, "precision"))
    return parser


def parse_settings(options: argparse.Namespace) -> dict[str, int | float | str]:
    """The values of all settings among `options`, by name. Raises `SettingError`."""
    texts = vars(options)
    return {name: row.parse(texts[name]) for name, row in OPTION_ROWS.items() if name in texts}


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")


def _add_model(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("model")
    group.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help="a saved model (default: the one that ships with the data sets)",
    )
    _add_rows(group, ("engine", "precision"))


def _add_data(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data",
        nargs="+",
        default=[DEFAULT_DATA],
        metavar="FILE",
        help=f"files as for the command data, or names of data sets (default: {DEFAULT_DATA})",
    )
    _add_rows(group, DATA_NAMES)


def _add_settings(
    parser: argparse.ArgumentParser, title: str, names: Iterable[str]
) -> argparse._ArgumentGroup:
    """A group of options, one for each of these settings."""
    group = parser.add_argument_group(title)
    _add_rows(group, names)
    return group


def _add_rows(group: argparse._ArgumentGroup, names: Iterable[str]) -> None:
    for name in names:
        row = OPTION_ROWS[name]
        group.add_argument(
            SHORT_OPTIONS.get(name, "--" + name.replace("_", "-")),
            dest=name,
            metavar=_metavar(row),
            default=str(row.default),
            help=_help(row),
        )


def _metavar(row: Setting) -> str:
    if row.choices:
        return "{" + ",".join(value for value, _ in row.choices) + "}"
    return METAVARS[type(row.default)]


def _help(row: Setting) -> str:
    """The sentence of the page as a phrase, as usual on a command line, with the default."""
    phrase = row.help[0].lower() + row.help[1:].removesuffix(".")
    default = "empty" if row.default == "" else row.default
    return f"{phrase} (default: {default})"
