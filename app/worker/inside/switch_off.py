"""What can be switched off in a model."""

from __future__ import annotations

from functools import lru_cache

from app.shared.inside import SwitchOffResult
from app.shared.typed import ViewData
from app.worker.inside.moment import InspectedMoment
from microgpt.config import ModelConfig
from microgpt.interpret.ablation import switchable
from microgpt.interpret.parts import Anatomy, anatomy


@lru_cache(maxsize=4)
def anatomy_of(config: ModelConfig) -> Anatomy:
    """The model's parts, found once for each architecture."""
    return anatomy(config)


def switch_off(moment: InspectedMoment, _request: ViewData) -> SwitchOffResult:
    """The parts of the model."""
    parts = switchable(anatomy_of(moment.model.engine.config))
    return SwitchOffResult(
        parts=list(parts),
        neurons=[
            (name, named[0].end - named[0].begin)
            for name, named in parts.items()
            if name.partition("#")[0].endswith(".mlp")
        ],
    )
