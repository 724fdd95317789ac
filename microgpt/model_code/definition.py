"""A model that is defined by a text: the record, and what can go wrong when its functions run.

The functions of a text are as those of the repository: `parameter_shapes(config)`, which says which
matrices there are, and `gpt(ops, config, weights, token, position, caches)`, the model.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import FrameType
from typing import TYPE_CHECKING, Any

from microgpt.settings import SettingError

if TYPE_CHECKING:
    from microgpt.shapes import Shapes, Sizes

CODE_FILE_NAME = "model code"  # of the text, in tracebacks and in printed graphs
MAX_LINES_RUN = 200_000  # of the text, before it counts as endless
MAX_PARAMS = 50_000_000
MAX_MATRICES = 280  # a model file holds no more
OWNER = re.compile(r"\w*Operations\.(?=\w+\(\) )")  # in Python's sentences about calls
WRONG_COUNT = re.compile(
    r"ops\.(\w+)\(\) takes (?:from \d+ to )?(\d+) positional arguments? "
    r"but (\d+) w\w+ given"
)
MATRIX_NAME = re.compile(r"[A-Za-z0-9_.]{1,80}\Z")


class CodeError(SettingError):
    """Something in model code is wrong; one sentence says what, and what to do.

    Args:
        sentence: it, without the line.
        line: the line of the text that it speaks of, from 1; 0 if there is none.
    """

    def __init__(self, sentence: str, line: int = 0) -> None:
        super().__init__(f"Line {line}: {sentence}" if line else f"Model code: {sentence}")
        self.sentence, self.line = sentence, line


@dataclass(frozen=True, slots=True)
class ModelCode:
    """A model's text and its two functions; equal to any other of the same text.

    Args:
        source: the text.
        trusted: whether it may be any Python; else it is held to the allowlist.
        parameter_shapes, gpt: its functions.
    """

    source: str
    trusted: bool
    parameter_shapes: Callable[[Sizes], object] = field(compare=False, repr=False)
    gpt: Callable[..., Any] = field(compare=False, repr=False)

    def shapes(self, config: Sizes, large: bool = False) -> Shapes:
        """The model's matrices, checked; a `large` model may have any number of weights.

        Raises:
            CodeError: there are none, or too many numbers.
        """
        with running(self.parameter_shapes):
            return _checked(self.parameter_shapes(config), large)

    @property
    def lines(self) -> list[str]:
        """The lines of the text."""
        return self.source.splitlines()


@contextmanager
def running(function: Callable[..., Any] | None = None) -> Iterator[None]:
    """Runs model code: whatever it raises becomes a `CodeError`, and so does what never ends.

    function: the one that runs; its first line stands for what is wrong with its result.
    """
    first = function.__code__.co_firstlineno if function else 0
    before = sys.gettrace()
    sys.settrace(_line_counter())
    try:
        yield
    except CodeError as error:
        raise CodeError(error.sentence, error.line or _line_of(error) or first) from error
    except Exception as error:
        raise CodeError(_sentence(error), _line_of(error) or first) from error
    finally:
        sys.settrace(before)


def _line_counter() -> Callable[[FrameType, str, Any], Any]:
    """A trace function that counts the lines of model code, and ends it after too many."""
    count = 0

    def count_line(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        if event == "line":
            count += 1
            if count > MAX_LINES_RUN:
                raise CodeError(
                    "this does not come to an end; loop over fewer things, or correct the "
                    "function that calls itself.",
                    frame.f_lineno,
                )
        return count_line

    def enter(frame: FrameType, _event: str, _: Any) -> Any:
        return count_line if frame.f_code.co_filename == CODE_FILE_NAME else None

    return enter


def _line_of(error: BaseException) -> int:
    """The line of model code that raised an exception, or called what did; 0 if none did."""
    line, traceback = 0, error.__traceback__
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == CODE_FILE_NAME:
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _sentence(error: Exception) -> str:
    """What an exception in model code means."""
    if isinstance(error, RecursionError):
        return "the functions call each other without an end; let one of them stop."
    if isinstance(error, MemoryError):
        return "this needs more memory than there is; make it smaller."
    words = str(error).strip().rstrip(".") or type(error).__name__
    if type(error) is KeyError:
        words = f"there is no {words} here; check the name"
    words = WRONG_COUNT.sub(_count_without_self, OWNER.sub("ops.", words))
    return f"{words}." if ";" in words else f"{words}; correct this line."


def _count_without_self(found: re.Match[str]) -> str:
    """Python's sentence about the number of arguments, in which it counts `self`."""
    name, wanted, given = found[1], int(found[2]) - 1, int(found[3]) - 1
    return f"ops.{name}() takes {wanted} argument{'s' * (wanted != 1)}, but there are {given}"


def _checked(found: object, large: bool) -> Shapes:
    if not isinstance(found, (list, tuple)):
        raise CodeError("parameter_shapes() must return a list of (name, (rows, columns)).")
    shapes: Shapes = []
    for entry in found:
        try:
            name, (rows, columns) = entry
        except (TypeError, ValueError):
            raise CodeError(
                f"parameter_shapes() must return pairs of a name and (rows, columns), but one of "
                f"them is {entry!r:.60}."
            ) from None
        if not isinstance(name, str) or not MATRIX_NAME.match(name):
            raise CodeError(
                f"the name of a matrix has letters, digits, dots and underscores, but one is "
                f"{name!r:.60}."
            )
        for size in (rows, columns):
            if type(size) is not int or size < 1:
                raise CodeError(
                    f"the rows and columns of {name} must be whole numbers from 1 on, but one is "
                    f"{size!r:.60}; divide with // to get whole numbers."
                )
        shapes.append((name, (rows, columns)))
    names = [name for name, _ in shapes]
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise CodeError(f"there are two matrices called {twice}; give each its own name.")
    if not shapes:
        raise CodeError("parameter_shapes() returns no matrix, but a model needs one at least.")
    count = sum(rows * columns for _, (rows, columns) in shapes)
    if (count > MAX_PARAMS and not large) or len(shapes) > MAX_MATRICES:
        raise CodeError(
            f"the model has {count:,} weights in {len(shapes):,} matrices, but {MAX_PARAMS:,} "
            f"weights and {MAX_MATRICES:,} matrices are the most; make it smaller."
        )
    return shapes
