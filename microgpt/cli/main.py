"""The entry point of the command line: runs a command and turns every error into one line."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Sequence

from microgpt.checkpoint import CheckpointError
from microgpt.cli.commands import CLI_COMMANDS
from microgpt.cli.files import FileError
from microgpt.cli.parser import BAD_INPUT, build_parser
from microgpt.cli.terminal import one_line
from microgpt.dataset import DataError
from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError
from microgpt.trainer import DivergedError

FAILED = 1  # exit codes
INTERRUPTED = 130
BAD_INPUT_ERRORS = (SettingError, DataError, UnknownCharacterError, FileError, CheckpointError)


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
    options = build_parser().parse_args(arguments)
    try:
        CLI_COMMANDS[options.command](options)
        sys.stdout.flush()
    except BAD_INPUT_ERRORS as error:
        print(f"microgpt: {one_line(str(error))}", file=sys.stderr)
        return BAD_INPUT
    except DivergedError as error:
        print(f"\nmicrogpt: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print("\nmicrogpt: stopped", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        # Otherwise Python reports the same error again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # whoever reads the output has closed it
            print(f"microgpt: the output cannot be written: {error.strerror}.", file=sys.stderr)
        return FAILED
    return 0
