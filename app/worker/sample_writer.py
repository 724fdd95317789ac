"""Writes many samples: together where the model is small, else token by token.

It does not know when it works, nor what the page does with the samples.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from app.shared import events
from app.shared.scores import SampleRow
from app.worker.generating_model import GeneratingModel
from app.worker.types import Post
from microgpt.config import SampleConfig
from microgpt.sampler import Written, generate, loss_of_choice, write_together

FIRST_TOGETHER = 8  # samples that are written together at first, so that some come at once
MAX_TOGETHER = 512
# Together, a document is read anew with each token: too much for models that take more operations.
MAX_OPERATIONS_TOGETHER = 6e6


class SampleWriter:
    """Samples that are being written. Each has random numbers of its own, whoever writes it.

    Args:
        model: writes them.
        prefix: the tokens that each begins with; if there are none, a model that is only trained to
            answer questions is given some.
        count: how many to write.
        seed: determines all of them.
        config: returns the current sampling settings; new ones apply from the next samples on.
        post: sends an event to the page.
    """

    def __init__(
        self,
        model: GeneratingModel,
        prefix: list[int],
        count: int,
        seed: int,
        config: Callable[[], SampleConfig],
        post: Post,
    ) -> None:
        self._model, self._prefix, self._count, self._seed = model, prefix, count, seed
        self._config, self._post = config, post
        self._documents: frozenset[str] | None = None  # those of the data, once they are needed
        self._rows: list[SampleRow] = []  # that are still to be posted
        self._num_posted = self._right = 0
        self._writing = ""
        shape = model.engine.config
        small = 2 * shape.num_params * shape.block_size <= MAX_OPERATIONS_TOGETHER
        self._opening = model.documents().opening if model.from_run and not prefix else None
        together = small and self._opening is None
        self._work = self._write_together() if together else self._write_one_by_one()

    def advance(self) -> bool:
        """Writes a little; returns whether there may be more to write."""
        for _ in self._work:
            return True
        return False

    def post(self) -> None:
        """Posts what was written since it was last called."""
        if not self._rows and not self._writing:
            return
        self._post(
            events.SamplesEvent(
                type="samples",
                first=self._num_posted + 1,
                of=self._count,
                rows=self._rows,
                writing=self._writing,
                right=self._right,
            )
        )
        self._num_posted += len(self._rows)
        self._rows = []

    def _write_together(self) -> Iterator[None]:
        done, size = 0, FIRST_TOGETHER
        while done < self._count:
            numbers = range(done, min(done + size, self._count))
            writing = write_together(
                self._model.patched,
                self._model.tokenizer.bos,
                self._config(),
                [self._random(number) for number in numbers],
                self._prefix,
            )
            written = yield from writing
            for one in written:
                self._add(one)
            done, size = done + size, min(4 * size, MAX_TOGETHER)

    def _write_one_by_one(self) -> Iterator[None]:
        bos = self._model.tokenizer.bos
        for number in range(self._count):
            rng = self._random(number)
            prefix = self._prefix if self._opening is None else self._opening(rng)
            tokens, loss, stop = list(prefix), 0.0, ""
            for choice in generate(self._model.patched, bos, self._config(), rng, prefix):
                tokens.append(choice.token)
                loss += loss_of_choice(choice.model, choice.token)
                stop = choice.stop
                self._writing = "" if stop else self._model.tokenizer.decode(tokens)
                if not stop:
                    yield
            self._add(Written(tuple(tokens), stop, loss))
            yield

    def _random(self, number: int) -> random.Random:
        return random.Random(self._seed * 1_000_003 + number)

    def _add(self, written: Written) -> None:
        text = self._model.tokenizer.decode(written.tokens)
        mark = self._model.mark(text)
        self._right += mark == "right"
        origin = self._origin(text) if written.stop == "end" else ""
        self._rows.append(
            SampleRow(text=text, stop=written.stop, mark=mark, origin=origin, loss=written.loss)
        )

    def _origin(self, text: str) -> str:
        """Whether a whole line is one of the data's; "" where the data are not the model's."""
        if self._documents is None:
            documents = self._model.documents()
            self._documents = frozenset(documents.train).union(documents.held_out)
        if not self._documents:
            return ""
        return "data" if text in self._documents else "new"
