"""What typed messages need from `typing`, and what stands in for it where there is none.

MicroPython has no `typing` and skips annotations. There a message is made as elsewhere, by calling
its definition: `PauseCommand(type="pause")` is a dictionary on both sides.
"""

TYPE_CHECKING = False  # type checkers take it for true

try:
    from collections.abc import Callable as Callable
    from typing import Any as Any
    from typing import Literal as Literal
    from typing import NotRequired as NotRequired
    from typing import TypedDict as TypedDict
except ImportError:
    Any = Callable = Literal = NotRequired = object  # type: ignore[assignment,misc]

    class TypedDict:  # type: ignore[no-redef]
        """The base of messages in MicroPython."""

        def __new__(cls, **fields: object) -> dict[str, object]:  # type: ignore[misc]
            return fields


if TYPE_CHECKING:
    SettingValues = dict[str, int | float | str]  # settings by name
    Blob = Any  # bytes: `bytes` in the worker, a typed array on the page
    ViewData = Any  # a view's request or result: one of the types of `inside.py`
else:
    SettingValues = ViewData = dict
    Blob = object
