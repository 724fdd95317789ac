"""The order that a seed puts the documents in, made once however many runs have it.

The draws are those of `microgpt.run`: first the documents are shuffled, then come the weights.
"""

from __future__ import annotations

import random
from collections.abc import Generator, Sequence

from microgpt.dataset import Dataset, collect_characters, num_train
from microgpt.recent import Recent
from microgpt.wasm.runtime.permutation import Shuffler

MAX_DATASETS = 2
MAX_KEPT_ORDERS = 128  # that are kept: of 30,000 documents each takes 120 kB


class Draws:
    """The orders of some documents."""

    def __init__(self) -> None:
        self._shuffler: Shuffler | None = None  # made when it is first needed
        self._documents: Sequence[str] = ()
        self._orders = Recent[tuple[Sequence[int], object]](MAX_KEPT_ORDERS)
        self._characters: tuple[str, ...] = ()
        self._datasets = Recent[tuple[Dataset, object]](MAX_DATASETS)

    def order(self, documents: Sequence[str], seed: int) -> tuple[Sequence[int], random.Random]:
        """The numbers of the documents as the seed shuffles them, and its generator after that."""
        self._use(documents)
        rng = random.Random(seed)
        kept = self._orders.get(seed)
        if kept is not None:
            rng.setstate(kept[1])  # type: ignore[arg-type]  # what `getstate` returned
            return kept[0], rng
        if self._shuffler is None:
            self._shuffler = Shuffler.here()
        order = self._shuffler.permutation(len(documents), rng)
        self._orders.keep(seed, (order, rng.getstate()))
        return order, rng

    def dataset(
        self, documents: Sequence[str], eval_fraction: float, seed: int
    ) -> Generator[None, None, tuple[Dataset, random.Random]]:
        """What `make_dataset` makes of the documents, and the seed's generator after that.

        Yields are yield points.
        """
        self._use(documents)
        kept = self._datasets.get((seed, eval_fraction))
        if kept is not None:
            rng = random.Random()
            rng.setstate(kept[1])  # type: ignore[arg-type]  # as above
            return kept[0], rng
        order, rng = self.order(documents, seed)
        count = num_train(len(documents), eval_fraction)
        shuffled = tuple(map(documents.__getitem__, order))
        yield
        characters = yield from self.characters(documents)
        made = Dataset(shuffled[:count], shuffled[count:], characters)
        self._datasets.keep((seed, eval_fraction), (made, rng.getstate()))
        return made, rng

    def characters(self, documents: Sequence[str]) -> Generator[None, None, tuple[str, ...]]:
        """The sorted characters of all documents; yields are yield points."""
        self._use(documents)
        if not self._characters:
            self._characters = yield from collect_characters(documents)
        return self._characters

    def _use(self, documents: Sequence[str]) -> None:
        if documents is not self._documents:
            self._documents = documents
            self._orders.clear()
            self._datasets.clear()
            self._characters = ()
