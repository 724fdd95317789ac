"""What makes no sense in the settings of the next run, and what would.

Plain Python that MicroPython understands.
"""

from app.page.rate_limits import RATE_LIMITS
from app.shared.statistics import LengthStatistics
from app.shared.typed import TYPE_CHECKING, SettingValues
from microgpt.settings import setting

if TYPE_CHECKING:
    from collections.abc import Callable

MOST = 0.5  # of the documents, which the context may cut
FEW = 0.05  # of them, which a longer one may cut
SAFE_SHARE = 0.5  # of the highest rate that goes well


class Caution:
    """A sentence, and the change that makes it void.

    Args:
        words: the sentence.
        label: of the button; "" where there is no such change.
        changes: the settings.
    """

    def __init__(self, words: str, label: str, changes: SettingValues) -> None:
        self.words, self.label, self.changes = words, label, changes


class NextFacts:
    """What is known of the next run.

    Args:
        settings: its settings.
        recommended: those that are recommended for its data, as far as there are any.
        num_params: how many weights the model has, by the width of its embedding.
        characters: how many its data have, 0 where that is not known.
        lengths: of its documents in its tokens, None where they are not known.
    """

    def __init__(
        self,
        settings: SettingValues,
        recommended: SettingValues,
        num_params: "Callable[[int], int]",
        characters: int,
        lengths: LengthStatistics | None,
    ) -> None:
        self.settings, self.recommended = settings, recommended
        self.num_params, self.characters, self.lengths = num_params, characters, lengths


def caution(facts: NextFacts) -> Caution | None:
    """The worst that there is to say, if there is anything."""
    return _high_rate(facts) or _short_context(facts) or _too_large(facts)


def rate_limit(settings: SettingValues) -> float:
    """The highest learning rate that goes well, by what was measured of models as large."""
    rows = RATE_LIMITS[str(settings["optimizer"])]
    width, layers = int(settings["n_embd"]), int(settings["n_layer"])
    for row_width, row_layers, rate in rows:
        if row_width >= width and row_layers >= layers:
            return float(rate)
    return float(rows[-1][2])


def _high_rate(facts: NextFacts) -> Caution | None:
    rate, limit = float(facts.settings["learning_rate"]), rate_limit(facts.settings)
    if rate <= limit:
        return None
    stops = setting("learning_rate").stops
    safe = max([stop for stop in stops if stop <= SAFE_SHARE * limit] or [min(stops)])
    return Caution(
        f"At a learning rate of {rate:g} such a model learns nothing: up to {limit:g} goes well.",
        f"Set it to {safe:g}",
        {"learning_rate": safe},
    )


def _short_context(facts: NextFacts) -> Caution | None:
    lengths, size = facts.lengths, int(facts.settings["block_size"])
    if lengths is None or size >= int(facts.recommended.get("block_size", size + 1)):
        return None
    total = lengths["documents"]
    cut = [documents for stop, documents, _ in lengths["cut"] if stop == size]
    if not cut or cut[0] <= MOST * total:
        return None
    longer = [stop for stop, _, _ in lengths["cut"] if stop > size]
    enough = [stop for stop, documents, _ in lengths["cut"] if documents <= FEW * total]
    best = min([stop for stop in enough if stop > size] or [max(longer or [size])])
    label, changes = f"Set it to {best}", {"block_size": best}
    return Caution(
        f"The context of {size} is shorter than {cut[0] / total:.0%} of the documents: the model "
        "never sees how they end.",
        label if best > size else "",
        dict(changes) if best > size else {},
    )


def _too_large(facts: NextFacts) -> Caution | None:
    settings, recommended = facts.settings, facts.recommended
    width, layers = int(settings["n_embd"]), int(settings["n_layer"])
    weights = facts.num_params(width)
    if weights <= facts.characters or not facts.characters:
        return None
    usual = [int(recommended.get(name, 0)) for name in ("n_embd", "n_layer")]
    if width <= usual[0] and layers <= usual[1]:
        return None
    heads = int(settings["n_head"])
    stops = [int(stop) for stop in setting("n_embd").stops if stop % heads == 0 and stop < width]
    smaller = max([stop for stop in stops if facts.num_params(stop) <= facts.characters] or [0])
    return Caution(
        f"The model has {weights:,} weights for {facts.characters:,} characters: it can learn "
        "them by heart.",
        f"Set the embedding to {smaller}" if smaller else "",
        {"n_embd": smaller} if smaller else {},
    )
