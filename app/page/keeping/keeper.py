"""Keeps the user's work in the browser beside everything else, and brings it back on a return.

What is kept lies in `static/store.mjs`; a session of its own for each tab.
"""

import asyncio
import json

from pyscript import document, window

from app.page.aliases import JsProxy
from app.page.data_key import kept_unit
from app.page.data_source import DataSource, preset_source
from app.page.errors import guarded, spawn
from app.page.keeping.kept_document import KeptDocument
from app.page.keeping.kept_run import restored_run
from app.page.keeping.problems import PROBLEMS, STILL_KEPT, offer
from app.page.keeping.returning import shows_kept, without_arrangement
from app.page.keeping.run_keeping import RunKeeping
from app.page.own_data import OwnData
from app.page.run import RunRecord
from app.page.views.dom import find, listen, on_press, write_text
from app.shared.experiment import OWN, Experiment
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

ANY_KEPT = "kept"  # of `static/database.mjs`
KEEPING_PAUSE_SECONDS = 0.25  # before a change is kept, and between two times
SESSION_PART, DATA_PART, RUN_PART = "session", "data", "run"  # what there may be to keep


class Keeper:
    """What is to be kept, what was kept, and what is said about it.

    Args:
        experiment: the settings, and the model code.
        own: the user's own data.
        run: returns the current run, if there is one.
        text: returns the text that is being written.
    """

    def __init__(
        self,
        experiment: Experiment,
        own: OwnData,
        run: "Callable[[], RunRecord | None]",
        text: "Callable[[], KeptDocument]",
    ) -> None:
        self._experiment, self._own = experiment, own
        self._current_run, self._current_text = run, text
        self._changed: list[str] = []  # parts that are still to be kept
        self._saving = False
        self._of_run = RunKeeping()
        self._kept_session: list[str] = []  # as it was kept last
        self._has_session = False  # whether anything is kept of this tab
        self._run_source: DataSource | None = (
            None  # its data, where others are the user's own by now
        )
        self._said: list[str] = []  # problems
        self._offered = ""  # the address of a kept session that can be shown
        self.run: RunRecord | None = None  # that is to be shown again
        self.text: dict[str, Any] | None = None  # and the text
        self.code: str | None = None  # and the model code, None where none is kept
        own.listen(self.data_changed)
        on_press("kept-show", self._show_offered)
        on_press("kept-forget", self._forget_offered)
        on_press("kept-close", lambda: self._say(""))
        listen(document, "visibilitychange", lambda event: self._save_at_once())
        window.onpagehide = guarded(lambda event: self._save_at_once())
        window.onstorage = guarded(self._take_storage_change)

    # ---- what an earlier visit has kept ----------------------------------------------------------

    async def recall(self) -> None:
        """Find out what is kept, and what of it is to be shown; the address is not read yet."""
        recalled = window.microgpt.recalled
        found = await recalled if recalled is not None else None
        if found is None:
            return
        if found.own is not None:
            self._own.recall(json.loads(found.own.about), found.own.blob)
        if not found.mine:
            return
        address = str(window.location.hash)
        try:
            self._bring_back(found, address)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            # An imported one may be anything: what cannot be read must not keep the page away.
            window.console.warn(f"What is kept cannot be read: {error}")
            self.run = self.text = self.code = None

    def _bring_back(self, found: JsProxy, address: str) -> None:
        if found.stayed or shows_kept(address, found.fragment):
            window.microgpt.store.resume()
            self._take_over(found, address)
        elif found.run is not None:
            run, self._offered = json.loads(found.run.about), found.fragment
            data, _ = kept_unit(run)
            self._say(offer(data, run["step"], run["series"]["num_steps"]), True)

    def _take_over(self, found: JsProxy, address: str) -> None:
        if not found.stayed and address in ("", "#") and found.fragment:
            window.microgpt.writeAddress(without_arrangement(found.fragment), False)
        self._has_session = True
        if not found.stayed:
            self.code = found.code
        self.text = json.loads(found.text)
        if found.run is not None:
            kept, run = json.loads(found.run.about), found.run
            source = self._source_of(kept, run.data)
            arrays = (run.checkpoint, run.raw, run.smooth, run.checkpoints)
            self.run = restored_run(kept, source, *arrays)
            self._of_run.take_over(self.run)

    def _source_of(self, kept: "dict[str, Any]", data: JsProxy) -> DataSource | None:
        """The data of a kept run, None where they are not there any more."""
        (name, revision, leave_out), _ = kept_unit(kept)
        if name != OWN:
            return preset_source(name, leave_out)
        if data is not None:
            about = json.loads(data.about)
            files = [(name, size) for name, size in about["files"]]
            self._run_source = DataSource(OWN, data.blob, files, about["options"], leave_out)
            return self._run_source
        own = self._own.source if revision == self._own.revision else None
        return own.leaving_out(leave_out) if own is not None else None

    def _show_offered(self) -> None:
        window.microgpt.store.handOver()
        self._reload(self._offered)

    def show_session(self, session: str, fragment: str) -> None:
        """Show a kept session in place of this one, which stays kept."""
        window.microgpt.store.handOver(session)
        self._reload(fragment)

    def _reload(self, fragment: str) -> None:
        """Load the page once more, with this address: it shows the session that was handed over."""
        self._save_at_once()
        window.microgpt.writeAddress(fragment, True)
        window.location.reload()

    def _forget_offered(self) -> None:
        spawn(self._await(window.microgpt.store.forgetOffered()))
        self._say("")

    async def leave(self) -> str:
        """Keep all that there is, and begin a session for what comes in its place.

        Returns:
            What went wrong, see `problems.PROBLEMS`; then all is as before. "" where nothing did.
        """
        try:
            await window.microgpt.loadStore()
        except Exception as error:
            window.console.warn(str(error))
            return "forbidden"
        while self._saving:
            await asyncio.sleep(KEEPING_PAUSE_SECONDS / 5)
        self._changed, self._kept_session = [SESSION_PART, DATA_PART, RUN_PART], []
        had_session, self._has_session = self._has_session, True
        for writing in self._write():
            problem = str(await writing)
            if problem:
                self._has_session = had_session
                self._keep_anew()
                return problem
        window.microgpt.store.leave()
        self._offered = self._experiment.address()
        self._has_session = self._of_run.has_run = False
        self._kept_session, self._run_source = [], None
        self._of_run.keep_anew(None)
        return ""

    async def keep_now(self) -> None:
        """Keep at once what is still to be kept."""
        while self._saving:
            await asyncio.sleep(KEEPING_PAUSE_SECONDS / 5)

    @property
    def has_session(self) -> bool:
        """Whether anything is kept of this tab."""
        return self._has_session

    def say_opened(self, remarks: str, has_left: bool) -> None:
        """Something has taken the place of what there was.

        Args:
            remarks: what is to be said of it; perhaps nothing.
            has_left: whether that which was there before is kept, and can be shown again.
        """
        if remarks or has_left:
            self._say(" ".join([remarks, STILL_KEPT if has_left else ""]).strip(), has_left)
            find("kept-forget").hidden = True
            find("kept-close").hidden = False

    # ---- what there is to keep -------------------------------------------------------------------

    def session_changed(self) -> None:
        """Settings, the model code or the text may be others.

        Settings alone are in the address, and nothing is lost with it.
        """
        if self._has_session or self._experiment.code or self._current_text().can_undo:
            self._keep_soon(SESSION_PART)

    def data_changed(self) -> None:
        """The user's own data are others."""
        self._keep_soon(DATA_PART)

    def run_changed(self) -> None:
        """The run has gone on, or there is another, or none any more."""
        self._keep_soon(RUN_PART)

    def _keep_soon(self, part: str) -> None:
        if window.microgpt.framed:
            return
        if part not in self._changed:
            self._changed.append(part)
        if not self._saving:
            self._saving = True
            spawn(self._save())

    def _take_storage_change(self, event: JsProxy) -> None:
        """Perhaps another tab, or the browser, has removed everything that is kept."""
        if event.key != ANY_KEPT or event.newValue is not None:
            return
        if window.microgpt.store is not None:
            window.microgpt.store.beginAnew()
        self._has_session = self._of_run.has_run = False
        self._run_source = None
        self._keep_anew()

    def _keep_anew(self) -> None:
        """With the next change, keep what may be there no longer, or may never have been."""
        self._kept_session = []
        self._of_run.keep_anew(self._current_run())

    async def _save(self) -> None:
        """Keep what has changed, until nothing has."""
        try:
            while self._changed:
                # Before the pause, so that it is there if the page goes meanwhile.
                await window.microgpt.loadStore()
                if DATA_PART not in self._changed:  # there is no other copy of these
                    await asyncio.sleep(KEEPING_PAUSE_SECONDS)
                for writing in self._write():
                    await self._await(writing)
        except Exception as error:
            window.console.warn(str(error))  # it could not be fetched: with the next change again
        finally:
            self._saving = False

    def _save_at_once(self) -> None:
        """The page may be gone in a moment."""
        if window.microgpt.store is not None and self._changed:
            for writing in self._write():
                spawn(self._await(writing))

    def _write(self) -> "list[JsProxy]":
        """Begin to write what has changed; returns a promise for each part."""
        changed, self._changed = self._changed, []
        everything = not self._has_session
        writing = []
        if everything or DATA_PART in changed:
            writing += self._write_data()
        if everything or RUN_PART in changed:
            writing += self._of_run.write(self._current_run())
        self._has_session = self._has_session or bool(writing) or changed == [SESSION_PART]
        if not self._has_session:
            return []
        return writing + self._write_run_data() + self._write_session()

    async def _await(self, writing: JsProxy) -> None:
        problem = str(await writing)
        if problem:
            self._keep_anew()
        if problem and problem not in self._said:  # once is enough
            self._said.append(problem)
            self._say(PROBLEMS[problem])

    def _write_session(self) -> "list[JsProxy]":
        text = json.dumps(self._current_text().kept())
        session = [self._experiment.address(), self._experiment.code, text]
        if session == self._kept_session:
            return []
        self._kept_session = session
        return [window.microgpt.store.keepSession(*session)]

    def _write_data(self) -> "list[JsProxy]":
        source = self._own.source
        if source is None and not self._has_session:
            return []
        blob = source.blob if source is not None else None
        about = json.dumps(self._own.about())
        return [window.microgpt.store.keepData("own", about, blob)]

    def _write_run_data(self) -> "list[JsProxy]":
        """The user's own data that the run has, where they are not the newest any more."""
        run, source = self._current_run(), None
        if run is not None and run.data_name == OWN and run.unit[0][1] != self._own.revision:
            source = run.source
        if source is self._run_source:
            return []
        self._run_source = source
        if source is None:
            return [window.microgpt.store.keepData("run", "", None)]
        about = json.dumps({"files": source.files, "options": source.options})
        return [window.microgpt.store.keepData("run", about, source.blob)]

    # ---- what is said ----------------------------------------------------------------------------

    def _say(self, words: str, is_offer: bool = False) -> None:
        write_text("kept-words", words)
        find("kept-show").hidden = find("kept-forget").hidden = not is_offer
        find("kept-close").hidden = is_offer
        find("kept-notice").hidden = not words
