"""The entry point of the command line: runs a command and turns every error into one line."""

from __future__ import annotations

import argparse
import io
import os
import sys
from collections.abc import Sequence

from microgpt.cli.parser import BAD_INPUT, build_parser
from microgpt.cli.terminal import one_line
from microgpt.wasm.compiler.cache import ON, SWITCH

FAILED = 1  # exit codes
INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line.

    Returns the exit code: 0, 1 for a run that failed, 2 for bad input, 130 for one interrupted.
    """
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    if not arguments or (arguments[0].startswith("-") and arguments[0] not in ("-h", "--help")):
        arguments = ["train", *arguments]
    if isinstance(sys.stdout, io.TextIOWrapper):
        # For characters that the terminal's encoding lacks.
        sys.stdout.reconfigure(errors="backslashreplace")
    options = build_parser(arguments[0]).parse_args(arguments)
    try:
        return _run(options)
    except KeyboardInterrupt:
        print("\nmicrogpt: stopped", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        # Otherwise Python reports the same error again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # whoever reads the output has closed it
            print(f"microgpt: the output cannot be written: {error.strerror}.", file=sys.stderr)
        return FAILED


def _run(options: argparse.Namespace) -> int:
    os.environ.setdefault(SWITCH, ON)
    # Imported here, so that a wrong option is answered before most of the program is loaded.
    from microgpt.cli import commands

    try:
        commands.CLI_COMMANDS[options.command](options)
        sys.stdout.flush()
    except commands.BAD_INPUT_ERRORS as error:
        print(f"microgpt: {one_line(str(error))}", file=sys.stderr)
        return BAD_INPUT
    except commands.FAILURES as error:
        print(f"\nmicrogpt: {error}", file=sys.stderr)
        return FAILED
    return 0
