"""The types that the page's annotations name and that MicroPython cannot make.

MicroPython skips annotations and has no `typing`, so what the names mean is written for type
checkers alone: to them TYPE_CHECKING is true whatever it is set to.
"""

from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from app.page.branches import BranchToken

    JsProxy = Any  # whatever is JavaScript's: an element, an event, an array of bytes
    JsOptions = dict[str, object]  # for a JavaScript library
    DataKey = tuple[str, int, str]  # which data: their name, their revision, what is left out
    LossUnit = tuple[DataKey, tuple[object, ...]]  # which data a loss is of, and which tokens
    # What the chart of a run shows: steps, loss of guessing, whether a task, unit of the losses.
    ChartFrame = tuple[int, float, bool, LossUnit]

    Action = Callable[[], None]
    TakeText = Callable[[str], None]
    TakeFlag = Callable[[bool], None]
    TakeEvent = Callable[[JsProxy], object]
    TakeToken = Callable[[int], None]
    TakeNumber = Callable[[int], None]
    TakeBranch = Callable[[BranchToken], None]
    TakeMoment = Callable[[list[str], list[tuple[str, float]]], None]
    TakePlace = Callable[[int, bool], None]
    TakeEdit = Callable[[int, int, str], None]
    TakeSelection = Callable[[int, int], None]
    TakeFiles = Callable[[JsProxy, list[tuple[str, int]], bool], None]
    TakeAdvice = Callable[[str, str], None]
else:
    JsProxy = JsOptions = DataKey = LossUnit = ChartFrame = Action = TakeText = TakeFlag = object
    TakeEvent = TakeToken = TakeMoment = TakePlace = TakeEdit = TakeSelection = object
    TakeFiles = TakeAdvice = TakeBranch = TakeNumber = object
