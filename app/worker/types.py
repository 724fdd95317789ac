"""The types of what is passed into the worker's parts from outside."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from app.shared.events import Event

Post = Callable[[Event], None]  # sends an event to the page
Clock = Callable[[], float]  # seconds that never decrease
Report = Callable[[str], None]  # writes a traceback to the console
# Runs a coroutine concurrently, and has `Session.work` called once it has ended.
Spawn = Callable[[Coroutine[Any, Any, None]], None]
# Brings a package of the site into this Python; raises whatever goes wrong.
Install = Callable[[str], Coroutine[Any, Any, None]]
