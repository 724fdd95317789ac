"""Programs that tests start: they get signals as a user's do, and none outlives its limit."""

from __future__ import annotations

import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO

from tests.support.imports import ROOT

SECONDS = 60  # for a process that hangs; none takes a tenth of it
LONG_SECONDS = 600  # for one that has much to do


@contextmanager
def started(
    command: Sequence[str],
    seconds: float = SECONDS,
    stdout: int | IO[str] = subprocess.PIPE,
) -> Iterator[subprocess.Popen[str]]:
    """Starts a program, which is killed at the end of the block or after `seconds`.

    So whoever reads its output, or waits for it, waits no longer than that. A shell ignores Ctrl+C
    in what it runs in the background, and a program inherits this; here it gets the signal as if a
    user had started it.

    Args:
        command: the program and its arguments.
        seconds: its limit.
        stdout: where its output goes; stderr is always a pipe.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )
    finally:
        signal.signal(signal.SIGINT, before)
    limit = threading.Timer(seconds, process.kill)
    limit.start()
    with process:
        try:
            yield process
        finally:
            limit.cancel()
            process.kill()
