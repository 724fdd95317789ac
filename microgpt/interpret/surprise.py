"""How surprising each token of a text was to a model."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import islice, pairwise

from microgpt.engine import LanguageModel


def token_losses(model: LanguageModel, tokens: Sequence[int]) -> list[float]:
    """The loss of each token after the first, cut at the context length as in training.

    loss = log(sum(exp(logits))) - logits[token], the cross entropy (Shannon, 1948): 0 for a token
    that was certain. Their mean is the loss of the document in training.

    Args:
        model: the model.
        tokens: a document, with BOS at both ends.
    """
    context = model.context()
    losses = []
    for token, target in islice(pairwise(tokens), model.config.block_size):
        logits = context.feed(token)
        highest = max(logits)
        total = sum(math.exp(logit - highest) for logit in logits)
        losses.append(math.log(total) + highest - logits[target])
    return losses
