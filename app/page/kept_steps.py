"""The checkpoints of a run that one can go back to, as the page keeps them for a new worker."""

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import JsProxy
from app.shared.events import KeptCheckpointFacts, KeptEvent, KeptFacts


class KeptSteps:
    """What the worker has told of them."""

    def __init__(self) -> None:
        self.steps: list[int] = []  # after which there is one, in order
        self._format = ""  # of their contents
        self._kept: dict[int, tuple[KeptFacts, JsProxy]] = {}  # by step; contents as blobs
        self.version = 0  # changes with them

    def take(self, message: KeptEvent) -> None:
        """Take over the new ones, and forget those that are not kept any more."""
        before = self._format, self.steps
        self._format, self.steps = message["format"], message["steps"]
        start = 0
        for facts in message["new"]:
            end = start + facts["size"]
            self._kept[facts["step"]] = (facts, message["blob"].slice(start, end))
            start = end
        self._kept = {step: self._kept[step] for step in self.steps if step in self._kept}
        if message["new"] or before != (self._format, self.steps):
            self.version += 1

    def truncate(self, step: int) -> None:
        """Forget those behind this step."""
        if self.steps and self.steps[-1] > step:
            self.steps = [each for each in self.steps if each <= step]
            self._kept = {each: self._kept[each] for each in self.steps if each in self._kept}
            self.version += 1

    def nearest(self, step: float) -> int | None:
        """The one that is nearest to a step; None where there is none."""
        if not self.steps:
            return None
        return min(self.steps, key=lambda each: abs(each - step))

    def about(self) -> KeptCheckpointFacts:
        """All that is to be known of them beside their contents."""
        return KeptCheckpointFacts(format=self._format, kept=self._facts())

    def content(self) -> JsProxy:
        """Their contents one behind the other, a blob; None where there are none."""
        if not self._kept:
            return None
        return window.Blob.new(to_js([self._kept[each["step"]][1] for each in self._facts()]))

    def restore(self, about: KeptCheckpointFacts, content: JsProxy) -> None:
        """Take over what an earlier visit has kept."""
        self._format, start = about["format"], 0
        for facts in about["kept"]:
            end = start + facts["size"]
            self._kept[facts["step"]] = (facts, content.slice(start, end))
            start = end
        self.steps = sorted(self._kept)
        self.version += 1

    def _facts(self) -> list[KeptFacts]:
        return [self._kept[step][0] for step in sorted(self._kept)]
