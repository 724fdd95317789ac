"""The options of the command line: most are rows of the table of settings.

Their texts are parsed by the settings themselves, so that errors read the same here as on the page.
The module knows nothing of what a command does.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NoReturn

from microgpt.cli.terminal import one_line
from microgpt.progression import TITLES
from microgpt.settings import (
    DATA,
    LARGE_SIZES,
    MODEL,
    OPTIMIZATION,
    SAMPLING,
    SETTINGS,
    TOKENIZER,
    Setting,
    SettingError,
    default,
)

BAD_INPUT = 2  # exit code
JAX = "jax"  # the engine of `microgpt/jax/`

OPTION_ROWS = {row.name: row for row in SETTINGS + DATA}
# What the command line has besides: JAX, which runs in no browser, and its numbers.
OPTION_ROWS["engine"] = OPTION_ROWS["engine"].and_choices((JAX, "JAX"))
OPTION_ROWS["precision"] = OPTION_ROWS["precision"].and_choices(("bf16", "16 bit"))
SHORT_OPTIONS = {"num_steps": "--steps", "num_samples": "--samples"}
METAVARS = {int: "N", float: "X", str: "TEXT"}

DEFAULT_DATA = "us-names"
DATA_NAMES = tuple(row.name for row in DATA)
TOKENIZER_NAMES = tuple(row.name for row in TOKENIZER)
MODEL_NAMES = (*TOKENIZER_NAMES, *(row.name for row in MODEL))
SAMPLING_NAMES = tuple(row.name for row in SAMPLING)
BETA_NAMES = ("beta1", "beta2")  # together one option, `--betas`
OPTIMIZATION_NAMES = tuple(row.name for row in OPTIMIZATION if row.name not in BETA_NAMES)
SPLIT_NAMES = ("eval_fraction", "seed")  # which documents are held out, so what BPE learns from


class CommandLineParser(argparse.ArgumentParser):
    """A parser that reports an error in one line and takes no abbreviated options."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options, allow_abbrev=False)

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_INPUT, f"{self.prog}: {one_line(message)} (see {self.prog} --help)\n")


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """The parser of all commands; a command's name becomes `command` of the result.

    Args:
        command: the one that will be parsed, if that is known: the options of the others are then
            left out, which saves their time.
    """
    parser = CommandLineParser(prog="microgpt", description="Train a tiny GPT and sample from it.")
    commands = parser.add_subparsers(
        title="commands", dest="command", metavar="COMMAND", required=True
    )
    for name, (help_text, add_options) in COMMANDS.items():
        added = commands.add_parser(name, help=help_text)
        if command in (None, name):
            add_options(added)
    return parser


