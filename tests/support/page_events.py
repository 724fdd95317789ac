"""Events that tests of the page make: only the fields that matter are arguments."""

from __future__ import annotations

from app.shared.events import MergesEvent, TokenLengthsEvent


def merges(
    first: int,
    rows: list[tuple[str, str, int, int]],
    size: int | None = None,
    problem: str = "",
) -> MergesEvent:
    """Newly learned merges, of which the first has the number `first`."""
    return MergesEvent(type="merges", first=first, rows=rows, size=size, problem=problem)


def token_lengths(vocab_size: int) -> TokenLengthsEvent:
    """The lengths of two documents in the tokens of a vocabulary of this size."""
    return TokenLengthsEvent(
        type="token_lengths",
        vocab_size=vocab_size,
        documents=2,
        histogram=[],
        cut=[],
        end=1,
        block_size=8,
    )
