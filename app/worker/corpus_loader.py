"""Loads files as data to train on, in slices: with progress, other options, and a way to stop.

The data loaded before stay current until others are loaded whole. It knows nothing of what is done
with documents, or of browsers.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.shared import commands, events
from app.shared.statistics import ColumnInfo, DataStatistics
from app.shared.typed import SettingValues
from app.worker.types import Clock, Install, Post, Report, Spawn
from microgpt.corpus import DataError
from microgpt.corpus.loading import Corpus, load_corpus
from microgpt.corpus.options import CorpusOptions
from microgpt.corpus.progress import LoadProgress
from microgpt.settings import SettingError

MAX_PREVIEW_DOCUMENTS, MAX_PREVIEW_CHARS = 40, 200
LOADING_EVENT_SECONDS = 0.1  # between two `loading_progress` events, at least
MAX_TOLD_CHARACTERS = 200  # whose counts the page is sent; it has room for no more


@dataclass(frozen=True, slots=True)
class Upload:
    """Named files, and the corpus that was loaded from them; there is none without files."""

    name: str
    files: tuple[tuple[str, bytes], ...]
    corpus: Corpus | None = None


class CorpusLoader:
    """Loads files, and holds what was loaded last.

    Args:
        post, clock, spawn, report, install: as for `Session`.
        changed: called with the current corpus (or None) when its documents are others than before.
    """

    def __init__(
        self,
        post: Post,
        clock: Clock,
        spawn: Spawn,
        report: Report,
        install: Install,
        changed: Callable[[Corpus | None], None],
    ) -> None:
        self._post, self._clock, self._changed = post, clock, changed
        self._spawn, self._report, self._install = spawn, report, install
        self._current = Upload("", ())
        self._next = self._current  # what is being loaded, while there is `_work`
        self._number = 0  # the page's, of the command that is being carried out
        self._work: Generator[LoadProgress, None, None] | None = None
        self._next_event = 0.0
        self._progress = LoadProgress(0.0, "")  # the newest; names the package that is waited for
        self._coming: set[str] = set()  # packages that are being installed
        self._refused: set[str] = set()  # those that this work could not have

    @property
    def loading(self) -> bool:
        """Whether something is being loaded."""
        return self._work is not None

    @property
    def wait(self) -> float | None:
        """The seconds to wait before the next `work`, None if nothing is being loaded."""
        if not self.loading:
            return None
        return LOADING_EVENT_SECONDS if self._waits_for_package else 0.0

    @property
    def _waits_for_package(self) -> bool:
        return self._progress.package in self._coming

    def load(self, command: commands.LoadDataCommand) -> None:
        """Starts to load other files, in place of what is being loaded."""
        self._abandon()
        files = split_blob(command["files"], command.get("blob", b""))
        upload = Upload(command["name"], files)
        if files:
            self._start_loading(command["number"], upload, command["options"])
        else:
            self._replace(upload)

    def change_options(self, command: commands.ChangeOptionsCommand) -> None:
        """Starts to load the same files with other options."""
        upload = self._next if self.loading else self._current
        self._abandon()
        if upload.files:
            self._start_loading(command["number"], upload, command["options"])

    def cancel(self) -> None:
        """Stops loading; the current data stay."""
        if self.loading:
            self.refuse("")

    def refuse(self, reason: str) -> None:
        """Stops loading and says why, in a sentence."""
        self._abandon()
        self._post(
            events.DataRefusedEvent(type="data_refused", number=self._number, message=reason)
        )

    def work(self, deadline: float) -> None:
        """Loads until `deadline`, a little at least."""
        if self._work is None:
            return
        if self._waits_for_package:
            self._post_progress(self._clock())
            return
        try:
            for progress in self._work:
                now, self._progress = self._clock(), progress
                self._request(progress.package)
                self._post_progress(now)
                if now >= deadline or self._waits_for_package:
                    return
            self._work = None
        except DataError as error:
            self.refuse(str(error))
        except MemoryError:
            self.refuse("There is not enough memory to read this: choose fewer or smaller files.")

    def _request(self, package: str) -> None:
        """Has a package installed, if one is named; the work waits for it."""
        if package and package not in self._refused | self._coming:
            self._coming.add(package)
            self._spawn(self._install_package(package))

    async def _install_package(self, package: str) -> None:
        """Installs a package; the work goes on without it where that fails."""
        try:
            await self._install(package)
        except Exception:
            self._refused.add(package)
            self._report(traceback.format_exc())
        self._coming.discard(package)

    def _post_progress(self, now: float) -> None:
        if now < self._next_event:
            return
        self._next_event = now + LOADING_EVENT_SECONDS
        self._post(
            events.LoadingProgressEvent(
                type="loading_progress",
                number=self._number,
                share=self._progress.fraction,
                what=self._progress.activity,
            )
        )

    def _start_loading(self, number: int, upload: Upload, options: SettingValues) -> None:
        self._number = number
        values: dict[str, Any] = {**options}
        try:
            checked = CorpusOptions(**values)
        except SettingError as error:
            self.refuse(str(error))
            return
        self._next = upload
        self._progress = LoadProgress(0.0, "")
        self._refused.clear()
        self._next_event = self._clock() + LOADING_EVENT_SECONDS
        self._work = self._load(upload, checked)

    def _abandon(self) -> None:
        """Stops loading without a word."""
        if self._work is not None:
            self._work.close()
        self._work = None

    def _load(self, upload: Upload, options: CorpusOptions) -> Generator[LoadProgress, None, None]:
        """Loads the files whole, then makes them current."""
        corpus = yield from load_corpus(upload.files, options, upload.corpus)
        before = self._current.corpus
        upload = replace(upload, corpus=corpus)
        if before is not None and corpus.documents is before.documents:
            self._current = upload  # another context length leaves the documents as they are
        else:
            self._replace(upload)
        self._post(data_loaded(self._number, upload.name, corpus))

    def _replace(self, upload: Upload) -> None:
        self._current = upload
        self._changed(upload.corpus)


def split_blob(files: Sequence[tuple[str, int]], blob: bytes) -> tuple[tuple[str, bytes], ...]:
    """The files whose contents follow one another in `blob`, from their names and sizes."""
    result = []
    start = 0
    for name, size in files:
        result.append((name, blob[start : start + size]))
        start += size
    return tuple(result)


def data_loaded(number: int, name: str, corpus: Corpus) -> events.DataLoadedEvent:
    """The event about a corpus, short enough for the page whatever the data are."""
    info: Any = corpus.as_dict()
    statistics: Any = info.pop("statistics")
    statistics["num_chars"] = len(statistics["vocabulary"])
    statistics["vocabulary"] = statistics["vocabulary"][:MAX_TOLD_CHARACTERS]
    # The page itself says what is left out, and what is cut.
    remarks, said = corpus.remarks_without_lengths, corpus.filter_remarks
    info["remarks"] = [remark for remark in remarks if remark not in said]
    info["advice"] = [list(advice.values()) for advice in info["advice"]]
    info["columns"] = [_only(column, ColumnInfo) for column in info["columns"]]
    info["num_rare"] = len(info["rare"])
    info["rare"] = info["rare"][:MAX_TOLD_CHARACTERS]
    documents = corpus.documents[:MAX_PREVIEW_DOCUMENTS]
    return events.DataLoadedEvent(
        type="data_loaded",
        number=number,
        name=name,
        statistics=_only(statistics, DataStatistics),
        info=info,
        preview=[document[:MAX_PREVIEW_CHARS] for document in documents],
    )


def _only(fields: dict[str, Any], definition: Any) -> Any:
    """Those of the fields that a definition has."""
    return {name: fields[name] for name in definition.__required_keys__}