def _add_train(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    _add_data(parser)
    _add_code(_add_settings(parser, "model", MODEL_NAMES))
    names = ("num_steps", "batch_size", "learning_rate", *SPLIT_NAMES, "engine", "precision")
    group = _add_settings(parser, "training", names)
    _add_stop_after(group)
    _add_optimization(parser)
    group.add_argument(
        "--until",
        action="append",
        default=[],
        metavar="RULE",
        help="stop early: loss=X at a training loss of X, plateau when it falls no more, rising "
        "when the held-out loss has risen for a while; repeatable",
    )
    group.add_argument("--save", type=Path, metavar="FILE", help="save the model to FILE")
    _add_settings(parser, "writing", SAMPLING_NAMES)
    _add_jax(parser)


def _add_jax(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("with --engine jax")
    for name, default_value, words in (
        (
            "devices",
            0,
            "devices of this process to use; without an accelerator as many are made "
            "of the processor (default: all accelerators, or the processor as one)",
        ),
        ("num-processes", 1, "processes of the run (default: 1)"),
        ("process-id", 0, "the number of this process, from 0 on (default: 0)"),
        ("save-every", 0, "save the model each N steps, too"),
    ):
        group.add_argument(f"--{name}", type=int, default=default_value, metavar="N", help=words)
    group.add_argument(
        "--coordinator",
        default="",
        metavar="HOST:PORT",
        help="where process 0 listens, the same for all processes",
    )
    group.add_argument(
        "--resume", type=Path, metavar="FILE", help="go on with the run that was saved to FILE"
    )


def _add_optimization(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("optimization")
    optimizer, *others = OPTIMIZATION_NAMES
    _add_rows(group, [optimizer])
    group.add_argument(
        "--betas",
        metavar="A,B",
        default=",".join(str(default(name)) for name in BETA_NAMES),
        help="how slowly the means of Adam's gradients and of their squares change "
        "(default: %(default)s)",
    )
    _add_rows(group, others)


def _add_compare(parser: argparse.ArgumentParser) -> None:
    for name, words in (("one", "what train --json printed of a run"), ("other", "and of another")):
        parser.add_argument(name, type=Path, metavar="FILE", help=words)
    _add_json(parser)


def _add_generate(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    _add_model(parser)
    _add_settings(parser, "writing", (*SAMPLING_NAMES, "seed"))


def _add_explain(parser: argparse.ArgumentParser) -> None:
    _add_json(parser)
    _add_model(parser)
    parser.add_argument("--text", required=True, help="the text so far")
    group = parser.add_argument_group("switching off")
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


def _add_score(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help="a file of texts, or the name of a data set")
    _add_json(parser)
    _add_model(parser)


def _add_data_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a file, or the name of a data set"
    )
    _add_json(parser)
    _add_settings(parser, "data", DATA_NAMES)
    _add_settings(parser, "model", (*TOKENIZER_NAMES, "block_size"))
    _add_settings(parser, "training", SPLIT_NAMES)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wat", action="store_true", help="print the module in WebAssembly's text format"
    )
    _add_data(parser)
    _add_code(_add_settings(parser, "model", MODEL_NAMES))
    _add_settings(parser, "training", ("optimizer", *SPLIT_NAMES, "precision"))


def _add_progression(parser: argparse.ArgumentParser) -> None:
    numbered = (f"{number} is {title}" for number, title in enumerate(TITLES))
    parser.add_argument(
        "number", type=int, choices=range(len(TITLES)), help=f"the program: {', '.join(numbered)}"
    )
    _add_json(parser)
    _add_data_files(parser)
    _add_stop_after(_add_settings(parser, "training", ("num_steps", "seed")))


def parse_settings(options: argparse.Namespace) -> dict[str, int | float | str]:
    """The values of all settings among `options`, by name. Raises `SettingError`."""
    texts = vars(options)
    if "betas" in texts:
        betas = texts["betas"].split(",")
        if len(betas) != len(BETA_NAMES):
            raise SettingError(
                f"The betas must be two numbers with a comma between them, not '{texts['betas']}'."
            )
        texts = texts | dict(zip(BETA_NAMES, betas, strict=True))
    highs = LARGE_SIZES if texts.get("engine") == JAX else {}
    return {
        name: row.parse(texts[name], highs.get(name))
        for name, row in OPTION_ROWS.items()
        if name in texts
    }


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


def _add_code(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "--code",
        metavar="FILE",
        help="another model: a file with parameter_shapes() and gpt(), or an edit such as rotary",
    )


def _add_data(parser: argparse.ArgumentParser) -> None:
    _add_rows(_add_data_files(parser), DATA_NAMES)


def _add_data_files(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data",
        nargs="+",
        default=[DEFAULT_DATA],
        metavar="FILE",
        help=f"files as for the command data, or names of data sets (default: {DEFAULT_DATA})",
    )
    return group


def _add_stop_after(group: argparse._ArgumentGroup) -> None:
    group.add_argument("--stop-after", type=int, metavar="N", help="stop after N of the steps")


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


# By name: what a command is for, and what adds its options.
COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "train": ("train a model, then write samples (the default)", _add_train),
    "compare": ("show what two runs differ in, and what they came to", _add_compare),
    "generate": ("write samples with a saved model", _add_generate),
    "explain": ("show why a saved model expects what it expects", _add_explain),
    "score": ("show how surprising texts are to a saved model", _add_score),
    "data": ("show what files contain, and recommended settings", _add_data_command),
    "datasets": ("list the data sets", _add_json),
    "progression": (
        "train with one of six programs, from counts of pairs to the GPT",
        _add_progression,
    ),
    "inspect": ("show what a model is compiled to", _add_inspect),
}
