"""What can be switched off in a model."""

from __future__ import annotations

from app.shared.inside import SwitchOffResult
from app.shared.typed import ViewData
from app.worker.inside.moment import InspectedMoment
from microgpt.interpret.ablation import switchable
from microgpt.interpret.parts import is_mlp


def switch_off(moment: InspectedMoment, _request: ViewData) -> SwitchOffResult:
    """The parts of the model."""
    parts = switchable(moment.anatomy)
    return SwitchOffResult(
        parts=list(parts),
        neurons=[
            (name, named[0].end - named[0].begin) for name, named in parts.items() if is_mlp(name)
        ],
    )
