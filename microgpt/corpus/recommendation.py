"""Settings that suit data, from their portrait. It knows sizes, not what the data are about.

The context length is the shortest on the page that 95% of the documents fit in; for the pieces of
one long text, which are as long as the context, it grows with the text. All else goes by the
number of predictions in the data, that is, characters and ends of documents: a larger model on few
data learns them by heart, a smaller one on many does not take in what they hold.

What the rule says of some of the data sets, and the loss on held-out documents that it leads to:

    data          predictions   context  embedding  layers  steps  documents   held-out loss
    baby-names            256         8         16       1    300          1            2.59
    pokemon             8,867        16         16       1  1,000          4            2.55
    fortunes            8,762        64         16       1  1,000          4            2.12
    movies             38,175        32         32       1  2,000          8            2.31
    sonnets            93,888        64         32       1  2,000          8            1.79
    us-names          214,764        16         32       2  3,000          8            2.05
"""

from __future__ import annotations

from dataclasses import dataclass

from microgpt.corpus.lengths import Lengths
from microgpt.corpus.statistics import CorpusStatistics
from microgpt.settings import setting

FIT = 0.95  # of the documents fit the context length


@dataclass(frozen=True, slots=True)
class Size:
    """What suits data of at least so many predictions."""

    predictions: int
    n_embd: int
    n_layer: int
    num_steps: int
    batch_size: int
    learning_rate: float
    context: int  # of pieces


SIZES = (
    Size(0, 16, 1, num_steps=300, batch_size=1, learning_rate=0.01, context=16),
    Size(2_000, 16, 1, num_steps=1000, batch_size=4, learning_rate=0.01, context=16),
    Size(20_000, 32, 1, num_steps=2000, batch_size=8, learning_rate=0.01, context=32),
    Size(100_000, 32, 2, num_steps=3000, batch_size=8, learning_rate=0.007, context=64),
    Size(1_000_000, 64, 2, num_steps=3000, batch_size=8, learning_rate=0.005, context=64),
)


def recommend_context(lengths: Lengths) -> int:
    """The context length for documents that are so long."""
    stops = [int(stop) for stop in setting("block_size").stops]
    longest = lengths.quantile(FIT)
    return min((stop for stop in stops if stop >= longest), default=stops[-1])


def recommend(statistics: CorpusStatistics, in_pieces: bool = False) -> dict[str, int | float]:
    """Values for `block_size`, `n_embd`, `n_layer`, `num_steps`, `batch_size`, `learning_rate`.

    Each is one that the page's slider stops at.

    Args:
        statistics: of the data.
        in_pieces: whether the documents are pieces of one long text.
    """
    predictions = statistics.lengths.predictions
    size = max(
        (size for size in SIZES if size.predictions <= predictions),
        key=lambda size: size.predictions,
    )
    return {
        "block_size": size.context if in_pieces else recommend_context(statistics.lengths),
        "n_embd": size.n_embd,
        "n_layer": size.n_layer,
        "num_steps": size.num_steps,
        "batch_size": size.batch_size,
        "learning_rate": size.learning_rate,
    }
