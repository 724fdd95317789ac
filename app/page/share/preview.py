"""The page as a link would show it, in a frame."""

from pyscript import window
from pyscript.ffi import create_proxy

from app.page.aliases import JsProxy, TakeNumber
from app.page.errors import guarded
from app.page.views.dom import clear, find, listen, make


class Preview:
    """A frame with the page in it, which is there while it is to be seen.

    A page in a frame keeps nothing, see `static/boot.js`, so it is in nobody's way.

    Args:
        place: the id of the element that it fills.
        title: what the frame is called.
        measured: called with the height in pixels of what is in the frame when that has changed.
    """

    def __init__(self, place: str, title: str, measured: TakeNumber | None = None) -> None:
        self._place, self._title = find(place), title
        self._measured = measured
        self._measure = create_proxy(guarded(self._take_size))  # one for all frames
        self._frame: JsProxy = None
        self._base = ""  # of the page that is in it: its address without the fragment

    def show(self, address: str, width: int, height: int) -> None:
        """Show the page at this address, as a window of that size in pixels has it.

        Where only the fragment is another one, the page takes it over without being loaded anew.
        """
        base = address.split("#")[0]
        if self._frame is None:
            self._frame = make("iframe")
            self._frame.title = self._title
            listen(self._frame, "load", self._loaded)
            self._place.appendChild(self._frame)
        if base != self._base:
            self._frame.src = address
        else:
            self._frame.contentWindow.location.replace(address)
        self._base = base
        self.resize(width, height)

    def resize(self, width: int, height: int) -> None:
        """Have the window that it stands for be of another size."""
        scale = min(1.0, self._place.clientWidth / width)
        style = self._place.style
        style.setProperty("--width", f"{width}px")
        style.setProperty("--height", f"{height}px")
        style.setProperty("--scale", f"{scale:.4f}")

    def clear(self) -> None:
        """Take the frame away, and with it the page that runs in it."""
        self._frame, self._base = None, ""
        clear(self._place)

    def _loaded(self, event: JsProxy) -> None:
        if self._measured is not None:
            inside = event.target.contentWindow
            inside.ResizeObserver.new(self._measure).observe(inside.document.body)

    def _take_size(self, _entries: JsProxy, _observer: JsProxy) -> None:
        body = self._frame.contentDocument.body if self._frame is not None else None
        if body is not None and self._measured is not None:
            self._measured(int(body.offsetHeight))


def page_address(query: str, fragment: str) -> str:
    """The address of this page with a query and a fragment; each may be empty."""
    base = str(window.location.href).split("#")[0].split("?")[0]
    return base + (f"?{query}" if query else "") + (f"#{fragment}" if fragment else "")
