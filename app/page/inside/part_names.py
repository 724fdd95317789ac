"""The names of a model's parts in words, counted from 1: `layer0.head2` is layer 1, head 3."""


def part_name(part: str) -> str:
    """A part's name at the beginning of a sentence, or as a label."""
    name, _, use = part.partition("#")
    layer, dot, rest = name.partition(".")
    if name in ("token", "position", "embedding"):
        words = {"token": "The token", "position": "Its position", "embedding": "Embedding"}[name]
    elif not is_layer(layer):
        words = name
    else:
        words = f"Layer {int(layer[5:]) + 1}"
        if dot:
            words += ", " + inner_name(rest)
    return f"{words} (use {use})" if use else words


def inner_name(rest: str) -> str:
    """What stands behind the layer: `head2`, `mlp`, `mlp.neuron5`, `attention`."""
    if rest.startswith("head"):
        return f"head {int(rest[4:]) + 1}"
    name, _, neuron = rest.partition(".neuron")
    words = "MLP" if name == "mlp" else name
    return f"{words}, neuron {int(neuron) + 1}" if neuron else words


def is_layer(name: str) -> bool:
    """Whether this is the name of a layer."""
    return name.startswith("layer") and name[5:].isdigit()
