"""Runs a program as a file is run, and says what it prints, where it is, and how it has ended.

A program is any text: the browser keeps it to this site as all else, and whoever wants to be rid of
it ends the worker.
"""

from __future__ import annotations

import importlib
import linecache
import math
import sys
import traceback
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from types import CodeType, FrameType, ModuleType
from typing import Any

from app.learning.output import PrintedLines
from app.shared.learning import (
    ProgramEndedEvent,
    ProgramStartedEvent,
    RunProgramCommand,
    SilentEvent,
)

SILENT_SECONDS = 3.0  # without a line, before it is said where the program is
SECONDS_BETWEEN_WORDS = 1.0  # on its silence
# What the programs import, loaded before the first is run.
PROGRAM_MODULES = ("argparse", "collections.abc", "functools", "json", "math", "pathlib", "random")
NAMES_FILE = "datasets/us-names.txt"  # where the programs look for it, from their home
PROGRAM_FOLDER = "microgpt/progression"
OWN_DATA = "data.txt"
OWN_STEPS = 1000  # that a run is meant to have, if nothing else is said


class ProgramRunner:
    """Runs one program after the other.

    Args:
        home: the folder that the programs take for the repository.
        send: takes each event.
        clock: the time in seconds.
    """

    def __init__(self, home: Path, send: Callable[[Any], None], clock: Callable[[], float]) -> None:
        self._home, self._send, self._clock = home, send, clock
        self._output: PrintedLines | None = None  # of the program that runs
        self._number, self._name, self._said = 0, "", 0.0
        for module in PROGRAM_MODULES:
            importlib.import_module(module)

    def run(self, command: RunProgramCommand) -> None:
        """Runs a program to its end."""
        self._number, self._name = command["number"], command["name"]
        began = self._said = self._clock()
        file = self._home / PROGRAM_FOLDER / self._name
        data = self._home / (OWN_DATA if command["own"] else NAMES_FILE)
        for path in (file, data):
            path.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(command["source"], encoding="utf-8")
        data.write_bytes(command["blob"])
        self._send(
            ProgramStartedEvent(type="started", number=self._number, guessing=_guessing(data))
        )
        output = self._output = PrintedLines(self._number, self._send, self._clock)
        steps = command["steps"]
        options = ["--stop-after", str(steps)]
        if steps > OWN_STEPS:
            options += ["--steps", str(steps)]
        if command["own"]:
            options += ["--data", str(data)]
        problem = self._execute(command["source"], file, options, output)
        self._output = None
        output.close()
        self._send(
            ProgramEndedEvent(
                type="ended",
                number=self._number,
                seconds=self._clock() - began,
                problem=problem.sentence if problem else "",
                line=problem.line if problem else 0,
                traceback=problem.traceback if problem else "",
            )
        )

    def pulse(self, frame: FrameType | None) -> None:
        """Called now and then in the midst of a program: says what there is to say.

        frame: where it is.
        """
        output = self._output
        if output is None:
            return
        output.tell()
        now = self._clock()
        silence = now - output.heard
        if silence >= SILENT_SECONDS and now - self._said >= SECONDS_BETWEEN_WORDS:
            self._said = now
            while frame and frame.f_code.co_filename != self._name:
                frame = frame.f_back
            self._send(
                SilentEvent(
                    type="silent",
                    number=self._number,
                    seconds=silence,
                    line=frame.f_lineno if frame else 0,
                )
            )

    def _execute(
        self, source: str, file: Path, options: list[str], output: PrintedLines
    ) -> Problem | None:
        """Runs the program with these options; returns why it broke off, None where it did not."""
        # Tracebacks show its lines, under its name alone.
        linecache.cache[self._name] = (len(source), None, source.splitlines(True), self._name)
        module, main, arguments = ModuleType("__main__"), sys.modules["__main__"], sys.argv
        module.__file__ = str(file)
        sys.argv = [str(file), *options]
        stream: Any = output
        try:
            code: CodeType = compile(source, self._name, "exec", dont_inherit=True)
            sys.modules["__main__"] = module
            with redirect_stdout(stream), redirect_stderr(stream):
                exec(code, module.__dict__)
        except SystemExit as error:
            if error.code:
                return Problem(f"The program has ended itself with exit code {error.code}.", 0, "")
        except BaseException as error:
            return problem_of(error, self._name)
        finally:
            sys.modules["__main__"], sys.argv = main, arguments
            module.__dict__.clear()
        return None


class Problem:
    """Why a program broke off: a sentence, the line that it speaks of, the traceback."""

    def __init__(self, sentence: str, line: int, traceback: str) -> None:
        self.sentence, self.line, self.traceback = sentence, line, traceback


def problem_of(error: BaseException, name: str) -> Problem:
    """What there is to say of an exception in the program with this name."""
    about = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    about = about.split("\n")[0].rstrip(".")
    if isinstance(error, SyntaxError) and error.filename == name:
        line = error.lineno or 0
        said = traceback.format_exception_only(error)
        return Problem(f"Line {line} is no valid Python: {error.msg}.", line, "".join(said))
    frames = error.__traceback__
    while frames and frames.tb_frame.f_code.co_filename != name:
        frames = frames.tb_next  # ours
    lines = [frame.lineno for frame in traceback.extract_tb(frames) if frame.filename == name]
    told = traceback.TracebackException(type(error), error, frames)
    line = (lines[-1] if lines else 0) or 0
    where = f" in line {line}" if line else ""
    return Problem(f"The program broke off{where}: {about}.", line, "".join(told.format()))


def _guessing(data: Path) -> float:
    """The loss of guessing among the characters of a text and the end."""
    characters = set(data.read_text(encoding="utf-8", errors="replace")) - {"\n", "\r"}
    return math.log(len(characters) + 1)
