"""The types that the page's annotations name and that MicroPython cannot make.

MicroPython skips annotations and has no `typing`, so what the names mean is written for type
checkers alone: to them TYPE_CHECKING is true whatever it is set to.
"""

TYPE_CHECKING = False

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    JsProxy = Any  # whatever is JavaScript's: an element, an event, an array of bytes
    Options = dict[str, object]  # for a JavaScript library
    Message = dict[str, Any]  # from the worker, as in `app/protocol/`
    Unit = tuple[object, object]  # which data a loss is of, and which tokens of theirs
    Room = tuple[int, float, bool, Unit]  # of a run: its steps, guessing, whether a task, its unit

    Act = Callable[[], None]
    Tell = Callable[[str], None]
    TakeEvent = Callable[[JsProxy], object]
    TakeMessage = Callable[[Message, JsProxy], None]
    TakeToken = Callable[[int], None]
    TakeFiles = Callable[[JsProxy, list[tuple[str, int]]], None]
else:
    JsProxy = Options = Message = Unit = Room = Act = Tell = object
    TakeEvent = TakeMessage = TakeToken = TakeFiles = object
