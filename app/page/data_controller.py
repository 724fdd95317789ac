"""The data: which are chosen, which are loaded, and the way from one to the other."""

import asyncio

from pyscript import window

from app.page.aliases import Action, JsProxy
from app.page.data_display import DataDisplay
from app.page.data_line import DataLine
from app.page.data_requests import DataRequests
from app.page.data_source import DataSource, DataSummary, pasted_source, preset_source
from app.page.errors import spawn
from app.page.link import Link
from app.page.outbox import DATA_LOADED
from app.page.own_data import OwnData
from app.page.states import (
    DATA_STATES,
    EMPTY,
    FETCHING,
    LOADED,
    LOADING,
    LOST,
    MISSING,
    StateMachine,
)
from app.page.vocabulary import Vocabulary
from app.shared.events import DataLoadedEvent, DataRefusedEvent, ErrorEvent, LoadingProgressEvent
from app.shared.experiment import OWN, Experiment


class DataController:
    """The data that the next run trains on; its states are `states.DATA_STATES`.

    What is chosen, pasted or dropped is shown and sent to the worker at once; it counts as loaded
    when the worker says so. Until then, and if it is refused, what was loaded before stays.

    Args:
        experiment: holds the name of what is chosen, and the context length.
        vocabulary: what the data are made of.
        link: the line to the worker.
        own: the user's own data.
        chosen: called when other data are chosen.
        reverted: called when these could not be loaded, and those of before are chosen again.
        picked: called then if it is the user who has chosen them, or has brought a new text.
        filtered: called when the user leaves other documents out.
        loaded: called when what is chosen is loaded, or the user has no text.
    """

    def __init__(
        self,
        experiment: Experiment,
        vocabulary: Vocabulary,
        link: Link,
        own: OwnData,
        chosen: Action,
        reverted: Action,
        picked: Action,
        filtered: Action,
        loaded: Action,
    ) -> None:
        self._experiment, self._vocabulary = experiment, vocabulary
        self._link, self._own = link, own
        self._chosen, self._reverted, self._loaded = chosen, reverted, loaded
        self.summary = DataSummary(None)
        self.source: DataSource | None = None  # what was loaded last
        self._states, self._requests = StateMachine(MISSING, DATA_STATES), DataRequests()
        self._link.hold(DATA_LOADED)
        self._in_worker = False  # whether the worker has `source`
        self._line = DataLine(experiment, link)
        self._left: DataSource | None = None  # what a new worker should have behind a run's data
        self._loading_over = asyncio.Event()
        self._display = DataDisplay(
            *(experiment, vocabulary, self._own.options),
            choose=self.choose,
            take=self._take,
            picked=picked,
            cancel=self._cancel,
            change_options=self._change_options,
            leave_out=self._leave_out,
            filtered=filtered,
        )

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to train on."""
        return self._states.is_in(EMPTY, MISSING)

    @property
    def is_loaded(self) -> bool:
        """Whether the worker has what is chosen."""
        return self._states.is_in(LOADED)

    @property
    def revision(self) -> int:
        """Which of the user's own texts it is; 0 for a preset."""
        return self._own.revision if self._experiment.data == OWN else 0

    async def recall(self) -> None:
        """Show what an earlier visit has kept of the user's own data."""
        await self._display.recall(self._own.source)

    @property
    def newest(self) -> DataSource | None:
        """What was chosen or brought last, whether it is loaded yet or not."""
        return self._requests.wanted or self.source

    def open_address(self, name: str, leave_out: str) -> None:
        """The address names these data, and patterns of what to leave out of them."""
        newest = self.newest
        if newest is not None and newest.name == name:
            self._leave_out(leave_out)
            return
        self._load(name, leave_out)
        if name == OWN:  # which may be another's, and are not in the address
            self._display.show_error(self._own.words_for_link(self.newest))

    def choose(self, name: str) -> None:
        """The user has chosen the preset `name`, or to bring data of their own."""
        self._own.known = self._own.known or name == OWN
        self._load(name)

    def _load(self, name: str, leave_out: str = "") -> None:
        """The preset `name`, or the user's own data, is to be loaded."""
        pasted = pasted_source(self._display.pasted_blob(), self._own.options.copy())
        source = (self._own.source or pasted) if name == OWN else preset_source(name)
        self._want(source.leaving_out(leave_out))

    def setting_changed(self, name: str) -> None:
        """The setting `name` of the experiment has changed."""
        self.show_lengths()
        source = self.newest
        if source is not None and source.depends_on(name):
            self._reload(source)

    def show_lengths(self) -> None:
        """Show anew what the context length cuts off, in the current tokens."""
        self._display.show_lengths()

    # ---- when the worker dies --------------------------------------------------------------------

    def lose_worker(self) -> None:
        """The worker that had the data is gone, perhaps because of what it was loading."""
        self._left = self.source or self.newest or self._left
        self._in_worker = False
        self._requests.cancel()
        self._enter(LOST)

    async def restore(self, source: DataSource) -> bool:
        """Load data in a new worker that the last one had; returns whether that worked."""
        self._request(source)
        await self._loading_over.wait()
        return self.source is source

    def restore_rest(self) -> None:
        """Load in a new worker what was loaded, unless the user has chosen something else."""
        source, self._left = self._left, None
        if source is not None:
            self._show(source)
            self._reverted()
            if not (self.source is source and self._in_worker):
                self._request(source)
        elif self._states.is_in(LOST):
            self._enter(MISSING)

    # ---- what the worker says --------------------------------------------------------------------

    def on_loading_progress(self, message: LoadingProgressEvent) -> None:
        if self._requests.is_slow(message["number"], window.performance.now()):
            self._display.show_progress(message["what"], message["share"])

    def on_data_loaded(self, message: DataLoadedEvent) -> None:
        source = self._requests.answer(message["number"])
        if source is None:
            return
        self.source, self._in_worker = source, True
        if source.name == OWN and self._left is None:  # else they are those of a run
            self._own.keep(source)
        if self._requests.wanted is not None:
            return  # something newer will be loaded soon
        self._vocabulary.reset(message["statistics"]["num_chars"])
        self.summary = DataSummary(message)
        self._display.show_loaded(message, source.noun)
        self._enter(LOADED)

    def on_data_refused(self, message: DataRefusedEvent) -> None:
        source = self._requests.answer(message["number"])
        if source is not None and self._requests.wanted is None:
            self._fall_back(source, message["message"])

    def on_error(self, message: ErrorEvent) -> None:
        """A command about the data has failed."""
        if self._states.is_in(LOADING) and self._requests.wanted is not None:
            self._fall_back(self._requests.wanted, message["message"])
        else:
            self._display.show_error(message["message"])

    # ---- what the user does ----------------------------------------------------------------------

    def _take(self, blob: JsProxy, files: list[tuple[str, int]], edited: bool) -> None:
        """Take a pasted text, or files; `edited`: whether it may be the text of before, changed."""
        source = self._own.take(blob, files, self.newest if edited else None)
        self._display.show_files(files)
        self._want(source.leaving_out(self._experiment.leave_out if edited else ""))

    def _change_options(self) -> None:
        source = self.newest
        if source is not None and source.name == OWN:
            self._display.show_error("")
            self._reload(self._own.reload(source))

    def _leave_out(self, patterns: str) -> None:
        """Leave out what matches these patterns, and nothing else."""
        source = self.newest
        if source is None or source.is_empty:
            self._load(self._experiment.data, patterns)
            return
        self._display.show_error("")
        changed = source.leaving_out(patterns)
        self._show(changed)
        self._reload(changed)

    def _cancel(self) -> None:
        wanted = self._requests.wanted
        if self._states.is_in(FETCHING) and wanted is not None:
            self._fall_back(wanted, "")
        else:
            self._line.cancel()

    # ---- on the way to the worker ----------------------------------------------------------------

    def _want(self, source: DataSource) -> None:
        """The user wants these data."""
        self._display.show_error("")
        self._left = None
        self._show(source)
        self._request(source)

    def _request(self, source: DataSource) -> None:
        """Have these data loaded by the worker."""
        if source.is_empty:
            self._request_nothing(source)
            return
        number = self._requests.add(source, window.performance.now())
        self._enter(FETCHING)  # at once: a press on Train may come before the task begins
        if source.is_pasted and self._link.up:  # at once, too: laying out the text takes longer
            self._send(number, source, source.blob, give=False)
        else:
            spawn(self._fetch_and_send(number, source))

    def _request_nothing(self, source: DataSource) -> None:
        """The user has no text, or none any more."""
        self._requests.cancel()
        number, self.source, self._in_worker = self._requests.number, source, True
        self._line.load_nothing(number)
        self._own.keep(source)
        self.summary = DataSummary(None)
        self._vocabulary.reset(0)
        self._display.show_nothing()
        self._enter(EMPTY)

    async def _fetch_and_send(self, number: int, source: DataSource) -> None:
        try:
            content = await source.fetch()
        except Exception:
            if number == self._requests.number:
                self._fall_back(source, source.missing)
            return
        if number != self._requests.number:
            return  # something else is wanted by now
        if not self._link.up and not source.has_files:
            self._display.show_beginning(content)
        self._send(number, source, content, give=True)

    def _send(self, number: int, source: DataSource, content: JsProxy, give: bool) -> None:
        self._requests.post(number, source)
        self._enter(LOADING)
        self._line.load(number, source, content, give)

    def _reload(self, source: DataSource) -> None:
        """Have the worker load what it has with other options."""
        if source.is_empty:
            return
        if self._states.is_in(FETCHING) or not (self._requests.any_posted or self._in_worker):
            self._request(source)
            return
        number = self._requests.add(source, window.performance.now())
        self._requests.post(number, source)
        self._enter(LOADING)
        self._line.change_options(number, source)

    def _fall_back(self, failed: DataSource, words: str) -> None:
        """Something could not be loaded: say so, and go back to what there was."""
        if self._requests.any_posted:
            self._line.cancel()
        self._requests.cancel()
        self._display.show_progress("", 0)
        self._display.show_error(words)
        before = self.source or failed.first_resort
        if before.differs_in_patterns(failed):
            self._experiment.leave_out = before.leave_out
            self._display.refuse_patterns(before.leave_out)
        elif failed is before or (self.source is None and failed.name == before.name):
            self._enter(MISSING)
            return
        else:
            self._show(before)
        self._reverted()
        if self._in_worker:
            self._enter(LOADED)
        else:
            self._request(before)

    def _enter(self, state: str) -> None:
        self._states.enter(state)
        if state not in (FETCHING, LOADING):
            self._display.show_progress("", 0)
        if state in (FETCHING, LOADING, LOST):
            self._loading_over.clear()
            self._link.hold(DATA_LOADED)
        else:
            self._loading_over.set()
            if state != MISSING:
                self._loaded()
            self._link.release(DATA_LOADED)

    def _show(self, source: DataSource) -> None:
        """Show that these are the chosen data, and how they are loaded."""
        self._experiment.data, self._experiment.leave_out = source.name, source.leave_out
        self._display.show_chosen(source, self._own.source)
        self._chosen()
