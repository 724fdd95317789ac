"""Recommended settings for a corpus, derived from its statistics.

The context length is the shortest on the page's slider that 95% of the documents fit into; for the
windows of one long text, which are as long as the context, it grows with the text. The other
settings depend on the number of predictions in the data (its characters, and the ends of its
documents): on little data a larger model overfits, on much data a smaller one underfits.

What is recommended for some of the data sets, and the held-out loss that it leads to:

    data          predictions   context  embedding  layers  steps  batch size   held-out loss
    baby-names            256         8         16       1    300           1            2.59
    pokemon             8,867        16         16       1  1,000           4            2.55
    fortunes            8,762        64         16       1  1,000           4            2.12
    movies             38,175        32         32       1  2,000           8            2.31
    sonnets            93,888        64         32       1  2,000           8            1.79
    us-names          214,764        16         32       2  3,000           8            2.05
"""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.corpus.lengths import Lengths
from microgpt.corpus.statistics import CorpusStatistics
from microgpt.settings import setting

FITTING_FRACTION = 0.95  # of the documents fit into the recommended context


@dataclass(frozen=True, slots=True)
class SettingsTier:
    """The settings recommended from a number of predictions on."""

    min_predictions: int
    n_embd: int
    n_layer: int
    num_steps: int
    batch_size: int
    learning_rate: float
    context: int  # the context length for windows of one long text


TIERS = (
    SettingsTier(0, 16, 1, num_steps=300, batch_size=1, learning_rate=0.01, context=16),
    SettingsTier(2_000, 16, 1, num_steps=1000, batch_size=4, learning_rate=0.01, context=16),
    SettingsTier(20_000, 32, 1, num_steps=2000, batch_size=8, learning_rate=0.01, context=32),
    SettingsTier(100_000, 32, 2, num_steps=3000, batch_size=8, learning_rate=0.007, context=64),
    SettingsTier(1_000_000, 64, 2, num_steps=3000, batch_size=8, learning_rate=0.005, context=64),
)


def recommend_context(lengths: Lengths) -> int:
    """Return the recommended context length for documents of these lengths."""
    stops = [int(stop) for stop in setting("block_size").stops]
    longest = lengths.quantile(FITTING_FRACTION)
    return min((stop for stop in stops if stop >= longest), default=stops[-1])


def recommend(statistics: CorpusStatistics, windowed: bool = False) -> dict[str, int | float]:
    """Recommend `block_size`, `n_embd`, `n_layer`, `num_steps`, `batch_size`, `learning_rate`.

    Each value is a stop of the page's slider.

    Args:
        statistics: of the data.
        windowed: whether the documents are windows of one long text.
    """
    predictions = statistics.lengths.predictions
    tier = max(
        (tier for tier in TIERS if tier.min_predictions <= predictions),
        key=lambda tier: tier.min_predictions,
    )
    return {
        "block_size": tier.context if windowed else recommend_context(statistics.lengths),
        "n_embd": tier.n_embd,
        "n_layer": tier.n_layer,
        "num_steps": tier.num_steps,
        "batch_size": tier.batch_size,
        "learning_rate": tier.learning_rate,
    }
