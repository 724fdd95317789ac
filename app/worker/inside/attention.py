"""What every head of attention reads, and what it is measured to look for."""

from __future__ import annotations

from array import array
from functools import lru_cache

from app.shared.inside import AttentionResult, HeadReading
from app.shared.typed import ViewData
from app.worker.inside.moment import InspectedMoment
from microgpt.config import ModelConfig
from microgpt.interpret.parts import anatomy


def attention(moment: InspectedMoment, _request: ViewData) -> AttentionResult:
    """The attention weights of all heads, and of each head what it reads most at the moment."""
    activations, places = moment.activations, moment.position + 1
    weights = array("f")
    layers = []
    for name, parts in heads_of(moment.model.engine.config).items():
        numbers = array("f", activations.attention_bytes(name))
        weights.extend(numbers)
        heads = []
        for number, part in enumerate(parts):
            end = (number + 1) * places**2
            row = numbers[end - places : end]
            share = max(row)
            heads.append(
                HeadReading(part=part, place=row.index(share), share=share, scores={}, label="")
            )
        layers.append(heads)
    return AttentionResult(
        layers=layers, weights_at=moment.add_array(weights), documents=0, state="unknown data"
    )


@lru_cache(maxsize=1)
def heads_of(config: ModelConfig) -> dict[str, list[str]]:
    """The names of the attention weights, and of each the names of its heads, in order."""
    found: dict[str, list[str]] = {}
    for part in anatomy(config).parts:
        if part.weights:
            found.setdefault(part.weights, []).append(part.name)
    return found
