"""A document under the compiled engine.

It knows its tokens, and of the engine only two questions: what comes after some tokens, and what an
operation made of the last one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microgpt.wasm.runtime.activations import Activation


class WasmContext:
    """A document that is being read or written.

    All contexts share the rows in the module's memory: whoever comes with other tokens, or after
    the weights have changed, has what is missing computed again.

    Args:
        logits: answers what comes after some tokens, (vocab_size,).
        activation: answers what the operation of a name made of the last one of some tokens.
    """

    def __init__(
        self,
        logits: Callable[[Sequence[int]], list[float]],
        activation: Callable[[str, Sequence[int]], Activation],
    ) -> None:
        self._logits, self._activation = logits, activation
        self._tokens: list[int] = []

    def __len__(self) -> int:
        return len(self._tokens)

    def feed(self, token: int) -> list[float]:
        """Append `token`; return the logits of the one after it, (vocab_size,)."""
        logits = self._logits([*self._tokens, token])
        self._tokens.append(token)
        return logits

    def rewind(self, position: int) -> None:
        """Forget every token from `position` on."""
        del self._tokens[position:]

    def activation(self, name: str, position: int) -> Activation:
        """What the operation called `name` made of the token at `position`.

        Raises:
            IndexError: where no token was fed at that position.
        """
        if not 0 <= position < len(self._tokens):
            raise IndexError(f"{len(self._tokens)} tokens were fed, so none is at {position}")
        return self._activation(name, self._tokens[: position + 1])
