"""Long runs: the tab's title and icon say how far the run is, and the screen stays on.

A browser goes on with a run in a hidden tab: the worker's timers are its own, and what it sends is
taken over though nothing is drawn. What waits for a frame is drawn when the tab is seen again.
"""

from pyscript import document, window
from pyscript.ffi import to_js

from app.page.aliases import JsProxy
from app.page.errors import spawn
from app.page.run import RunRecord
from app.page.views.dom import listen

LONG_MILLISECONDS = 2000.0  # from which on a run counts as long
ICON_STEPS = 16  # different icons
ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
    '<rect x="3" y="1" width="26" height="30" rx="3" fill="#e3b6a7"/>'
    '<rect x="3" y="{top}" width="26" height="{height}" rx="3" fill="#c43a1c"/></svg>'
)


class LongRun:
    """What one sees of a run without looking at the page."""

    def __init__(self) -> None:
        self._title = str(document.title)
        self._icon = document.querySelector('link[rel="icon"]')
        self._usual_icon = str(self._icon.href)
        self._shown: tuple[int, str] | None = None  # percent, and what follows it
        self._drawn = -1  # the icon that is shown, -1: the usual one
        self._addresses: dict[int, str] = {}  # of its pictures, by how far they are filled
        self._began = 0.0  # when the run began to go on; 0.0: it does not
        self._lock: JsProxy = None  # that keeps the screen on
        listen(document, "visibilitychange", lambda event: self._seen())

    def show(self, run: RunRecord | None, running: bool) -> None:
        """The run, if there is one, has gone on, or has begun or ceased to be `running`."""
        now = window.performance.now()
        if run is None or not running:
            was_long = self._shown is not None
            self._began = 0.0
            self._end()
            over = run is not None and run.step == run.series.num_steps
            if was_long and over and run is not None and document.hidden:
                document.title = f"Done: loss {run.series.smoothed:.2f} – {self._title}"
            return
        if not self._began:
            self._began = now
        if now - self._began < LONG_MILLISECONDS:
            return
        percent = int(100 * run.step / max(1, run.series.num_steps))
        shown = (percent, f"loss {run.series.smoothed:.2f}")
        if self._shown is None:
            spawn(self._keep_screen_on())
        if self._shown is None or self._shown[0] != percent:
            self._shown = shown
            document.title = f"{percent}% {shown[1]} – {self._title}"
            self._draw_icon(percent)

    def _seen(self) -> None:
        """The tab is seen, or is not any more."""
        if document.hidden:
            return
        if self._shown is None:
            document.title = self._title
        else:
            spawn(self._keep_screen_on())  # a browser gives that up with a hidden tab

    def _end(self) -> None:
        if self._shown is None:
            return
        self._shown, self._drawn = None, -1
        document.title = self._title
        self._icon.href = self._usual_icon
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def _draw_icon(self, percent: int) -> None:
        filled = percent * ICON_STEPS // 100
        if filled == self._drawn:
            return
        self._drawn = filled
        if filled not in self._addresses:
            height = 30 * filled / ICON_STEPS
            svg = ICON.format(top=31 - height, height=height)
            blob = window.Blob.new(to_js([svg]), to_js({"type": "image/svg+xml"}))
            # Kept: the browser may fetch a picture once more, or after the next is there.
            self._addresses[filled] = str(window.URL.createObjectURL(blob))
        self._icon.href = self._addresses[filled]

    async def _keep_screen_on(self) -> None:
        if not hasattr(window.navigator, "wakeLock") or document.hidden:
            return
        try:
            lock = await window.navigator.wakeLock.request("screen")
        except Exception:  # refused, to save power say: then the screen sleeps as ever
            return
        if self._shown is None:  # the run has ended meanwhile
            lock.release()
        else:
            self._lock = lock
