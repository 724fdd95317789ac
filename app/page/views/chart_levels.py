"""The level lines of the loss chart: guessing, and baselines; each has a label."""

from pyscript import window

from app.page.aliases import JsProxy
from app.page.views.dom import make

LEVEL_LABEL_PIXELS = 36  # that the label of the line of guessing takes, below the buttons that save
PADDING_PIXELS = 12  # above the picture
LABEL_DISTANCE = 17  # between two labels, at least


class ChartLevels:
    """Losses that stay the same over a whole run.

    Args:
        overlay: the element that lies over the chart.
    """

    def __init__(self, overlay: JsProxy) -> None:
        self._overlay = overlay
        self._guessing = 0.0
        self.baselines: list[tuple[str, float]] = []  # names and losses
        self._labels: list[JsProxy] = []  # of guessing, then of the baselines
        self._written: list[object] = []  # what each of them shows: others cost a layout

    def set_guessing(self, guessing: float) -> None:
        """Move the line of guessing."""
        self._guessing = guessing

    def values(self, size: int) -> list[JsProxy]:
        """For each line its values at the steps of a chart: of its two ends alone."""
        lines = []
        for _, loss in self._all():
            values = window.Array.new(size)
            values[0] = values[size - 1] = loss
            lines.append(values)
        return lines

    def place(self, plot: JsProxy) -> None:
        """Write the labels at their lines; of two that would lie on each other one moves down."""
        levels = self._all()
        while len(self._labels) > len(levels):
            self._labels.pop().remove()
            self._written.pop()
        while len(self._labels) < len(levels):
            label = make("span", "", "level-label" if self._labels else "level-label guess-label")
            self._overlay.appendChild(label)
            self._labels.append(label)
            self._written.append(None)
        height, lowest = plot.over.clientHeight, 0.0
        places = sorted([(plot.valToPos(level[1], "y"), i) for i, level in enumerate(levels)])
        for top, i in places:
            name, loss = levels[i]
            # Above the line, unless that would be above the picture.
            below = top + PADDING_PIXELS < LEVEL_LABEL_PIXELS
            shown_at = max(top, lowest)
            self._write(i, f"{name} {loss:.2f}", not 0 <= top <= height, below, f"{shown_at:.0f}px")
            lowest = shown_at + LABEL_DISTANCE * (2 if below else 1)

    def _write(self, i: int, words: str, hidden: bool, below: bool, top: str) -> None:
        written = (words, hidden, below, top)
        if self._written[i] == written:
            return
        self._written[i] = written
        label = self._labels[i]
        label.textContent, label.hidden, label.style.top = words, hidden, top
        label.classList.toggle("below", below)

    def _all(self) -> list[tuple[str, float]]:
        return [("guessing", self._guessing)] + self.baselines
