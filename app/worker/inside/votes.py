"""Votes: what each part of the model adds to a token's logit, or to its lead over another token."""

from __future__ import annotations

from app.shared.inside import PartTerms, VotesRequest, VotesResult
from app.worker.inside.moment import InspectedMoment
from microgpt.interpret.parts import Part, is_mlp
from microgpt.interpret.votes import direct_votes, head_positions, mlp_neurons
from microgpt.settings import SettingError

MAX_NEURONS = 8  # that are shown of an MLP, those with the largest terms


def votes(moment: InspectedMoment, request: VotesRequest) -> VotesResult:
    """The votes, and the terms of the part that is opened.

    Raises `SettingError` for a token that there is not.
    """
    token, against = request["token"], request["against"]
    size = moment.model.engine.config.vocab_size
    if not (0 <= token < size and -1 <= against < size):
        raise SettingError("There is no such token.")
    direction = {token: 1.0}
    if against >= 0 and against != token:
        direction[against] = -1.0
    arguments = moment.anatomy, moment.activations, moment.weights, moment.position
    logits = moment.activations.vector(moment.anatomy.logits.name, moment.position)
    result = VotesResult(
        parts=direct_votes(*arguments, direction),
        total=sum(sign * logits[each] for each, sign in direction.items()),
        frozen=len(moment.anatomy.frozen) > 1,
        terms=None,
    )
    for part in moment.anatomy.parts:
        if part.name == request["opened"]:
            result["terms"] = _terms(moment, part, direction)
    return result


def _terms(moment: InspectedMoment, part: Part, direction: dict[int, float]) -> PartTerms:
    """What the vote of a part is the sum of."""
    arguments = moment.anatomy, moment.activations, moment.weights, moment.position
    if part.weights:
        values = head_positions(*arguments, part, direction)
        attention = moment.activations.attention(part.weights, moment.position)[part.head]
        return PartTerms(
            part=part.name,
            kind="positions",
            shown=list(range(len(values))),
            values=values,
            of=attention,
        )
    if is_mlp(part.name):
        values = mlp_neurons(*arguments, part, direction)
        numbers = moment.activations.vector(part.source, moment.position)
        voting = [neuron for neuron, value in enumerate(values) if value]
        largest = sorted(voting, key=lambda neuron: -abs(values[neuron]))[:MAX_NEURONS]
        return PartTerms(
            part=part.name,
            kind="neurons",
            shown=largest,
            values=[values[neuron] for neuron in largest],
            of=[numbers[neuron] for neuron in largest],
        )
    return PartTerms(part=part.name, kind="", shown=[], values=[], of=[])
