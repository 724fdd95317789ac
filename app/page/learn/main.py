"""The entry of Learn: which lesson is shown, its worker, and who takes which of its messages."""

import json

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import JsProxy, TakeText
from app.page.data_source import DataSource
from app.page.errors import guarded
from app.page.learn.html import learn_html
from app.page.learn.lessons import LESSONS
from app.page.learn.program import ProgramView
from app.page.learn.scalar import ScalarView
from app.page.views.dom import (
    find,
    listen,
    mark_current,
    pressed_link,
    set_text,
    write_html,
)
from app.shared.places import SCALAR
from app.shared.typed import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_DEATHS = 3  # of its worker, in one visit: then no other is started by itself


class Learn:
    """The place, once it is fetched.

    Args:
        go: called with the name of the lesson that the user has chosen.
        source: returns the data of the playground, None before there are any.
    """

    def __init__(self, go: TakeText, source: "Callable[[], DataSource | None]") -> None:
        write_html(find("learn-place"), learn_html())
        self._go = go
        self._shown = ""  # the lesson
        self._deaths = 0
        self._program = ProgramView(source)
        self._scalar = ScalarView()
        listen(find("lessons"), "click", self._press)
        window.microgpt.startLearning(guarded(self._take))

    def show(self, name: str) -> None:
        """Show a lesson."""
        if name == self._shown:
            return
        first, self._shown = not self._shown, name
        lesson = LESSONS[name]
        is_scalar = name == SCALAR
        link = mark_current(find("lessons"), "data-program", name)
        link.scrollIntoView(to_js({"block": "nearest", "inline": "center"}))
        set_text(
            find("lesson-title"), lesson.title if is_scalar else f"train{name}: {lesson.title}"
        )
        set_text(find("lesson-lead"), lesson.lead)
        find("program").hidden = is_scalar
        find("scalar").hidden = not is_scalar
        self._program.show("" if is_scalar else name)
        self._scalar.show(is_scalar)
        if not first:
            window.scrollTo(0, 0)

    def _press(self, event: JsProxy) -> None:
        link = pressed_link(event)
        if link is not None:
            self._go(link.dataset.program)

    def _take(self, text: str) -> None:
        message: Any = json.loads(text)
        kind = message["type"]
        if kind == "scalar":
            self._scalar.take(message)
        elif kind == "fatal":
            self._on_fatal(message["message"])
        else:
            self._program.take(message)
            if kind == "ready":
                self._scalar.on_ready()

    def _on_fatal(self, reason: str) -> None:
        """The worker has died: another takes its place, unless that keeps happening."""
        self._deaths += 1
        self._program.lose_worker(reason, self._deaths <= MAX_DEATHS)
        if self._deaths <= MAX_DEATHS:
            window.microgpt.restartLearning()
