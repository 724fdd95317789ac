"""All losses of a run, step by step, in JavaScript arrays that the chart draws as they grow."""

from pyscript import window

from app.page.aliases import JsProxy

MAX_CURVE_POINTS = 500  # of a thick line: more cannot be told apart, and take long to draw


class Curves:
    """Values by step, in JavaScript arrays; index 0 stays empty.

    Args:
        num_steps: how long the run is meant to be.
    """

    def __init__(self, num_steps: int) -> None:
        self._stride = max(1, num_steps // MAX_CURVE_POINTS)
        array = window.Array
        self.raw = array.new(1)  # the loss of each step
        self.smooth = array.new(1)  # the same smoothed
        self.thinned = array.new(1)  # some of the smoothed ones, which are drawn
        self.held_out = array.new(1)  # losses of held-out documents
        self.accuracy = array.new(1)  # of a task, in percent
        self.version = 0  # changes with the values

    @property
    def last_step(self) -> int:
        """The last step with a loss, 0 where there is none."""
        return int(self.raw.length) - 1

    def add(
        self,
        raw: JsProxy,
        smooth: JsProxy,
        held_out: list[tuple[int, float]],
        accuracy: list[tuple[int, float]],
    ) -> None:
        """Append the losses of new steps and their smoothed values, both JavaScript arrays.

        held_out: (step, loss) of held-out documents.
        accuracy: (step, share right) of a task, 0 to 1.
        """
        done = self.raw.length
        window.microgpt.append(self.raw, raw)
        window.microgpt.append(self.smooth, smooth)
        for step in range(done + -done % self._stride, self.raw.length, self._stride):
            self.thinned[step] = self.smooth[step]
        for step, loss in held_out:
            self.held_out[step] = loss
        for step, share in accuracy:
            self.accuracy[step] = 100 * share
        self.version += 1

    def truncate(self, step: int) -> None:
        """Forget what lies after `step`."""
        for values in (self.raw, self.smooth, self.thinned, self.held_out, self.accuracy):
            if values.length > step + 1:
                values.length = step + 1
        self.version += 1
