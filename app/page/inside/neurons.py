"""Neurons: those that are most active, where one of them fires most, and what it pushes."""

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.focus import write_around_focus
from app.page.inside.moment import Moment
from app.page.inside.neurons_html import (
    active_html,
    neurons_words,
    options_html,
    places_html,
    places_words,
    pushes_html,
)
from app.page.views.dom import listen, set_text, write_html
from app.shared.inside import NeuronsRequest, NeuronsResult

NEURONS_SKELETON = """
<p class="neurons-words" aria-live="polite"></p>
<div class="neurons-active"></div>
<label class="neurons-choice">In detail <select></select></label>
<div class="neurons-pushes"></div>
<p class="bar-title"></p>
<div class="neurons-places"></div>
"""


class NeuronsView:
    """The view.

    Args:
        body: the element to draw in.
        page: the page.
    """

    def __init__(self, body: JsProxy, page: ViewCallbacks) -> None:
        write_html(body, NEURONS_SKELETON)
        self._words, self._active, self._choice = list(body.children)[:3]
        self._pushes, self._title, self._places = list(body.children)[3:]
        self._select = self._choice.querySelector("select")
        self._page = page
        self._chosen = ""  # "" for the most active neuron
        self._mlps: list[tuple[str, int]] | None = None  # whose neurons can be chosen
        self._drawn: tuple[object, ...] = ()  # what the places and pushes were drawn of
        listen(self._select, "change", lambda event: self._choose(str(self._select.value)))
        listen(self._active, "click", self._press)

    def request(self, _moment: Moment) -> NeuronsRequest:
        """Ask for the most active neurons, and for the chosen one."""
        return NeuronsRequest(neuron=self._chosen)

    def show(self, result: NeuronsResult, moment: Moment) -> None:
        """Draw the activations, and one neuron in detail."""
        mlps = [(name, size) for name, size in result["mlps"]]
        if mlps != self._mlps:
            self._mlps = mlps
            write_html(self._select, options_html(mlps))
        if self._chosen and self._chosen != result["neuron"]:
            self._chosen = ""  # this model has no such neuron
        self._select.value = self._chosen
        words = neurons_words(result)
        set_text(self._words, words)
        write_around_focus(self._active, active_html(result), "neuron")
        self._choice.hidden = not mlps
        self._show_detail(result, moment)

    def close(self) -> None:
        """There is nothing to stop."""

    def _show_detail(self, result: NeuronsResult, moment: Moment) -> None:
        pushed = (result["up"], result["down"])
        drawn = (moment.vocabulary, result["neuron"], pushed, result["places"], result["scanned"])
        if drawn == self._drawn:
            return
        self._drawn = drawn
        write_html(self._pushes, pushes_html(result, moment))
        self._title.textContent = places_words(result)
        self._places.hidden = result["places"] is not None and not result["places"]
        write_html(self._places, places_html(result, moment))

    def _choose(self, neuron: str) -> None:
        self._chosen = neuron
        self._page.ask()

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[data-neuron]")
        if button is not None:
            neuron = str(button.dataset.neuron)
            self._choose("" if neuron == self._chosen else neuron)
