"""How surprising a text is to a model: the loss of each token, and what follows from it.

The loss of a token is minus the logarithm of the probability that the model gave it, in nats; in
information theory its surprisal (Shannon, 1948, "A Mathematical Theory of Communication").
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import exp, fsum, log

from microgpt.engine import LanguageModel


def token_losses(model: LanguageModel, tokens: Sequence[int]) -> list[float]:
    """The losses of a document's tokens after BOS, in nats.

    They are those that training takes the mean of: the end of the document counts, and what lies
    beyond the context length does not.

    Args:
        model: predicts each token from those before it.
        tokens: the document, BOS first; BOS again at its end if it has one.
    """
    context = model.context()
    inputs = tokens[:-1][: model.config.block_size]
    return losses_of([context.feed(token) for token in inputs], tokens[1:])


def losses_of(logits: Iterable[Sequence[float]], targets: Sequence[int]) -> list[float]:
    """The losses of tokens, in nats, from the logits before each, of which there may be fewer."""
    return [loss_of(row, target) for row, target in zip(logits, targets, strict=False)]


def loss_of(logits: Sequence[float], target: int) -> float:
    """The loss of `target`: log(sum over i of exp(logits[i])) - logits[target], in nats.

    >>> loss_of([0.0, 0.0], 1) == log(2)
    True
    """
    highest = max(logits)
    return log(fsum([exp(logit - highest) for logit in logits])) - (logits[target] - highest)


def perplexity(losses: Sequence[float]) -> float:
    """exp of the mean of at least one loss: the number of equally likely choices with that loss.

    >>> round(perplexity([log(2), log(8)]), 6)
    4.0
    """
    return equivalent_choices(fsum(losses) / len(losses))


def entropy(probs: Sequence[float]) -> float:
    """How open a choice is: the sum of -p * log(p), in nats (Shannon, 1948).

    >>> entropy([1.0, 0.0]), entropy([0.5, 0.5]) == log(2)
    (0.0, True)
    """
    return fsum([-p * log(p) for p in probs if p > 0]) + 0.0  # -0.0 becomes 0.0


def equivalent_choices(nats: float) -> float:
    """The number of equally likely choices that have an entropy of `nats`.

    >>> round(equivalent_choices(log(3)), 6)
    3.0
    """
    return exp(nats)
