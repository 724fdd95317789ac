"""The results of a forward pass by name: embeddings, residual stream, attention weights, logits."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Container, Sequence
from typing import Any

from microgpt.wasm.runtime.loaded import LoadedModel


class WasmActivations:
    """The activations of some tokens, read from a module's memory when they are asked for.

    Args:
        ready: from tokens to the module with their activations in its memory, computed again if
            the memory was used for something else.
        tokens: the tokens.
    """

    def __init__(
        self, ready: Callable[[Sequence[int]], LoadedModel], tokens: Sequence[int]
    ) -> None:
        self._ready, self._tokens = ready, tokens
        self._interface = ready(tokens).interface

    @property
    def names(self) -> list[str]:
        return self._interface.names[:]

    def vector(self, name: str, position: int) -> list[float]:
        _check_name(name, "vectors", self._interface.values)
        self._check(position)
        return self._ready(self._tokens).storage.row(name, position)

    def vectors(self, name: str) -> list[list[float]]:
        _check_name(name, "vectors", self._interface.values)
        return self._ready(self._tokens).storage.rows(name, len(self._tokens))

    def attention(self, name: str, position: int) -> list[list[float]]:
        _check_name(name, "weights", self._interface.attention)
        self._check(position)
        loaded = self._ready(self._tokens)
        if loaded.interface.keeps_attention:
            return loaded.storage.attention(name, position)
        return _recomputed(loaded, name, position)

    def attention_bytes(self, name: str) -> bytes:
        _check_name(name, "weights", self._interface.attention)
        count = len(self._tokens)
        loaded = self._ready(self._tokens)
        if loaded.interface.keeps_attention:
            return loaded.storage.all_attention(name, count)
        _, _, n_head = loaded.interface.attention[name]
        numbers = array("f", bytes(4 * n_head * count * count))
        for position in range(count):
            for head, weights in enumerate(self.attention(name, position)):
                first = (head * count + position) * count
                numbers[first : first + position + 1] = array("f", weights)
        return numbers.tobytes()

    def _check(self, position: int) -> None:
        count = len(self._tokens)
        if not 0 <= position < count:
            raise IndexError(f"there are {count} tokens, so there is none at {position}")


def _check_name(name: str, form: str, known: Container[str]) -> None:
    if name not in known:
        raise KeyError(f"there is no activation called {name!r} with {form}")


def _recomputed(loaded: LoadedModel, name: str, position: int) -> list[list[float]]:
    """Attention weights that the module has not kept, from queries and keys."""
    # Imported here, since only the largest models need it.
    from microgpt.scalar.activations import weights_by_head

    interface = loaded.interface
    query, key = interface.attention_inputs[name]
    q = loaded.storage.row(query, position)
    keys = loaded.storage.rows(key, position + 1)
    _, _, n_head = interface.attention[name]
    parameters: dict[str, Any] = interface.attention_parameters[name]
    return weights_by_head(q, keys, n_head, **parameters)
