"""Neurons: the most active ones, where one fires most in the data, and what its output does."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from typing import NamedTuple

from app.shared.inside import NeuronPlace, NeuronsRequest, NeuronsResult
from app.worker.generation import GeneratingModel
from app.worker.inside.moment import InspectedMoment
from microgpt.interpret.neurons import Firing, most_active, most_pushed, pushes, strongest_firings
from microgpt.interpret.parts import Part, is_mlp

MAX_ACTIVE_NEURONS = 8
MAX_FIRINGS = 6
MAX_PUSHED_TOKENS = 6
# Of held-out documents, and of the activations that are read in them: a second at most.
MAX_SCANNED_DOCUMENTS = 300
MAX_SCANNED_ACTIVATIONS = 1_500_000
MIN_SCANNED_DOCUMENTS = 40
SCANNED_BY_SCALAR = 100  # documents: that engine takes some milliseconds for each token
MAX_SCANNED_LENGTH = 64  # of a document, since it is one piece of work
TOKENS_BEFORE, TOKENS_AFTER = 11, 4  # that are shown around a place


class ScannedNeurons(NamedTuple):
    """Where all neurons of an MLP fire most."""

    firings: list[list[Firing]]  # of each neuron, the strongest first
    documents: list[list[int]]  # as tokens, BOS first


def neurons(moment: InspectedMoment, request: NeuronsRequest) -> NeuronsResult:
    """The most active neurons of all MLPs; and of the one that is asked for, or the most active."""
    mlps = [part for part in moment.anatomy.parts if is_mlp(part.name)]
    activations: dict[str, float] = {}
    for part in mlps:
        for number, activation in enumerate(
            moment.activations.vector(part.source, moment.position)
        ):
            activations[f"{part.name}.neuron{number}"] = activation
    names = list(activations)
    active = [
        (names[index], activation)
        for index, activation in most_active(list(activations.values()), MAX_ACTIVE_NEURONS)
    ]
    result = NeuronsResult(
        mlps=[(part.name, part.end - part.begin) for part in mlps],
        firing=sum(activation != 0 for activation in activations.values()),
        active=active,
        neuron=request["neuron"],
        activation=0.0,
        up=[],
        down=[],
        places=[],
        scanned=0,
    )
    if not mlps:
        result["neuron"] = ""
        return result
    if request["neuron"] not in activations:
        result["neuron"] = active[0][0] if active else names[0]
    result["activation"] = activations[result["neuron"]]
    name, _, digits = result["neuron"].rpartition(".neuron")
    part, neuron = next(part for part in mlps if part.name == name), int(digits)
    push = _pushes(moment, part, neuron)
    up, down = most_pushed(push, MAX_PUSHED_TOKENS)
    result["up"] = [(token, push[token]) for token in up]
    result["down"] = [(token, push[token]) for token in down]
    if moment.model.documents().held_out:
        model = moment.model
        found = moment.survey(f"neurons {name}", lambda: scan(model, part))
        result["places"] = None if found is None else _places(found, neuron)
        result["scanned"] = 0 if found is None else len(found.documents)
    return result


def scan(model: GeneratingModel, part: Part) -> Generator[None, None, ScannedNeurons]:
    """Finds where the neurons of an MLP fire most in held-out documents; yields after each."""
    documents: list[list[int]] = []

    def activations_of(tokens: Sequence[int]) -> list[list[float]]:
        return model.engine.activations(tokens).vectors(part.source)

    def read() -> Iterator[list[int]]:
        for sequence in _held_out(model, part.end - part.begin):
            documents.append(sequence)
            yield sequence[:-1]  # behind the last token nothing is read

    firings: list[list[Firing]] = []
    for found in strongest_firings(read(), activations_of, MAX_FIRINGS):
        firings = found
        yield
    return ScannedNeurons(firings, documents)


def _held_out(model: GeneratingModel, neurons: int) -> Iterator[list[int]]:
    """Held-out documents as tokens, BOS first: what is read and the token that follows."""
    length = min(model.engine.config.block_size, MAX_SCANNED_LENGTH)
    sequences = (
        sequence[: length + 1]
        for sequence in model.documents().held_out_sequences()
        if len(sequence) > 1
    )
    count = max(MIN_SCANNED_DOCUMENTS, MAX_SCANNED_ACTIVATIONS // (length * neurons))
    most = SCANNED_BY_SCALAR if model.engine.name == "scalar" else MAX_SCANNED_DOCUMENTS
    return islice(sequences, min(most, count))


def _places(found: ScannedNeurons, neuron: int) -> list[NeuronPlace]:
    """Where the neuron fires most, with the tokens around."""
    places = []
    for activation, document, position in found.firings[neuron] if found.firings else []:
        begin = max(0, position - TOKENS_BEFORE)
        places.append(
            NeuronPlace(
                tokens=found.documents[document][begin : position + 1 + TOKENS_AFTER],
                place=position - begin,
                begins=begin == 0,
                activation=activation,
            )
        )
    return places


def _pushes(moment: InspectedMoment, part: Part, neuron: int) -> list[float]:
    """What a neuron's output adds to each logit, per unit of its activation.

    It is the product of the first matrix behind the MLP with that of the logits; norms between them
    are left out. Where these do not follow each other, nothing is known: empty.
    """
    matrices = [node for node in moment.anatomy.ways if node.op == "linear"]
    inner = next(node for node in matrices if part.source in [each.name for each in node.inputs])
    outer = matrices[-1]
    mlp, head = moment.weights[inner.weight], moment.weights[outer.weight]
    if outer.outputs[0] is not moment.anatomy.logits or len(mlp) != len(head[0]):
        return []
    return pushes(head, mlp, neuron)
