"""What every head of attention reads, and what it is measured to look for."""

from __future__ import annotations

from array import array

from app.shared.inside import AttentionResult, HeadReading
from app.shared.typed import ViewData
from app.worker.inside.head_scores import MeasuredHeads, measure_heads
from app.worker.inside.moment import InspectedMoment
from microgpt.interpret.heads import label
from microgpt.interpret.parts import Anatomy


def attention(moment: InspectedMoment, _request: ViewData) -> AttentionResult:
    """The attention weights of all heads, and of each head what it reads most at the moment."""
    places = moment.position + 1
    parts = heads_of(moment.anatomy)
    measured, state = _measured(moment, list(parts))
    weights = array("f")
    layers = []
    for layer, (name, heads) in enumerate(parts.items()):
        numbers = array("f", moment.activations.attention_bytes(name))
        weights.extend(numbers)
        readings = []
        for head, part in enumerate(heads):
            end = (head + 1) * places**2
            row = numbers[end - places : end]
            share = max(row)
            scores = measured.scores[layer][head] if measured is not None else {}
            followed = label(scores)
            readings.append(
                HeadReading(
                    part=part,
                    place=row.index(share),
                    share=share,
                    scores=scores,
                    label=followed[0] if followed else "",
                )
            )
        layers.append(readings)
    return AttentionResult(
        layers=layers,
        weights_at=moment.add_array(weights),
        documents=measured.documents if measured is not None else 0,
        state=state,
    )


def _measured(moment: InspectedMoment, names: list[str]) -> tuple[MeasuredHeads | None, str]:
    """The newest scores of all heads, None as long as there are none; and how it stands."""
    model = moment.model
    if not model.documents().held_out:
        return None, "unknown data"
    measured = moment.survey("attention", lambda: measure_heads(model, names))
    if measured is None:
        return None, "measuring"
    return measured, "measured" if measured.step == model.step() else "earlier"


def heads_of(anatomy: Anatomy) -> dict[str, list[str]]:
    """The names of the attention weights, and of each the names of its heads, in order."""
    found: dict[str, list[str]] = {}
    for part in anatomy.parts:
        if part.weights:
            found.setdefault(part.weights, []).append(part.name)
    return found
