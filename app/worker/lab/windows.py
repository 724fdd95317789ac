"""Where one long text is cut into windows: the data of runs whose contexts differ in length."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from dataclasses import replace

from microgpt.corpus.loading import Corpus, load_corpus


class Windows:
    """The data of an experiment, cut as each of its runs needs them.

    Args:
        corpus: its data.
    """

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._cut: dict[tuple[int, str], Corpus] = {}

    def cut(self, values: Mapping[str, int | float | str]) -> Generator[None, None, None]:
        """Make the data of a run with these settings; yields are yield points."""
        if not self._corpus.options.windowed or _key(values) in self._cut:
            return
        block_size, tokenizer = _key(values)
        options = replace(self._corpus.options, block_size=block_size, tokenizer=tokenizer)
        loading = load_corpus((), options, self._corpus)
        while True:
            try:
                next(loading)
            except StopIteration as finished:
                self._cut[block_size, tokenizer] = finished.value
                return
            yield

    def of(self, values: Mapping[str, int | float | str]) -> Corpus:
        """The data of a run with these settings, once they are made."""
        return self._cut.get(_key(values), self._corpus)


def _key(values: Mapping[str, int | float | str]) -> tuple[int, str]:
    return int(values["block_size"]), str(values["tokenizer"])
