"""The names of a model's parts as labels, counted from 1: `layer0.head2` is "Layer 1, head 3"."""

from app.page.part_words import button_words, layer_name

WITHOUT_LAYER = {"token": "The token", "position": "Its position", "embedding": "Embedding"}


def part_name(part: str) -> str:
    """A part's name at the beginning of a sentence, or as a label."""
    name, _, use = part.partition("#")
    if name in WITHOUT_LAYER:
        words = WITHOUT_LAYER[name]
        return f"{words} (use {use})" if use else words
    layer, inner = layer_name(part), button_words(part)
    if not layer:
        return inner
    label = layer[0].upper() + layer[1:]
    if "." not in part:
        return label
    return f"{label}, MLP, {inner}" if ".neuron" in part else f"{label}, {inner}"
