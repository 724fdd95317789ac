"""Recommended settings for a corpus, derived from its statistics.

The context length is the shortest on the page's slider that 95% of the documents fit into; for the
windows of one long text, which are as long as the context, it grows with the text. Of a single
document nothing can be held out. With BPE the vocabulary has room for all characters. The other
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
NUM_HEADS = 4  # divides the embedding of every tier


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


def recommend_tokens(num_chars: int) -> dict[str, int | float | str]:
    """Recommend `vocab_limit` for BPE, or another `tokenizer` if there are too many characters.

    Args:
        num_chars: different characters in the data.
    """
    row = setting("vocab_limit")
    if num_chars >= row.stops[-1]:
        return {"tokenizer": "characters"}
    least = max(num_chars + 1, int(row.default))
    return {"vocab_limit": min(int(stop) for stop in row.stops if stop >= least)}


def recommend(statistics: CorpusStatistics, windowed: bool = False) -> dict[str, int | float | str]:
    """Recommend the settings of a run that starts, whatever the other settings are.

    Each value is valid on the page, where most settings are sliders.

    Args:
        statistics: of the data.
        windowed: whether the documents are windows of one long text.

    Returns:
        `block_size`, `n_embd`, `n_head`, `n_layer`, `num_steps`, `batch_size`, `learning_rate`;
        `eval_fraction` if there is a single document; and what `recommend_tokens` returns, which
        only concerns BPE.
    """
    predictions = statistics.lengths.predictions
    tier = max(
        (tier for tier in TIERS if tier.min_predictions <= predictions),
        key=lambda tier: tier.min_predictions,
    )
    recommended: dict[str, int | float | str] = {
        "block_size": tier.context if windowed else recommend_context(statistics.lengths),
        "n_embd": tier.n_embd,
        "n_head": NUM_HEADS,
        "n_layer": tier.n_layer,
        "num_steps": tier.num_steps,
        "batch_size": tier.batch_size,
        "learning_rate": tier.learning_rate,
    }
    if statistics.documents == 1:
        recommended["eval_fraction"] = 0.0
    return recommended | recommend_tokens(len(statistics.vocabulary))
