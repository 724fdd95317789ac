"""The commands of the command line and their options; knows nothing of what a command does."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from microgpt.cli.options import (
    DATA_NAMES,
    MODEL_NAMES,
    SAMPLING_NAMES,
    SPLIT_NAMES,
    TOKENIZER_NAMES,
    add_code,
    add_data,
    add_data_files,
    add_early_stop,
    add_json,
    add_model,
    add_rows,
    add_run,
    add_settings,
    add_stop_after,
)
from microgpt.cli.terminal import one_line
from microgpt.lab.axis import LAB_ONLY
from microgpt.lab.measures import MEASURES
from microgpt.lab.ready import READY
from microgpt.lab.sweep import DEFAULT_MEASURE
from microgpt.progression import TITLES
from microgpt.settings import setting

BAD_INPUT = 2  # exit code

EXPORT_HELP = {
    "python": "a program that trains the same model",
    "weights": "one with the trained weights inside, which writes",
    "pytorch": "a module for PyTorch, with the weights beside it",
}
NO_GGUF = (
    "GGUF is not offered: what reads it computes the architectures that it knows, such as Llama's, "
    "and none of them is this one."
)


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
    add_json(parser)
    group = add_run(parser)
    add_early_stop(group)
    group.add_argument("--save", type=Path, metavar="FILE", help="save the model to FILE")
    add_settings(parser, "writing", SAMPLING_NAMES)
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


def _add_sweep(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    group = parser.add_argument_group("sweep")
    group.add_argument(
        "--vary",
        action="append",
        default=[],
        metavar="AXIS",
        help="what varies, as n_embd=8,16,32, or learning_rate=0.001..0.1x8 for 8 values spaced by "
        "a constant factor, or n_layer/n_embd=1/32,2/24 for two together; repeatable",
    )
    group.add_argument(
        "--seeds",
        type=int,
        default=1,
        metavar="N",
        help="how many runs at each point, with the seed, the seed + 1 and so on (default: 1)",
    )
    group.add_argument(
        "--measure",
        default=DEFAULT_MEASURE,
        choices=[row.name for row in MEASURES],
        help="what is measured besides, and summed up at the end (default: %(default)s)",
    )
    group.add_argument(
        "--output", default="", metavar="TEXT", help="the text whose loss output_loss measures"
    )
    group.add_argument(
        "--ready",
        choices=[row.name for row in READY],
        metavar="NAME",
        help="a ready experiment instead: " + ", ".join(row.name for row in READY),
    )
    add_rows(group, [row.name for row in LAB_ONLY])
    add_early_stop(add_run(parser))
    # As on the page: models are compared by what is held out.
    parser.set_defaults(eval_fraction=str(setting("eval_fraction").page_default))
    add_settings(parser, "writing", [name for name in SAMPLING_NAMES if name != "num_samples"])


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as",
        dest="kind",
        choices=tuple(EXPORT_HELP),
        required=True,
        help="; ".join(f"{kind}: {words}" for kind, words in EXPORT_HELP.items()),
    )
    parser.add_argument(
        "--out", type=Path, required=True, metavar="FILE", help="the program, whose name ends .py"
    )
    parser.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help="a saved model, which brings its settings (default: a run with the options below)",
    )
    add_run(parser)
    add_settings(parser, "writing", SAMPLING_NAMES)
    parser.set_defaults(data=None)
    parser.epilog = NO_GGUF


def _add_compare(parser: argparse.ArgumentParser) -> None:
    for name, words in (("one", "what train --json printed of a run"), ("other", "and of another")):
        parser.add_argument(name, type=Path, metavar="FILE", help=words)
    add_json(parser)


def _add_generate(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    add_model(parser)
    add_settings(parser, "writing", (*SAMPLING_NAMES, "seed"))


def _add_explain(parser: argparse.ArgumentParser) -> None:
    add_json(parser)
    add_model(parser)
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
    add_json(parser)
    add_model(parser)


def _add_data_command(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="a file, or the name of a data set"
    )
    add_json(parser)
    add_settings(parser, "data", DATA_NAMES)
    add_settings(parser, "model", (*TOKENIZER_NAMES, "block_size"))
    add_settings(parser, "training", SPLIT_NAMES)


def _add_inspect(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--wat", action="store_true", help="print the module in WebAssembly's text format"
    )
    add_data(parser)
    add_code(add_settings(parser, "model", MODEL_NAMES))
    add_settings(parser, "training", ("optimizer", *SPLIT_NAMES, "precision"))


def _add_progression(parser: argparse.ArgumentParser) -> None:
    numbered = (f"{number} is {title}" for number, title in enumerate(TITLES))
    parser.add_argument(
        "number", type=int, choices=range(len(TITLES)), help=f"the program: {', '.join(numbered)}"
    )
    add_json(parser)
    add_data_files(parser)
    add_stop_after(add_settings(parser, "training", ("num_steps", "seed")))


# By name: what a command is for, and what adds its options.
COMMANDS: dict[str, tuple[str, Callable[[argparse.ArgumentParser], None]]] = {
    "train": ("train a model, then write samples (the default)", _add_train),
    "sweep": ("train many models that differ in some settings", _add_sweep),
    "compare": ("show what two runs differ in, and what they came to", _add_compare),
    "generate": ("write samples with a saved model", _add_generate),
    "explain": ("show why a saved model expects what it expects", _add_explain),
    "score": ("show how surprising texts are to a saved model", _add_score),
    "data": ("show what files contain, and recommended settings", _add_data_command),
    "datasets": ("list the data sets", add_json),
    "progression": ("train with one of six programs, from counts to the GPT", _add_progression),
    "inspect": ("show what a model is compiled to", _add_inspect),
    "export": ("write a run or a model as Python or PyTorch that needs nothing else", _add_export),
}
