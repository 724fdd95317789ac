"""A document that is read or written one token at a time, under the engine with JAX."""

from __future__ import annotations

from collections.abc import Callable, Sequence


class ArrayContext:
    """A document whose logits are computed anew for each token: nothing is kept of the others.

    Args:
        logits_after: returns the logits after a document.
    """

    def __init__(self, logits_after: Callable[[Sequence[int]], list[float]]) -> None:
        self._logits_after = logits_after
        self._tokens: list[int] = []

    def feed(self, token: int) -> list[float]:
        self._tokens.append(token)
        return self._logits_after(self._tokens)

    def rewind(self, position: int) -> None:
        del self._tokens[position:]

    def __len__(self) -> int:
        return len(self._tokens)
