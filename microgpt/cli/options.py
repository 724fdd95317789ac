"""The options that commands share: most are rows of the table of settings.

Their texts are parsed by the settings themselves, so that errors read the same here as on the page.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from microgpt.lab.axis import LAB_SETTINGS
from microgpt.settings import (
    DATA,
    LARGE_SIZES,
    MODEL,
    OPTIMIZATION,
    SAMPLING,
    TOKENIZER,
    Setting,
    SettingError,
    default,
)

JAX = "jax"  # the engine of `microgpt/jax/`
# What the command line has besides: JAX, which runs in no browser, and its numbers.
JAX_CHOICES = {"engine": (JAX, "JAX"), "precision": ("bf16", "16 bit")}
OPTION_ROWS = {
    row.name: row.and_choices(JAX_CHOICES[row.name]) if row.name in JAX_CHOICES else row
    for row in LAB_SETTINGS + DATA
}
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


def add_run(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """The settings of a run; returns the group of those on training."""
    add_data(parser)
    add_code(add_settings(parser, "model", MODEL_NAMES))
    names = ("num_steps", "batch_size", "learning_rate", *SPLIT_NAMES, "engine", "precision")
    group = add_settings(parser, "training", names)
    _add_optimization(parser)
    return group


def add_early_stop(group: argparse._ArgumentGroup) -> None:
    """What ends a run before its last step."""
    add_stop_after(group)
    group.add_argument(
        "--until",
        action="append",
        default=[],
        metavar="RULE",
        help="stop early: loss=X at a training loss of X, plateau when it falls no more, rising "
        "when the held-out loss has risen for a while; repeatable",
    )


def _add_optimization(parser: argparse.ArgumentParser) -> None:
    """The optimizer, its schedule and clipping."""
    group = parser.add_argument_group("optimization")
    optimizer, *others = OPTIMIZATION_NAMES
    add_rows(group, [optimizer])
    group.add_argument(
        "--betas",
        metavar="A,B",
        default=",".join(str(default(name)) for name in BETA_NAMES),
        help="how slowly the means of Adam's gradients and of their squares change "
        "(default: %(default)s)",
    )
    add_rows(group, others)


def add_json(parser: argparse.ArgumentParser) -> None:
    """Whether the output is JSON."""
    parser.add_argument("--json", action="store_true", help="print one JSON object per line")


def add_model(parser: argparse.ArgumentParser) -> None:
    """Which saved model, and the engine that computes it."""
    group = parser.add_argument_group("model")
    group.add_argument(
        "--model",
        type=Path,
        metavar="FILE",
        help="a saved model (default: the one that ships with the data sets)",
    )
    add_rows(group, ("engine", "precision"))


def add_code(group: argparse._ArgumentGroup) -> None:
    """Another model's code."""
    group.add_argument(
        "--code",
        metavar="FILE",
        help="another model: a file with parameter_shapes() and gpt(), or an edit such as rotary",
    )


def add_data(parser: argparse.ArgumentParser) -> None:
    """Which documents, and how files become documents."""
    add_rows(add_data_files(parser), DATA_NAMES)


def add_data_files(parser: argparse.ArgumentParser) -> argparse._ArgumentGroup:
    """Which documents; returns the group."""
    group = parser.add_argument_group("data")
    group.add_argument(
        "--data",
        nargs="+",
        default=[DEFAULT_DATA],
        metavar="FILE",
        help=f"files as for the command data, or names of data sets (default: {DEFAULT_DATA})",
    )
    return group


def add_stop_after(group: argparse._ArgumentGroup) -> None:
    """After how many of its steps a run is ended."""
    group.add_argument("--stop-after", type=int, metavar="N", help="stop after N of the steps")


def add_settings(
    parser: argparse.ArgumentParser, title: str, names: Iterable[str]
) -> argparse._ArgumentGroup:
    """A group of options, one for each of these settings."""
    group = parser.add_argument_group(title)
    add_rows(group, names)
    return group


def add_rows(group: argparse._ArgumentGroup, names: Iterable[str]) -> None:
    """An option for each of these settings."""
    for name in names:
        row = OPTION_ROWS[name]
        group.add_argument(
            option_of(name),
            dest=name,
            metavar=_metavar(row),
            default=str(row.default),
            help=_help(row),
        )


def option_of(name: str) -> str:
    """The option that sets what is called so."""
    return SHORT_OPTIONS.get(name, "--" + name.replace("_", "-"))


def _metavar(row: Setting) -> str:
    if row.choices:
        return "{" + ",".join(value for value, _ in row.choices) + "}"
    return METAVARS[type(row.default)]


def _help(row: Setting) -> str:
    """The sentence of the page as a phrase, as usual on a command line, with the default."""
    phrase = row.help[0].lower() + row.help[1:].removesuffix(".")
    return f"{phrase} (default: {'empty' if row.default == '' else '%(default)s'})"
