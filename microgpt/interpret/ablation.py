"""Switching parts off: from their names to patches of a model's activations.

A part is removed by zero, or replaced by its mean over data, which takes away what it knows of this
text and leaves what it always says (Wang and others, "Interpretability in the Wild", 2022).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from itertools import chain

from microgpt.activations import Patch, Patches
from microgpt.engine import LanguageModel
from microgpt.interpret.parts import Anatomy, Part, layer_of, named_parts
from microgpt.settings import SettingError

NEURON = re.compile(r"(.+)\.neuron(\d+)")

Means = Mapping[str, Sequence[float]]  # the mean of an activation over data, (size,), by name


class UnknownPartError(SettingError):
    """A model has no part of this name."""

    def __init__(self, name: str, known: Iterable[str]) -> None:
        super().__init__(
            f"The model has no part {name!r}; it has {', '.join(known)}, and the neurons of each "
            "MLP, such as layer0.mlp.neuron5."
        )


def switchable(anatomy: Anatomy) -> dict[str, list[Part]]:
    """What can be switched off by name: each part, each head, and each layer with all its parts.

    Embeddings and heads that reach the logits by no linear way are there too.
    """
    parts = {part.name: part for part in anatomy.parts}
    taken, sources = set(parts), {part.source for part in anatomy.parts}
    for node in anatomy.graph.nodes:
        if node.op in ("embed", "attention") and node.outputs[0].name not in sources:
            parts.update((part.name, part) for part in named_parts(node, "", taken))
    result = {name: [part] for name, part in parts.items()}
    for name, part in parts.items():
        layer = layer_of(name)
        if layer != name and layer not in parts:
            result.setdefault(layer, []).append(part)
    return result


def removed(anatomy: Anatomy, names: Iterable[str]) -> list[Part]:
    """The parts of these names; a neuron, such as `layer0.mlp.neuron5`, is one number of its MLP.

    Raises:
        UnknownPartError: there is no part of a name.
    """
    known = switchable(anatomy)
    result: list[Part] = []
    for name in names:
        neuron = NEURON.fullmatch(name)
        whole = known.get(neuron[1], []) if neuron else []
        if name in known:
            result += known[name]
        elif neuron and len(whole) == 1 and int(neuron[2]) < whole[0].end - whole[0].begin:
            begin = whole[0].begin + int(neuron[2])
            result.append(Part(name, whole[0].source, begin, begin + 1))
        else:
            raise UnknownPartError(name, known)
    return result


def patches_of(anatomy: Anatomy, names: Iterable[str], means: Means | None = None) -> Patches:
    """The patches that switch parts off.

    Args:
        anatomy: the model's.
        names: of parts, as `removed` takes them.
        means: what to put in their place, for all of their `sources_of`; None: zeros.

    Raises:
        UnknownPartError: there is no part of a name.
    """
    sizes = {
        value.name: value.dimension.size for node in anatomy.graph.nodes for value in node.outputs
    }
    keep: dict[str, list[float]] = {}
    add: dict[str, list[float]] = {}
    for part in removed(anatomy, names):
        size, place = sizes[part.source], slice(part.begin, part.end)
        count = part.end - part.begin
        keep.setdefault(part.source, [1.0] * size)[place] = [0.0] * count
        mean = [0.0] * size if means is None else list(means[part.source])
        add.setdefault(part.source, [0.0] * size)[place] = mean[place]
    return {name: Patch(tuple(keep[name]), tuple(add[name])) for name in keep}


def sources_of(anatomy: Anatomy, names: Iterable[str]) -> list[str]:
    """The activations whose means are needed to switch these parts off by their mean."""
    return list(dict.fromkeys(part.source for part in removed(anatomy, names)))


def activation_means(
    model: LanguageModel, documents: Iterable[Sequence[int]], names: Sequence[str]
) -> Generator[None, None, dict[str, list[float]]]:
    """Return the means of activations over all positions of documents, by name, (size,) each.

    Args:
        model: the model with nothing switched off.
        documents: as they are trained on; the last token of each is read by nobody.
        names: of activations that are vectors.

    There is a yield point after each document.
    """
    totals: dict[str, list[float]] = {}
    count = 0
    for document in documents:
        tokens = document[:-1][: model.config.block_size]
        made = model.activations(tokens)
        for name in names:
            rows = made.vectors(name)
            before = [totals[name]] if name in totals else []
            totals[name] = list(map(sum, zip(*chain(before, rows), strict=True)))
        count += len(tokens)
        yield
    return {name: [number / count for number in total] for name, total in totals.items()}
