"""Neurons as HTML and in words."""

from app.page.inside.kit import (
    BEGIN,
    attributes,
    bars_html,
    list_html,
    number,
    signed,
    tile_html,
)
from app.page.inside.moment import Moment
from app.page.inside.part_names import part_name
from app.page.views.tiles import escape, quoted, spoken
from app.shared.inside import NeuronPlace, NeuronsResult
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

BEGIN_TILE = f'<span class="tile small-tile end">{BEGIN}</span>'


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
        f"is at {number(result['activation'])} here. Each unit of it adds to the logits:</p>"
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
    tiles: dict[int, str] = {}  # of each token that comes, since most come again and again
    for place in result["places"]:
        for token in place["tokens"]:
            if token not in tiles:
                tiles[token] = tile_html(moment.vocabulary, token)
    neuron, vocabulary = result["neuron"], moment.vocabulary
    items = [place_html(neuron, place, vocabulary, tiles) for place in result["places"]]
    return list_html("neuron-lines", "Where it fires most", items)


def place_html(
    neuron: str, place: NeuronPlace, vocabulary: "list[str]", tiles: "dict[int, str]"
) -> str:
    """A place: the tokens around it, and the activation there.

    tiles: the tile of each token that comes in it.
    """
    at, tokens, begins = place["place"], place["tokens"], place["begins"]
    shown = [tiles[token] for token in tokens]
    if begins:
        shown[0] = BEGIN_TILE
    before, here, after = "".join(shown[:at]), shown[at], "".join(shown[at + 1 :])
    read = "".join([spoken(vocabulary, token) for token in tokens[int(begins) : at + 1]])
    behind = f"behind “{read}”" if read else "at the beginning"
    marks = attributes(f"{place['activation']:.4f} {behind}", {"part": neuron})
    more = "" if begins else "… "
    return (
        f'<li{marks}><span class="small-text" aria-hidden="true">{more}{before}'
        f'<b class="fires">{here}</b><span class="after small-text">{after}</span></span>'
        f'<span class="hidden">{escape(behind)}</span>'
        f'<span class="bar-value">{number(place["activation"])}</span></li>'
    )
