"""What a run leaves behind to go back to, and going back.

As long as it has not gone on from there, all that came later stays.
"""

from __future__ import annotations

from app.shared import events
from app.worker.kept_checkpoints import KeptCheckpoint, KeptCheckpoints
from app.worker.types import Post
from microgpt.run import Run
from microgpt.segments import segment_at
from microgpt.settings import SettingError


class RunHistory:
    """The kept checkpoints of a run, and which of them its model is that of.

    Args:
        run: the run.
        number: its number.
        post: sends an event to the page.
    """

    def __init__(self, run: Run, number: int, post: Post) -> None:
        self._run, self._number, self._post = run, number, post
        num_bytes = len(run.engine.saved_state())
        self._kept = KeptCheckpoints(run.training.num_steps, num_bytes)
        self._newest: int | None = None  # the step that it has come to, where it has gone back
        self._end = self._best = 0  # steps of checkpoints that are kept for what they are
        self._taken = frozenset[int]()  # such steps of an earlier worker
        self._unposted: list[int] = []

    def after(self, step: int) -> int:
        """The next step, behind this one, after which a checkpoint is due."""
        return self._kept.after(step)

    def keep_if_due(self, step: int, seconds: float, smoothed: float | None) -> None:
        """Keep the run as it is after this step, if that is due.

        Args:
            step: steps done.
            seconds: of computing.
            smoothed: the smoothed loss.
        """
        if self._kept.is_due(step):
            self._keep(step, seconds, smoothed)

    def keep_end(self, step: int, seconds: float, smoothed: float | None) -> None:
        """Keep it where it ends, or waits, in place of an end of before."""
        self._end = step
        self._keep(step, seconds, smoothed)

    def keep_best(self, step: int, seconds: float, smoothed: float | None) -> None:
        """Keep it where it is best so far."""
        self._best = step
        self._keep(step, seconds, smoothed)

    def extend(self, num_steps: int) -> None:
        """The run is meant to have this number of steps by now."""
        self._kept.extend(num_steps)

    def checkpoint(self, step: int) -> KeptCheckpoint:
        """The one after this step. Raises `SettingError` if there is none."""
        kept = self._kept.at(step)
        if kept is None:
            raise SettingError(f"Step {step:,} is not kept any more: go back to another.")
        return kept

    def leave(self, step: int, seconds: float, smoothed: float | None) -> None:
        """It is about to go back: keep what it has come to."""
        if self._newest is None:
            self._newest = step
            self.keep_end(step, seconds, smoothed)
            self.post_new()

    def go_to(self, kept: KeptCheckpoint) -> None:
        """Make the run's model that of a checkpoint."""
        engine = self._run.engine
        engine.begin_segment(segment_at(self._run.segments, max(0, kept.step - 1)))
        engine.load_state(kept.state)
        if kept.step == self._newest:
            self._newest = None

    def forget_later(self, step: int) -> bool:
        """It goes on from this step; returns whether it has gone back before."""
        has_gone_back, self._newest = self._newest is not None, None
        if has_gone_back:
            self._kept.truncate(step)
            self._end = self._end if self._end <= step else 0
            self._best = self._best if self._best <= step else 0
            self._post_kept([], b"")
        return has_gone_back

    def take(self, facts: events.KeptCheckpointFacts, contents: bytes, step: int) -> None:
        """Keep what an earlier worker had, if this engine can read it.

        Args:
            facts: what there is to know of the checkpoints.
            contents: theirs, one behind the other.
            step: the step that the run goes on from.
        """
        start = 0
        for each in facts["kept"] if facts["format"] == self._run.engine.state_format else ():
            end = start + each["size"]
            told = (each["step"], each["seconds"], each["smoothed"])
            self._kept.add(KeptCheckpoint(*told, contents[start:end]))
            start = end
        self._end, self._taken = step, self._kept.off_stride - {step}
        self._mark()
        self._post_kept([], b"")

    def post_new(self) -> None:
        """Tell the page of those that it has not been told of."""
        new = [self._kept.at(step) for step in self._unposted]
        self._unposted = []
        found = [kept for kept in new if kept is not None]
        if found:
            facts = [
                events.KeptFacts(
                    step=kept.step,
                    seconds=kept.seconds,
                    smoothed=kept.smoothed,
                    size=len(kept.state),
                )
                for kept in found
            ]
            self._post_kept(facts, b"".join(kept.state for kept in found))

    def _post_kept(self, facts: list[events.KeptFacts], blob: bytes) -> None:
        event = events.KeptEvent(
            type="kept",
            run=self._number,
            format=self._run.engine.state_format,
            steps=self._kept.steps,
            new=facts,
        )
        if facts:
            event["blob"] = blob
        self._post(event)

    def _mark(self) -> None:
        self._kept.mark(self._taken | {self._end, self._best})

    def _keep(self, step: int, seconds: float, smoothed: float | None) -> None:
        state = self._run.engine.saved_state()
        self._kept.add(KeptCheckpoint(step, seconds, smoothed, state))
        self._mark()
        self._unposted.append(step)
