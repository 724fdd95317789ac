"""Lens: what the model would say if it stopped early, stage by stage."""

from __future__ import annotations

from heapq import nlargest

from app.shared.inside import LensResult, LensStage
from app.worker.inside.moment import InspectedMoment
from microgpt.interpret.lens import lens as stages_of

MAX_ROW_TOKENS = 40  # with more tokens only the likeliest are shown
LIKELIEST_TOKENS = 24  # of them


def lens(moment: InspectedMoment, _request: object) -> LensResult:
    """For each stage the probabilities of the same tokens, and the likeliest one of all."""
    found = stages_of(moment.anatomy, moment.activations, moment.weights, moment.position)
    last = found[-1][1]
    tokens = list(range(len(last)))
    if len(last) > MAX_ROW_TOKENS:
        tokens = nlargest(LIKELIEST_TOKENS, tokens, key=last.__getitem__)
    stages = []
    for name, probs in found:
        likeliest = max(range(len(probs)), key=probs.__getitem__)
        stages.append(
            LensStage(
                name=name,
                probs=[probs[token] for token in tokens],
                likeliest=likeliest,
                probability=probs[likeliest],
            )
        )
    return LensResult(tokens=tokens, stages=stages)
