"""The entry point of the command line: parses the options and runs a command."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence
from functools import partial

from microgpt.cli.exit_codes import exit_code
from microgpt.cli.parser import build_parser
from microgpt.wasm.compiler.cache import ON, SWITCH


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit code."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["train", *arguments]
    if isinstance(sys.stdout, io.TextIOWrapper):
        # For characters that the terminal's encoding lacks.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = build_parser(arguments[0]).parse_args(arguments)
    return exit_code(partial(_run, options))


def _run(options: argparse.Namespace) -> None:
    os.environ.setdefault(SWITCH, ON)
    # Imported here, so that a wrong option is answered before most of the program is loaded.
    from microgpt.cli import commands

    commands.CLI_COMMANDS[options.command](options)
