"""How the next token is chosen: the distribution before and after top-k and top-p cut it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.shared.inside import ChoicePart, ChoiceRequest, ChoiceResult
from app.worker.inside.moment import InspectedMoment
from microgpt.interpret.surprise import entropy
from microgpt.sampler import adjust, draw_at, softmax
from microgpt.settings import SettingError

MIN_SHARE = 0.002  # of the bar: smaller parts are too thin to be drawn one by one


def choice(moment: InspectedMoment, request: ChoiceRequest) -> ChoiceResult:
    """The parts of the bar that the dice falls on, and how uncertain the choice is.

    Raises `SettingError` for an invalid number.
    """
    if not 0 <= request["number"] < 1:
        raise SettingError("The dice falls between 0 and 1.")
    sampling = moment.sampling
    scaled = adjust(moment.logits, replace(sampling, top_k=0, top_p=1.0))
    adjusted = adjust(moment.logits, sampling)
    return ChoiceResult(
        parts=_parts(scaled, adjusted),
        token=draw_at(adjusted, request["number"]),
        kept=sum(probability > 0 for probability in adjusted),
        cut=sum(one for one, other in zip(scaled, adjusted, strict=True) if not other),
        entropy=entropy(adjusted),
        model_entropy=entropy(softmax(moment.logits)),
        greedy=sampling.temperature == 0,
    )


def _parts(scaled: Sequence[float], adjusted: Sequence[float]) -> list[ChoicePart]:
    """The parts in the order of the tokens; thin neighbours that are both cut or kept are one."""
    parts: list[ChoicePart] = []
    run = False  # whether the last part stands for thin ones
    for token, (before, after) in enumerate(zip(scaled, adjusted, strict=True)):
        thin = max(before, after) < MIN_SHARE
        if thin and run and (parts[-1]["adjusted"] > 0) == (after > 0):
            parts[-1]["count"] += 1
            parts[-1]["scaled"] += before
            parts[-1]["adjusted"] += after
        else:
            parts.append(ChoicePart(token=token, count=1, scaled=before, adjusted=after))
        run = thin
    return parts
