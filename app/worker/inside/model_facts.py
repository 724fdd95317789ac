"""What the analyses read of a model besides a text, and what they keep of it."""

from __future__ import annotations

from typing import Any

from app.worker.generation import GeneratingModel
from microgpt.model import Weights


class ModelFacts:
    """The current model's weights, read once for each step, and what the analyses keep of it."""

    def __init__(self) -> None:
        self._model: GeneratingModel | None = None
        self._weights: Weights | None = None
        self._step = 0  # of the weights
        self._kept: dict[str, Any] = {}

    def weights(self, model: GeneratingModel) -> Weights:
        """The model's weights as they are now; not to be modified."""
        self._use(model)
        if self._weights is None or self._step != model.step():
            self._weights, self._step = model.engine.weights(), model.step()
        return self._weights

    def kept(self, model: GeneratingModel) -> dict[str, Any]:
        """What the analyses have kept of the model."""
        self._use(model)
        return self._kept

    def _use(self, model: GeneratingModel) -> None:
        if model is not self._model:
            self._model, self._weights, self._kept = model, None, {}
