"""The run on its way to what the browser keeps, with the checkpoints that it can go back to."""

import json

from pyscript import window

from app.page.aliases import JsProxy
from app.page.keeping.kept_run import kept_run
from app.page.run import RunRecord

CHECKPOINTS = "checkpoints"  # what they are called in `static/store.mjs`


class RunKeeping:
    """Writes what has changed of the run."""

    def __init__(self) -> None:
        self.has_run = False  # whether one is kept
        self._of: RunRecord | None = None  # whose checkpoints are kept
        self._version = 0  # of those that are

    def keep_anew(self, run: RunRecord | None) -> None:
        """What was kept of this run may be there no longer."""
        self._of = None
        if run is not None:
            run.curves.num_kept = 0

    def take_over(self, run: RunRecord) -> None:
        """This run is kept as it is, by an earlier visit."""
        self.has_run, self._of, self._version = True, run, run.kept.version

    def write(self, run: RunRecord | None) -> list[JsProxy]:
        """Begin to write; returns a promise for each part."""
        store = window.microgpt.store
        if run is None:
            had_run, self.has_run = self.has_run, False
            return [store.forgetRun()] if had_run else []
        self.has_run = True
        curves = run.curves
        num_kept, curves.num_kept = curves.num_kept, curves.last_step
        about = json.dumps(kept_run(run))
        losses = curves.raw.values, curves.smooth.values
        writing = [store.keepRun(about, run.checkpoint, *losses, num_kept)]
        return writing + self._write_checkpoints(run)

    def _write_checkpoints(self, run: RunRecord) -> list[JsProxy]:
        if run is self._of and run.kept.version == self._version:
            return []
        had_any, self._of, self._version = self._of is not None, run, run.kept.version
        content = run.kept.content()
        if content is None:
            return [window.microgpt.store.keepData(CHECKPOINTS, "", None)] if had_any else []
        return [window.microgpt.store.keepData(CHECKPOINTS, json.dumps(run.kept.about()), content)]
