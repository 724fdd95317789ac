"""How a command ends: every error becomes one line, and an exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from microgpt.cli.parser import BAD_INPUT
from microgpt.cli.terminal import one_line

FAILED = 1
INTERRUPTED = 130


def exit_code(command: Callable[[], None]) -> int:
    """Run a command, and return the exit code.

    That is 0, 1 for a run that failed, 2 for bad input, 130 for one interrupted.
    """
    try:
        return _exit_code(command)
    except KeyboardInterrupt:
        print("\nmicrogpt: stopped", file=sys.stderr)
        return INTERRUPTED
    except OSError as error:
        # Otherwise Python reports the same error again when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):  # whoever reads the output has closed it
            print(f"microgpt: the output cannot be written: {error.strerror}.", file=sys.stderr)
        return FAILED


def _exit_code(command: Callable[[], None]) -> int:
    # Imported here, so that a wrong option is answered before most of the program is loaded.
    from microgpt.cli.files import FileError
    from microgpt.dataset import DataError
    from microgpt.settings import SettingError
    from microgpt.tokenizer import UnknownCharacterError
    from microgpt.trainer import DivergedError

    try:
        command()
        sys.stdout.flush()
    except (SettingError, DataError, UnknownCharacterError, FileError) as error:
        print(f"microgpt: {one_line(str(error))}", file=sys.stderr)
        return BAD_INPUT
    except DivergedError as error:
        print(f"\nmicrogpt: {error}", file=sys.stderr)
        return FAILED
    return 0
