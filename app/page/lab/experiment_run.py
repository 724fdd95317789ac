"""The runs of the experiment that is open: what the worker has of them, and what is kept."""

import asyncio
import json

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import Action, JsProxy
from app.page.data_source import preset_source
from app.page.errors import spawn
from app.page.keeping.problems import PROBLEMS
from app.page.lab.experiments import LabExperiment
from app.page.lab.told import Told
from app.page.states import DONE, IDLE, PAUSED, RUNNING, STARTING
from app.page.views.dom import listen
from app.page.workplace import Workplace
from app.shared.commands import (
    ChangeSweepCommand,
    LabDataCommand,
    SaveSweepCommand,
    SweepCommand,
)
from app.shared.events import LabDataEvent, SweptEvent
from app.shared.experiment import OWN
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

KEEP_SECONDS = 1.0  # between two times
NO_OWN_DATA = "This experiment is on data of your own, and there are none: bring them first."


class ExperimentRun:
    """Where the runs are, and the commands about them.

    Args:
        workplace: has the line to the worker, and the data.
        sweeps: keeps results, see `static/sweeps.mjs`; None until that is fetched.
        changed: called when something else is to be shown.
    """

    def __init__(self, workplace: Workplace, changed: Action) -> None:
        self._work, self._link, self._changed = workplace, workplace.link, changed
        self._number = 0  # of the newest experiment, or the newest try at it
        self._experiment: LabExperiment | None = None
        self._results: JsProxy = None  # a blob of lines of JSON, None where there are none
        self._data_of_worker = ""  # which data the worker has for experiments
        self._key = ""  # that the results are kept under, "" where they are not
        self._is_keeping = self._is_dirty = False
        self._is_paused = False  # whether the experiment is not to go on once it has started
        self.state = IDLE
        self.told = Told()
        self.problem = ""  # one sentence on what is wrong
        self.about: dict[str, Any] = {}  # what else is kept: the guess
        listen(window, "pagehide", lambda event: self._keep_at_once())

    # ---- what is open ----------------------------------------------------------------------------

    def open(self, experiment: LabExperiment) -> None:
        """Another experiment is open: show what is kept of it; the one of before is paused."""
        if self.state in (RUNNING, STARTING):
            self._change("pause")
        self._keep_at_once()
        self._experiment = experiment
        self._begin_anew()
        spawn(self._recall(self._number))

    def measure_changed(self, experiment: LabExperiment) -> None:
        """The same runs, of which something else is to be told; what is missing is computed."""
        begun, going = self.state != IDLE, self.state in (RUNNING, STARTING)
        self._experiment, self.told = experiment, Told()
        self._number += 1
        if begun:
            self._start(paused=not going)

    def _begin_anew(self) -> None:
        self._number += 1
        self.state, self.told, self.problem = IDLE, Told(), ""
        self._results, self._key, self.about = None, "", {}

    async def _recall(self, number: int) -> None:
        key = await self._key_now()
        found = await (await window.microgpt.loadSweeps()).recallSweep(key) if key else None
        if number != self._number:
            return
        self._key = key
        if found is not None:
            self.about = json.loads(found.about)
            self._results = found.blob
        if self._results is not None and self._results.size and self.state == IDLE:
            self._start(paused=True)
        self._changed()

    async def _key_now(self) -> str:
        """What the results are kept under: of data of one's own with what they are."""
        assert self._experiment is not None
        key = self._experiment.key
        if self._experiment.data != OWN:
            return key
        source = self._work.own.source
        if source is None:
            return ""
        digest = str(await (await window.microgpt.loadSweeps()).digestOf(source.blob))
        options = json.dumps(sorted(source.options.items()))
        return f"{key}\n{digest}\n{options}" if digest else ""

    # ---- what the user does ----------------------------------------------------------------------

    def go(self) -> None:
        """Run what is not done yet."""
        if self.state == PAUSED and self._link.up:
            self.state = RUNNING
            self._change("resume")
        else:
            self._start(paused=False)
        self._changed()

    def pause(self) -> None:
        """Begin no further run."""
        self.state = PAUSED
        self._change("pause")
        self._changed()

    def stop(self) -> None:
        """Give up what is not done."""
        self._change("stop")

    def forget(self) -> None:
        """Forget what is done, here and in the browser."""
        if self.state in (RUNNING, PAUSED, STARTING):
            self._change("stop")
        guess, key = self.about, self._key
        self._begin_anew()
        self.about, self._key = guess, key
        self._keep()
        self._changed()

    def set_guess(self, guess: "float | str") -> None:
        """The user has guessed."""
        self.about["guess"] = guess
        self._keep()
        self._changed()

    def save(self, kind: str) -> None:
        """Have the results written as a file."""
        self._link.send(SaveSweepCommand(type="save_sweep", number=self._number, kind=kind))

    # ---- what the worker says --------------------------------------------------------------------

    def on_data_ready(self, message: LabDataEvent) -> None:
        if message["number"] == self._number and message["problem"]:
            self.fail(message["problem"])

    def on_swept(self, message: SweptEvent) -> None:
        if message["number"] != self._number:
            return
        self.told.take(message)
        if "blob" in message:
            parts = [message["blob"]] if self._results is None else [self._results, message["blob"]]
            self._results = window.Blob.new(to_js(parts))
            self._keep()
        if message["over"]:
            self.state = DONE
            self._keep_at_once()
        elif self.state == STARTING:
            self.state = PAUSED if self._is_paused else RUNNING
        self._changed()

    def fail(self, sentence: str) -> None:
        """A command has failed."""
        self.problem, self._data_of_worker = sentence, ""
        if self.state == STARTING:
            self.state = IDLE
        self._changed()

    def worker_died(self) -> None:
        """Give a new worker what the one before it had."""
        self._data_of_worker = ""
        if self.state != IDLE:
            self._start(paused=self.state in (PAUSED, DONE))
            self._changed()

    # ---- on the way to the worker ----------------------------------------------------------------

    def _change(self, act: str) -> None:
        self._link.send(ChangeSweepCommand(type="change_sweep", number=self._number, act=act))

    def _start(self, paused: bool) -> None:
        self.state, self._is_paused, self.problem = STARTING, paused, ""
        spawn(self._send(self._number))

    async def _send(self, number: int) -> None:
        experiment = self._experiment
        assert experiment is not None
        key = await self._key_now()
        if number != self._number:
            return
        if key != self._key:  # other data of one's own
            about = self.about
            self._begin_anew()
            self._number, self.about, self._key, self.state = number, about, key, STARTING
        if not await self._send_data(number, experiment):
            return
        message = SweepCommand(
            type="sweep",
            number=number,
            texts=experiment.texts,
            ready=experiment.ready.name if experiment.ready is not None else "",
            paused=self._is_paused,
        )
        if self._results is not None:
            message["blob"] = window.Uint8Array.new(await self._results.arrayBuffer())
            if number != self._number:
                return
        self._link.send(message, give=self._results is not None)

    async def _send_data(self, number: int, experiment: LabExperiment) -> bool:
        """Let the worker have the data, if it has them not; returns whether that went well."""
        data, here = self._work.data, self._work.experiment.data == experiment.data
        wanted = experiment.data
        if experiment.data == OWN:
            wanted = f"{OWN} {self._work.own.revision}"
        if wanted == self._data_of_worker:
            return True
        loaded = data.source if here and data.is_loaded else None
        if loaded is not None and loaded.leave_out:
            loaded = None
        message = LabDataCommand(
            type="lab_data", number=number, name=experiment.data, files=[], options={}
        )
        if loaded is None:
            is_own = experiment.data == OWN
            source = self._work.own.source if is_own else preset_source(experiment.data)
            if source is None:
                self.fail(NO_OWN_DATA)
                return False
            source = source.leaving_out("")  # experiments train on all documents
            try:
                content = await source.fetch()
            except Exception:
                if number == self._number:
                    self.fail(source.missing)
                return False
            if number != self._number:
                return False
            message["files"] = source.files
            message["options"] = source.sized_options(self._work.experiment)
            message["blob"] = content
        self._link.send(message, give=loaded is None)
        self._data_of_worker = wanted
        return True

    # ---- keeping ---------------------------------------------------------------------------------

    def _keep(self) -> None:
        if window.microgpt.framed or not self._key:
            return
        self._is_dirty = True
        if not self._is_keeping:
            self._is_keeping = True
            spawn(self._keep_all())

    async def _keep_all(self) -> None:
        """Keep what there is, and what comes meanwhile a while later."""
        while self._is_dirty:
            self._keep_at_once()
            await asyncio.sleep(KEEP_SECONDS)
        self._is_keeping = False

    def _keep_at_once(self) -> None:
        """Do not wait: the experiment is over, or it or the page is left."""
        if self._is_dirty and self._key:
            self._is_dirty = False
            results = self._results if self._results is not None else window.Blob.new()
            spawn(self._write(self._key, json.dumps(self.about), results))

    async def _write(self, key: str, about: str, results: JsProxy) -> None:
        sweeps = await window.microgpt.loadSweeps()
        problem = str(await sweeps.keepSweep(key, about, results))
        if problem:
            self.problem = PROBLEMS.get(problem, "")
            self._changed()
