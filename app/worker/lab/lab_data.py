"""The data that experiments train on: the playground's, or others, loaded in slices."""

from __future__ import annotations

import hashlib
import traceback
from collections.abc import Callable, Generator
from typing import Any

from app.shared.lab import LabDataCommand, LabDataEvent
from app.worker.corpus_loader import split_blob
from app.worker.types import Clock, Post, Report
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.dataset import DataError
from microgpt.recent import Recent
from microgpt.settings import SettingError

MAX_LAB_CORPORA = 2  # that are kept, so that going back to one is free
NO_LAB_DATA = "There are no data to train on yet: choose some in the playground first."
NO_MEMORY = "There is not enough memory to read these data: choose smaller ones."


class LabData:
    """The newest data; those of before stay until others are there.

    Args:
        post, clock, report: as for `Session`.
        loading_ended: called once loading has ended, well or not.
    """

    def __init__(
        self, post: Post, clock: Clock, report: Report, loading_ended: Callable[[], None]
    ) -> None:
        self._post, self._clock, self._report = post, clock, report
        self._loading_ended = loading_ended
        self.corpus: Corpus | None = None
        self.problem = NO_LAB_DATA  # why there are none, in a sentence
        self._loaded = Recent[Corpus](MAX_LAB_CORPORA)
        self._loading: Generator[Any, None, Corpus] | None = None
        self._key: object = None  # what the corpus that is being loaded is kept under
        self._number = 0

    @property
    def loading(self) -> bool:
        """Whether data are being loaded."""
        return self._loading is not None

    def load(self, command: LabDataCommand, current: Corpus | None) -> None:
        """Carries out the command; `current`: the playground's data."""
        self._number, self._loading = command["number"], None
        blob = command.get("blob")
        if blob is None:
            self._end(current, NO_LAB_DATA)
            return
        values: dict[str, Any] = {**command["options"]}
        named = tuple(map(tuple, command["files"])), tuple(sorted(values.items()))
        key = (*named, hashlib.sha256(blob).digest())
        kept = self._loaded.get(key)
        if kept is not None:
            self._end(kept)
            return
        try:
            files = split_blob(command["files"], blob)
            self._loading, self._key = load_corpus(files, CorpusOptions(**values)), key
        except SettingError as error:
            self._end(None, str(error))

    def work(self, deadline: float) -> None:
        """Loads until `deadline`, a little at least."""
        try:
            while self._loading is not None:
                next(self._loading)
                if self._clock() >= deadline:
                    return
        except StopIteration as finished:
            self._end(self._loaded.keep(self._key, finished.value))
        except DataError as error:
            self._end(None, str(error))
        except MemoryError:
            self._end(None, NO_MEMORY)
        except Exception as error:
            self._report(traceback.format_exc())
            self._end(None, f"Python has failed to read these data ({type(error).__name__}).")

    def _end(self, corpus: Corpus | None, problem: str = "") -> None:
        """These are the data from now on; without any, those of before stay."""
        self._loading = None
        self.problem = "" if corpus is not None else problem
        self.corpus = corpus or self.corpus
        self._post(
            LabDataEvent(
                type="lab_data_ready",
                number=self._number,
                num_docs=0 if corpus is None else len(corpus.documents),
                problem=self.problem,
            )
        )
        self._loading_ended()
