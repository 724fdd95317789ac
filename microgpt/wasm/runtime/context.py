"""Documents under the compiled engine: a context, checks, and what fits or is computed already."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import accumulate

from microgpt.config import ModelConfig


class WasmContext:
    """A document that is read or written one token at a time.

    All contexts share the rows in the module's memory; the engine recomputes those that belong to
    other tokens or to earlier weights.

    Args:
        logits: from tokens to the logits of the next one, (vocab_size,).
    """

    def __init__(self, logits: Callable[[Sequence[int]], list[float]]) -> None:
        self._logits = logits
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


def check_documents(
    documents: Sequence[Sequence[int]], config: ModelConfig, shortest: int = 2
) -> None:
    """Raise for documents that the module cannot take: it would read beyond its tables."""
    if not documents:
        raise ValueError("there are no documents")
    for document in documents:
        if len(document) < shortest:
            raise ValueError(f"a document needs {shortest} tokens, but has {len(document)}")
        if not 0 <= min(document) <= max(document) < config.vocab_size:
            raise IndexError(f"there are {config.vocab_size} tokens, from 0 on")


def check_counted(
    documents: Sequence[Sequence[int]], counted_from: Sequence[int], config: ModelConfig
) -> None:
    """Raise unless some prediction of every document counts, those from a position on."""
    for document, first in zip(documents, counted_from, strict=True) if counted_from else ():
        if not 0 <= first < min(len(document) - 1, config.block_size):
            raise ValueError(f"no prediction of a document counts from {first} on")


def check_contexts(documents: Sequence[Sequence[int]], config: ModelConfig) -> None:
    """Raise for documents whose next token cannot be computed."""
    check_documents(documents, config, shortest=1)
    if max(map(len, documents)) > config.block_size:
        raise IndexError(f"the context holds {config.block_size} tokens, not more")


def fitting_prefix(documents: Sequence[Sequence[int]], rows: int) -> Sequence[Sequence[int]]:
    """The longest prefix of the documents that fits into `rows` rows; at least one document."""
    ends = accumulate(map(len, documents))
    return documents[: max(1, sum(end <= rows for end in ends))]


def common_prefix_length(one: Sequence[int], other: Sequence[int]) -> int:
    """The number of equal tokens with which both begin."""
    shorter = min(len(one), len(other))
    if one[:shorter] == other[:shorter]:  # the usual case: a document grows
        return shorter
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), shorter)
