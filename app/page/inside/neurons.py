"""Neurons: those that are most active, where one of them fires most, and what it pushes."""

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.kit import (
    attributes,
    bars_html,
    list_html,
    number,
    quoted,
    signed,
    tile_html,
)
from app.page.inside.moment import Moment
from app.page.inside.part_names import part_name
from app.page.views.dom import listen
from app.page.views.tiles import escape, spoken
from app.shared.inside import NeuronPlace, NeuronsRequest, NeuronsResult
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

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
        body.innerHTML = NEURONS_SKELETON
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
            self._select.innerHTML = options_html(mlps)
        if self._chosen and self._chosen != result["neuron"]:
            self._chosen = ""  # this model has no such neuron
        self._select.value = self._chosen
        words = neurons_words(result)
        if self._words.textContent != words:
            self._words.textContent = words
        focused = self._active.querySelector(":focus")
        opened = "" if focused is None else str(focused.dataset.neuron)
        self._active.innerHTML = active_html(result)
        if opened:
            again = self._active.querySelector(f'[data-neuron="{opened}"]')
            if again is not None:
                again.focus()
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
        self._pushes.innerHTML = pushes_html(result, moment)
        self._title.textContent = places_words(result)
        self._places.innerHTML = places_html(result, moment)

    def _choose(self, neuron: str) -> None:
        self._chosen = neuron
        self._page.ask()

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[data-neuron]")
        if button is not None:
            neuron = str(button.dataset.neuron)
            self._choose("" if neuron == self._chosen else neuron)


def neurons_words(result: NeuronsResult) -> str:
    """How many of all neurons are active."""
    count = sum([size for _, size in result["mlps"]])
    firing = result["firing"]
    if not count:
        return "This model has no neurons: it has no MLP whose output can be told apart."
    if not firing:
        return f"None of the {count:,} neurons is active here, so they add nothing."
    if firing == count:
        words = f"All {count:,} neurons have an activation other than 0 here"
    elif firing == 1:
        words = f"Only one of {count:,} neurons is active here, the others are at 0"
    else:
        only = "Only " if firing * 10 < count else ""
        words = f"{only}{firing:,} of {count:,} neurons are active here, the others are at 0"
    if firing > len(result["active"]):
        words += f"; these {len(result['active'])} are the most active"
    return words + "."


def active_html(result: NeuronsResult) -> str:
    """A bar for each of the most active neurons; a press shows it in detail."""
    if not result["active"]:
        return ""
    rows = []
    for neuron, activation in result["active"]:
        pressed = "true" if neuron == result["neuron"] else "false"
        name = part_name(neuron)
        label = (
            f'<button type="button" class="part-button" data-neuron="{quoted(neuron)}" '
            f'aria-expanded="{pressed}">{escape(short_part(neuron, result))}</button>'
        )
        lights: dict[str, object] = {"part": neuron}
        rows.append((label, activation, f"{name}: activation {activation:.4f}", lights))
    return bars_html(rows, "The most active neurons")


def short_part(neuron: str, result: NeuronsResult) -> str:
    """The name of a neuron; where there is a single MLP, it is not said."""
    words = part_name(neuron)
    if len(result["mlps"]) > 1:
        return words.replace(", MLP,", ",")
    return "N" + words[words.rfind("neuron") + 1 :]


def options_html(mlps: "list[tuple[str, int]]") -> str:
    """An option for each neuron of all MLPs."""
    options = ['<option value="">the most active neuron</option>']
    for mlp, size in mlps:
        words = escape(part_name(mlp))
        for neuron in range(size):
            value = quoted(f"{mlp}.neuron{neuron}")
            options.append(f'<option value="{value}">{words}, neuron {neuron + 1}</option>')
    return "".join(options)


def pushes_html(result: NeuronsResult, moment: Moment) -> str:
    """The tokens that the neuron's output pushes up and down."""
    if not result["up"] and not result["down"]:
        return ""
    name = part_name(result["neuron"])
    rows = []
    for title, said, pushed in (
        ("pushes up", "Pushed up", result["up"]),
        ("pushes down", "Pushed down", result["down"]),
    ):
        items = push_items(pushed, moment)
        rows.append(f"<dt>{title}</dt><dd>{list_html('neuron-pushes', said, items)}</dd>")
    marks = attributes("", {"part": result["neuron"]})
    rows_html = "".join(rows)
    return (
        f'<p class="neuron-name"{marks}><strong>{escape(name)}</strong> '
        f"is at {number(result['activation'])} here. For each unit of it, it</p>"
        f"<dl>{rows_html}</dl>"
    )


def push_items(pushed: "Sequence[tuple[int, float]]", moment: Moment) -> "list[str]":
    """A tile and a signed number for each pushed token."""
    items = []
    for token, push in pushed:
        said = spoken(moment.vocabulary, token)
        marks = attributes(f"{said}: {push:+.4f} to its logit", {"token": token})
        tile = tile_html(moment.vocabulary, token)
        items.append(f"<li{marks}>{tile}<span>{signed(push)}</span></li>")
    return items


def places_words(result: NeuronsResult) -> str:
    """What the places are, or why there are none."""
    if not result["mlps"]:
        return ""
    if result["places"] is None:
        return "Looking through held-out documents for the places where it fires most…"
    if not result["scanned"]:
        return "There are no held-out documents with this model's letters to look for it in."
    if not result["places"]:
        return f"It fires nowhere in {result['scanned']:,} held-out documents."
    return f"It fires most here, of {result['scanned']:,} held-out documents:"


def places_html(result: NeuronsResult, moment: Moment) -> str:
    """A row of tiles for each place, the token marked that the model has just read."""
    if not result["places"]:
        return ""
    items = [place_html(result["neuron"], place, moment) for place in result["places"]]
    return list_html("neuron-lines", "Where it fires most", items)


def place_html(neuron: str, place: NeuronPlace, moment: Moment) -> str:
    """A place: the tokens around it, and the activation there."""
    tiles, at, read = [], place["place"], ""
    for index, token in enumerate(place["tokens"]):
        begin = index == 0 and place["begins"]
        tile = BEGIN_TILE if begin else tile_html(moment.vocabulary, token)
        if index == at:
            tile = f'<b class="fires">{tile}</b>'
        elif index > at:
            tile = f'<span class="after">{tile}</span>'
        tiles.append(tile)
        if index <= at and not begin:
            read += spoken(moment.vocabulary, token)
    behind = f"behind “{read}”" if read else "at the beginning"
    marks = attributes(f"{place['activation']:.4f} {behind}", {"part": neuron})
    more = "" if place["begins"] else "… "
    content = "".join(tiles)
    return (
        f'<li{marks}><span class="small-text" aria-hidden="true">{more}{content}</span>'
        f'<span class="hidden">{escape(behind)}</span>'
        f'<span class="bar-value">{number(place["activation"])}</span></li>'
    )


BEGIN_TILE = '<span class="tile small-tile end">begin</span>'
