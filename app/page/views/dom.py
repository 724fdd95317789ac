"""The few things that every view does with the document."""

from pyscript import document, window
from pyscript.ffi import create_proxy

from app.page.aliases import Action, JsProxy, TakeEvent
from app.page.errors import guarded


def find(name: str) -> JsProxy:
    """The element with this id, or None."""
    return document.getElementById(name)


def make(tag: str, text: str = "", kind: str = "") -> JsProxy:
    """A new element with a text (shown as it is, never as HTML) and a class."""
    element = document.createElement(tag)
    if kind:
        element.className = kind
    element.textContent = text
    return element


def make_mark(mark: str) -> JsProxy:
    """A tick or a cross for a line of a task that is `right` or `wrong`."""
    sign = make("span", "", f"mark {mark}")
    sign.appendChild(make("span", mark, "hidden"))
    return sign


def listen(element: JsProxy, event: str, handler: TakeEvent) -> None:
    """Call `handler(event)` whenever `event` happens on `element` or inside it."""
    element.addEventListener(event, guarded(handler))


def on_press(name: str, act: Action) -> None:
    """Call `act()` whenever the button with this id is pressed."""
    listen(find(name), "click", lambda event: act())


def pressed_link(event: JsProxy) -> JsProxy:
    """The link that was pressed to be followed on this page, which the browser then leaves to us.

    None where there is none, or it is to be opened elsewhere.
    """
    link = event.target.closest("a")
    if link is None or event.ctrlKey or event.metaKey or event.shiftKey:
        return None
    event.preventDefault()
    return link


def mark_current(links: JsProxy, attribute: str, value: str) -> JsProxy:
    """Mark the one of some links whose attribute has this value as the current one; returns it."""
    current = None
    for link in list(links.querySelectorAll("a")):
        if link.getAttribute(attribute) == value:
            current = link
            link.setAttribute("aria-current", "page")
        else:
            link.removeAttribute("aria-current")
    return current


def clear(element: JsProxy) -> None:
    """Remove everything in `element`."""
    element.textContent = ""


def write_html(element: JsProxy, html: str) -> None:
    """Replace what is in `element` by HTML that has custom properties as `data-style`."""
    element.innerHTML = html
    window.microgpt.applyStyles(element)


class HtmlPlace:
    """An element whose HTML is written anew only where it differs.

    So a list that is open stays so, and a press that is under way is not lost.
    """

    def __init__(self, element: JsProxy) -> None:
        self._element, self._html = element, ""

    def write(self, html: str) -> bool:
        """Have it contain this; returns whether that is new."""
        if html == self._html:
            return False
        self._html = html
        write_html(self._element, html)
        return True


def set_text(element: JsProxy, text: str) -> None:
    """Have an element say a text.

    Where it does already, nothing is laid out anew, and no screen reader reads it again.
    """
    if element.textContent != text:
        element.textContent = text


def write_text(name: str, text: str) -> None:
    """Have the element with this id say a text; as `set_text`."""
    set_text(find(name), text)


def notice(name: str, text: str) -> None:
    """Show a sentence in the notice with this id, or hide the notice if there is none."""
    write_text(name, text)
    find(name).hidden = not text


def mark_ready(what: str) -> None:
    """Tell tests and benchmarks that the page or the worker is ready, and when it was."""
    document.body.setAttribute(f"data-{what}", "ready")
    window.performance.mark(f"{what} ready")


class OncePerFrame:
    """Calls `act()` before the browser draws its next frame, however often that is requested."""

    def __init__(self, act: Action) -> None:
        self._act = act
        self._requested = False
        self._proxy = create_proxy(guarded(self._run))  # one for all frames

    def request(self) -> None:
        """Have `act` called with the next frame."""
        if not self._requested:
            self._requested = True
            window.requestAnimationFrame(self._proxy)

    def _run(self, _time: float) -> None:
        self._requested = False
        self._act()
