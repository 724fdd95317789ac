"""A document under the compiled engine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from microgpt.wasm.runtime.activations import Activation


class WasmContext:
    """A document that is read or written one token at a time.

    All contexts share the rows in the module's memory; the engine recomputes those that belong to
    other tokens or to earlier weights.

    Args:
        logits: from tokens to the logits of the next one, (vocab_size,).
        activation: from a name and tokens to that operation's output for the last of them.
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
        """Append `token`; return the logits of the next token, (vocab_size,)."""
        logits = self._logits([*self._tokens, token])
        self._tokens.append(token)
        return logits

    def rewind(self, position: int) -> None:
        """Forget every token from `position` on."""
        del self._tokens[position:]

    def activation(self, name: str, position: int) -> Activation:
        """The output of the operation `name` for the token at `position`.

        Raises:
            IndexError: no token was fed at that position.
        """
        if not 0 <= position < len(self._tokens):
            raise IndexError(f"{len(self._tokens)} tokens were fed, so none is at {position}")
        return self._activation(name, self._tokens[: position + 1])
