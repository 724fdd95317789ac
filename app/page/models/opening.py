"""A model is opened: read by the worker, then shown as a run in place of what there is."""

import asyncio

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import JsProxy
from app.page.errors import spawn
from app.page.keeping.kept_run import restored_run
from app.page.keeping.problems import PROBLEMS
from app.page.models.opened_model import data_of, experiment_of, remarks, run_of
from app.page.run import RunRecord
from app.page.workplace import Workplace
from app.shared.commands import PauseCommand, ReadModelCommand
from app.shared.events import ModelReadEvent
from app.shared.experiment import OWN
from app.shared.places import PLAYGROUND
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

MAX_MODEL_BYTES = 50_000_000
READING_PATIENCE_SECONDS = 0.3  # until it is said that a model is being read
MAX_WAITING_SECONDS = 3.0  # that the checkpoint of a paused run may take at most
LOOK_SECONDS = 0.03

TOO_LARGE = "{} has {:,.0f} MB; the page opens models of up to 50 MB."
NOTHING_IN_IT = "{} is empty: there is no model in it."
FILE_NOT_READ = "{} could not be read: choose it once more."
READER_DIED = "Python has stopped over {}: it cannot be opened here."
BRINGS_CODE = (
    "The model from {} brings its own code, which is shown here. It is held to what model code may "
    "do, and computes this model alone; nothing of it has run yet."
)
WOULD_LOSE = "{} To open the model all the same would lose what you have here."


class Opening:
    """The way of one model from its bytes into the page; a newer one takes its place.

    Args:
        workplace: what it is opened into.
        waits: called with what is being read where that takes long.
        refuse: called with a sentence where it cannot be opened.
        ask: called with a sentence, the code to show ("" for none), the words of the button that
            agrees, and what that does.
        opened: called when it is there.
    """

    def __init__(
        self,
        workplace: Workplace,
        waits: "Callable[[str], None]",
        refuse: "Callable[[str], None]",
        ask: "Callable[[str, str, str, Callable[[], None]], None]",
        opened: "Callable[[], None]",
    ) -> None:
        self._work = workplace
        self._waits, self._refuse, self._ask, self._opened = waits, refuse, ask, opened
        self._number = 0  # of the newest model
        self._reading = False  # whether the worker has it
        self._blob: JsProxy = None
        self._title = ""
        self._run: RunRecord | None = None  # the run of the model that was opened last
        self._step = 0  # at which that was

    def open(self, content: JsProxy, title: str) -> None:
        """Open a model; `title`: what it comes from, as the sentences say it."""
        self._number += 1
        self._reading = False
        self._blob, self._title = window.Blob.new(to_js([content])), title
        spawn(self._read(False))

    def cancel(self) -> None:
        """The user does not want the newest model after all."""
        self._number += 1
        self._reading = False

    def on_model_read(self, message: ModelReadEvent) -> None:
        """The worker says what is in the file."""
        if message["number"] != self._number:
            return
        self._reading = False
        if message["problem"]:
            self._refuse(message["problem"])
        elif "facts" in message:
            spawn(self._show(message, False))
        else:
            words = BRINGS_CODE.format(self._title)
            self._ask(words, message["code"], "Use this code", lambda: spawn(self._read(True)))

    def lose_worker(self) -> None:
        """The worker is gone: if it was reading the model, that may be why."""
        if self._reading:
            self.cancel()
            self._refuse(READER_DIED.format(self._title))

    # ----------------------------------------------------------------------------------------------

    async def _read(self, with_code: bool) -> None:
        number, size = self._number, self._blob.size
        if not size or size > MAX_MODEL_BYTES:
            self._refuse((TOO_LARGE if size else NOTHING_IN_IT).format(self._title, size / 1e6))
            return
        try:
            content = window.Uint8Array.new(await self._blob.arrayBuffer())
        except Exception as error:
            window.console.warn(str(error))
            content = None
        if number != self._number:
            return
        if content is None:
            self._refuse(FILE_NOT_READ.format(self._title))
            return
        self._reading = True
        self._work.link.send(
            ReadModelCommand(type="read_model", number=number, with_code=with_code, blob=content),
            give=True,
        )
        await asyncio.sleep(READING_PATIENCE_SECONDS)
        if self._reading and number == self._number:
            self._waits(self._title)

    async def _show(self, message: ModelReadEvent, anyway: bool) -> None:
        """Keep what there is, then show the model.

        anyway: whether the user agrees that what there is may be lost.
        """
        work, number = self._work, self._number
        leaves = self._has_own() and not self._is_untouched()
        if leaves:
            await self._wait_for_checkpoint()
            problem = await work.keeper.leave()
            if number != self._number:
                return
            if problem and not anyway:
                words = WOULD_LOSE.format(PROBLEMS[problem])
                self._ask(words, "", "Open it", lambda: spawn(self._show(message, True)))
                return
            leaves = not problem
        work.keeper.say_opened(self._take_over(message), leaves)
        self._opened()

    def _take_over(self, message: ModelReadEvent) -> str:
        """Show the model; returns what is to be said of it."""
        work, facts, code = self._work, message["facts"], message["code"]
        own = work.own.about()
        data = data_of(facts, own["files"], own["options"], own["revision"])
        fresh, left_out = experiment_of(facts, code, data, work.experiment)
        kept = run_of(facts, code, data, fresh, self._title)
        losses = window.Float64Array.new(message["blob"].buffer)
        count = losses.length // 2
        source = work.own.source if data[0] == OWN else None
        if source is not None:
            source = source.leaving_out(data[2])
        raw, smooth = losses.subarray(0, count), losses.subarray(count)
        run = restored_run(kept, source, self._blob, raw, smooth, None)
        run.curves.num_kept = 0  # in this session nothing is
        self._run, self._step = run, run.step
        fresh.place = PLAYGROUND
        work.make_room(fresh)
        spawn(work.bring_in(run))
        return remarks(facts, data[0], left_out)

    def _is_untouched(self) -> bool:
        """Whether there is nothing but a model that was opened, and is at hand elsewhere."""
        run, work = self._work.run.current, self._work
        same = run is not None and run is self._run and run.step == self._step
        return same and run is not None and work.experiment.code == run.code

    def _has_own(self) -> bool:
        """Whether there is anything to lose."""
        work = self._work
        own = work.run.current is not None or work.keeper.has_session
        return bool(own or work.experiment.code or work.generation.document.can_undo)

    async def _wait_for_checkpoint(self) -> None:
        """Pause the run, and wait until all is here that it has come to."""
        run = self._work.run.current
        if run is None or run.complete or run.only_model:
            return
        if not run.paused:
            self._work.link.send(PauseCommand(type="pause"))
        waited = 0.0
        while run is self._work.run.current and waited < MAX_WAITING_SECONDS:
            if run.complete or (run.paused and run.checkpoint_step == run.step):
                return
            await asyncio.sleep(LOOK_SECONDS)
            waited += LOOK_SECONDS
