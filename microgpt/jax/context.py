"""A document that is read or written one token at a time by the engine of JAX."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from microgpt.jax.engine import JaxEngine


class ArrayContext:
    """A document whose logits are computed anew for each token: nothing is kept of the others."""

    def __init__(self, model: JaxEngine) -> None:
        self._model = model
        self._tokens: list[int] = []

    def feed(self, token: int) -> list[float]:
        self._tokens.append(token)
        return next(self._model.logits_after([self._tokens]))

    def rewind(self, position: int) -> None:
        del self._tokens[position:]

    def __len__(self) -> int:
        return len(self._tokens)
