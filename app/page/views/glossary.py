"""What terms mean: one explanation floats beside the term that is hovered, focused or tapped.

A term is any element with `data-term="NAME"`; its text stands out of sight in `#NAME-help`, where a
screen reader finds it as the description of its control. The terms in an element with `data-terms`
are one tab stop; the arrow keys go through them. What a link has locked says so in the same way.
"""

from pyscript import document

from app.page.aliases import JsProxy
from app.page.errors import guarded
from app.page.views.dom import OncePerFrame, find, listen, set_text
from app.page.views.placement import place_tip

STEPS = {"ArrowRight": 1, "ArrowDown": 1, "ArrowLeft": -1, "ArrowUp": -1}


class GlossaryView:
    """The explanations, and the one that is shown."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._hovered: JsProxy = None  # the term that the mouse is on, or came from
        self._tapped: JsProxy = None  # the term that was tapped last
        self._focused: JsProxy = None  # the control that has the focus, if that is to be seen
        self._place_in_group = 0  # which of the terms of the focused group is explained
        self._dismissed = False  # whether it was closed, and the mouse has not moved on since
        self._touching = False  # whether the last press was a finger's
        self._follow = OncePerFrame(self._place)
        listen(document, "pointerover", self._hover)
        listen(document.documentElement, "pointerleave", lambda event: self._leave())
        listen(document, "pointerdown", self._press)
        listen(document, "click", self._click)
        listen(document, "focusin", self._focus)
        listen(document, "focusout", lambda event: self._blur())
        listen(document, "keydown", self._key)
        listen(document, "input", self._type)
        # Capturing: what scrolls inside the page does not bubble.
        document.addEventListener("scroll", guarded(lambda event: self._follow.request()), True)

    def show(self, texts: dict[str, str]) -> None:
        """Take over the explanations by term."""
        for term, text in texts.items():
            if self._texts.get(term) != text:
                self._texts[term] = text
                find(f"{term}-help").textContent = text
        self._update()

    # ---- what the user does ----------------------------------------------------------------------

    def _hover(self, event: JsProxy) -> None:
        if event.pointerType == "touch" or event.target.closest("#tip") is not None:
            return
        if self._dismissed:
            self._dismissed = False  # the mouse is on what was below the explanation
            return
        # On the way from a label to its explanation lies its control.
        if self._hovered is not None and _surroundings(self._hovered).contains(event.target):
            return
        self._hovered = _explained(event.target)
        self._update()

    def _leave(self) -> None:
        self._hovered = None
        self._update()

    def _press(self, event: JsProxy) -> None:
        self._touching = event.pointerType == "touch"
        locked = event.target.closest("[data-locked]")
        if self._touching and locked is not None:  # no click comes from there
            self._tapped = _explained(event.target)
            self._update()

    def _click(self, event: JsProxy) -> None:
        if event.target.closest("#tip") is not None:
            return
        term, tapped = event.target.closest("[data-term]"), self._tapped
        self._tapped = None
        if term is None or event.target.closest("button") is not None:
            self._hovered = None
        elif self._touching:
            if event.target.closest("label") is not None:
                event.preventDefault()  # to focus its field would bring up a keyboard
            if tapped is None or not tapped.isSameNode(term):
                self._tapped = term
        self._update()

    def _focus(self, event: JsProxy) -> None:
        self._place_in_group = 0
        seen = event.target.matches(":focus-visible, [data-locked]")
        self._focused = event.target if seen else None
        self._tapped = None
        self._update()

    def _blur(self) -> None:
        self._focused = None
        self._update()

    def _key(self, event: JsProxy) -> None:
        if event.key == "Escape":
            self._dismissed = not find("tip").hidden
            self._hovered = self._tapped = self._focused = None
            self._update()
        elif event.key in STEPS and event.target.hasAttribute("data-terms"):
            event.preventDefault()  # it would scroll the page
            self._focused = event.target
            self._place_in_group += STEPS[event.key]
            self._update()

    def _type(self, event: JsProxy) -> None:
        """Who types into a field knows what it is for, and wants to see what comes of it."""
        if event.target.matches("input[type=text], input[type=number]"):
            self._focused = None
            self._update()

    # ---- what is shown ---------------------------------------------------------------------------

    def _term(self) -> JsProxy:
        """The term to explain now, or None."""
        for term in (self._hovered, self._tapped):
            if term is not None and term.isConnected:
                return term
        control = self._focused
        if control is None:
            return None
        if control.hasAttribute("data-terms"):
            terms = control.querySelectorAll("[data-term]:not([hidden])")
            return terms.item(self._place_in_group % terms.length)
        if control.hasAttribute("data-term") or control.hasAttribute("data-locked"):
            return control
        if control.tagName == "SUMMARY":
            return control.querySelector("[data-term]")
        return document.querySelector(f"label[data-term][for='{control.id}']")

    def _update(self) -> None:
        """Show the explanation of the term, or none."""
        term, tip = self._term(), find("tip")
        text = _explanation(term) if term is not None else ""
        tip.hidden = not text
        if text:
            # The description of a control is read out with it, that of one of a group is not.
            grouped = self._focused is not None and self._focused.hasAttribute("data-terms")
            tip.setAttribute("aria-live", "polite" if grouped else "off")
            set_text(tip, text)
            self._place()
            self._follow.request()  # once more when what has just changed is laid out

    def _place(self) -> None:
        term, tip = self._term(), find("tip")
        if term is None or tip.hidden:
            return
        root, box = document.documentElement, _surroundings(term).getBoundingClientRect()
        tip.style.maxHeight = ""
        left, top, room = place_tip(
            (box.left, box.top, box.right, box.bottom),
            (tip.offsetWidth, tip.offsetHeight),
            (root.clientWidth, root.clientHeight),
        )
        tip.style.transform = f"translate({left:.1f}px, {top:.1f}px)"  # no shift of the layout
        tip.style.maxHeight = f"{room:.1f}px"
        scrolled_away = box.bottom < 0 or box.top > root.clientHeight
        tip.style.visibility = "hidden" if scrolled_away else ""


def _explained(element: JsProxy) -> JsProxy:
    """The term that this lies in, else the nearest thing around it that is locked, or None."""
    return element.closest("[data-term]") or element.closest("[data-locked]:not(section)")


def _explanation(term: JsProxy) -> str:
    """What a term means, and that it is locked, where it is."""
    named = term if term.hasAttribute("data-term") else term.querySelector("[data-term]")
    words = [find(f"{named.dataset.term}-help").textContent] if named is not None else []
    if term.closest("[data-locked]") is not None:
        words.append(find("locked-help").textContent)
    return " ".join(words)


def _surroundings(term: JsProxy) -> JsProxy:
    """What the explanation of a term must not cover: a label's control as well."""
    return term.parentElement if term.tagName == "LABEL" else term
