"""What the parts of a model are called in a sentence, and on a button.

Their names are those of `microgpt.interpret`, such as `layer0.head2`; people count from 1. Plain
Python that MicroPython understands.
"""

MAX_NAMED_PARTS = 4  # in a sentence


def part_words(name: str) -> str:
    """A part inside a sentence: `layer0.head2` is "head 3 of layer 1"."""
    layer, part = _split(name)
    if not layer:
        known = {"token": "the token embedding", "position": "the positions"}
        return known.get(part, f"“{part}”")
    if not part:
        return layer
    words = button_words(name)
    return f"the {words} of {layer}" if words[:3] == "MLP" else f"{words} of {layer}"


def button_words(name: str) -> str:
    """A part on a button that stands beside the name of its layer."""
    _, part = _split(name)
    if not part:
        return "whole layer"
    base, _, use = part.partition("#")
    pieces = base.split(".")
    words = "MLP" if base == "mlp" else base
    for kind in ("head", "neuron"):
        if pieces[-1].startswith(kind) and pieces[-1][len(kind) :].isdigit():
            words = f"{kind} {int(pieces[-1][len(kind) :]) + 1}"
    return f"{words} (use {use})" if use else words


def parts_words(names: list[str]) -> str:
    """Several parts inside a sentence."""
    words = [part_words(name) for name in names[:MAX_NAMED_PARTS]]
    if len(names) > MAX_NAMED_PARTS:
        words.append(f"{len(names) - MAX_NAMED_PARTS} more")
    if len(words) == 1:
        return words[0]
    return ", ".join(words[:-1]) + " and " + words[-1]


def layer_name(name: str) -> str:
    """The layer that a part is in, as it is called in a sentence, "" for none."""
    return _split(name)[0]


def _split(name: str) -> "tuple[str, str]":
    """The layer's name for people, and the part's name within it."""
    first, _, rest = name.partition(".")
    if first.startswith("layer") and first[5:].isdigit():
        return f"layer {int(first[5:]) + 1}", rest
    return "", name
