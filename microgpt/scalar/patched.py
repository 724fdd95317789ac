"""A patched model under the scalar engine: another model's weights, some activations changed."""

from __future__ import annotations

from microgpt.activations import Patches
from microgpt.model import Weights
from microgpt.scalar.activations import NamedOperations, named_operations
from microgpt.scalar.operations import Caches, ScalarOperations
from microgpt.scalar.reader import ScalarReader


class PatchedScalarModel(ScalarReader):
    """A model with patches, which follows the weights of the one that it is made from.

    Args:
        model: the model without them.
        patches: the changes.

    Raises:
        KeyError, ValueError: as of `check_patches`.
    """

    def __init__(self, model: ScalarReader, patches: Patches) -> None:
        super().__init__(model.config)
        self._model = model
        self._ops = named_operations(model.config, dict(patches))

    @property
    def floats(self) -> Weights:
        return self._model.floats

    def logits(self, token: int, position: int, caches: Caches[float]) -> list[float]:
        self._ops.restart()
        return self.run(self._ops, token, position, caches)

    def run(
        self,
        ops: ScalarOperations[float],
        token: int,
        position: int,
        caches: Caches[float],
    ) -> list[float]:
        return self._model.run(ops, token, position, caches)

    def named_operations(self) -> NamedOperations:
        return self._ops
