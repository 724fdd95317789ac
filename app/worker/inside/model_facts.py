"""What the analyses read of a model besides a text: its parts and its weights."""

from __future__ import annotations

from app.worker.generation import GeneratingModel
from microgpt.interpret.parts import Anatomy, anatomy
from microgpt.model import Weights


class ModelFacts:
    """The parts and the weights of the current model: reading them takes longer than a moment."""

    def __init__(self) -> None:
        self._model: GeneratingModel | None = None
        self._anatomy: Anatomy | None = None
        self._weights: Weights | None = None
        self._step = 0  # of the weights

    def anatomy(self, model: GeneratingModel) -> Anatomy:
        """The model's parts."""
        self._use(model)
        if self._anatomy is None:
            self._anatomy = anatomy(model.engine.config)
        return self._anatomy

    def weights(self, model: GeneratingModel) -> Weights:
        """The model's weights as they are now; not to be modified."""
        self._use(model)
        if self._weights is None or self._step != model.step():
            self._weights, self._step = model.engine.weights(), model.step()
        return self._weights

    def _use(self, model: GeneratingModel) -> None:
        if model is not self._model:
            self._model, self._anatomy, self._weights = model, None, None
