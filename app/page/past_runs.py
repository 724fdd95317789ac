"""The past runs: which there are, how their curves are drawn, and what is kept of them."""

import json
from math import isfinite

from pyscript import window

from app.page.aliases import Action, JsProxy, LossUnit
from app.page.curves import PastCurve, points_of
from app.page.data_key import kept_unit
from app.page.errors import spawn
from app.page.keeping.kept_run import kept_run
from app.page.own_data import OwnData
from app.page.past_run import PastRun
from app.page.run import RunRecord
from app.page.run_names import give_names
from app.shared.experiment import OWN
from app.shared.typed import TYPE_CHECKING, SettingValues

if TYPE_CHECKING:
    from typing import Any

MAX_PAST_RUNS = 20  # beside the pinned ones
MAX_PINNED = 20
MAX_PAST_BYTES = 200_000_000  # of all models and losses


class PastRuns:
    """All past runs, the newest first, in the page and in the browser's storage.

    Args:
        own: the user's own data.
    """

    def __init__(self, own: OwnData) -> None:
        self._own = own
        self._listeners: list[Action] = []
        self._drawers: list[Action] = []
        self._curves: dict[str, PastCurve] = {}  # by key
        self._colours: dict[str, str | float] = {}  # by key, where not all are the same
        self._current: RunRecord | None = None
        self._emphasised: list[str] = []  # keys
        self.all: list[PastRun] = []
        self.current_name = ""  # what tells the current run from them

    def listen(self, changed: Action) -> None:
        """Call this when there are others, or something else is to be said of them."""
        self._listeners.append(changed)

    def listen_drawing(self, draw: Action) -> None:
        """Call this when their curves are others, or are to be drawn in another way."""
        self._drawers.append(draw)

    # ---- what there is ---------------------------------------------------------------------------

    def current(self) -> PastRun | None:
        """The current run as a row of the table, if there is one."""
        return None if self._current is None else self._described("", self._current)

    @property
    def has_current(self) -> bool:
        """Whether there is a current run."""
        return self._current is not None

    def others(self) -> list[PastRun]:
        """The past runs without that which is the current one again."""
        again = self._again(self._current)
        return [run for run in self.all if run is not again]

    def find(self, key: str) -> PastRun | None:
        """The past run with this key."""
        found = [run for run in self.all if run.key == key]
        return found[0] if found else None

    def curves(self) -> list[PastCurve]:
        """The curves to draw."""
        return [self._curves[run.key] for run in self.others() if not run.hidden]

    def loss_on_other_tokens(self, unit: LossUnit) -> float | None:
        """A character's loss in the newest past run on the same data with other tokens."""
        data, tokens = unit
        for run in self.all:
            if run.unit[0] == data and run.unit[1] != tokens and run.loss is not None:
                return run.loss / run.chars_per_token
        return None

    # ---- what happens ----------------------------------------------------------------------------

    def take_current(self, run: RunRecord | None) -> None:
        """This is the current run from now on."""
        self._current = run
        self._tell()

    def add(self, run: RunRecord) -> None:
        """A run is over: it is a past one from now on, unless it is one already.

        That is told with the next `take_current`.
        """
        if self._again(run) is not None or not run.curves.last_step:
            return
        past = self._described(str(window.microgpt.newKey()), run)
        past.curve = points_of(run.curves.smooth)
        self._insert(past)
        spawn(self._keep_new(past, run))

    def change(self, run: PastRun, name: str, value: str | bool) -> None:
        """Say something else of a past run: `title`, `pinned` or `hidden`."""
        run.about[name] = value
        self._tell()
        spawn(self._keep(run))

    def delete(self, run: PastRun) -> None:
        """Remove a past run."""
        self.all = [each for each in self.all if each is not run]
        self._tell()
        spawn(self._delete(run))

    def put_back(self, run: PastRun) -> None:
        """A past run was removed by mistake."""
        self._insert(run)
        self._tell()
        spawn(self._keep(run))

    def colour(self, colours: "dict[str, str | float]") -> None:
        """Draw runs in these colours, by key; see `static/past_curves.mjs`."""
        if colours != self._colours:
            self._colours = colours
            self._draw()

    def emphasise(self, keys: list[str]) -> None:
        """Draw these before the others."""
        if keys != self._emphasised:
            self._emphasised = keys
            self._draw()

    async def recall(self) -> None:
        """Take over what is kept of earlier visits."""
        if window.microgpt.framed or not window.microgpt.anyKept():
            return
        try:
            found = await (await window.microgpt.loadPastRuns()).listPast()
        except Exception as error:
            window.console.warn(str(error))
            return
        for kept in found:
            try:
                about = json.loads(kept.about)
                unit = kept_unit(about["run"])
                run = PastRun(str(kept.id), about, unit, kept.curve, kept.blob)
                run.check()
                if run.is_own:
                    run.unit = self._unit_here(run)
                self._insert(run)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                window.console.warn(f"A past run cannot be read: {error}")
        if self.all:
            self._tell()

    # ----------------------------------------------------------------------------------------------

    def _again(self, run: RunRecord | None) -> PastRun | None:
        """The past run that a run is once more, unless it was trained longer since."""
        past = self.find(run.past_key) if run is not None and run.past_key else None
        same = past is not None and run is not None and run.step == past.kept["checkpoint_step"]
        return past if same else None

    def _described(self, key: str, run: RunRecord) -> PastRun:
        source = run.source or (self._own.source if run.data_name == OWN else None)
        is_own = source is not None and run.data_name == OWN
        files = source.files if source is not None and is_own else []
        options = source.options if source is not None and is_own else {}
        return PastRun(key, about_run(run, files, options), run.unit)

    def _insert(self, run: PastRun) -> None:
        series = run.kept["series"]
        self._curves[run.key] = PastCurve(run.unit, run.curve, series["accuracy"])
        self.all = sorted(
            [each for each in self.all if each.key != run.key] + [run], key=lambda each: each.key
        )
        self.all.reverse()

    def _unit_here(self, run: PastRun) -> LossUnit:
        """The unit of a run on data of one's own, as the data are called in this tab."""
        own = self._own.about()
        same = run.about["options"] == own["options"] and (
            [list(file) for file in own["files"]] == run.about["files"]
        )
        data, tokens = run.unit
        return (OWN, own["revision"] if same else -1, data[2]), tokens

    def _tell(self) -> None:
        """Name all, and tell who lists or draws them."""
        current = self.current()
        give_names(([current] if current is not None else []) + self.others())
        self.current_name = current.name if current is not None else ""
        for changed in self._listeners:
            changed()
        self._draw()

    def _draw(self) -> None:
        for run in self.all:
            self._curves[run.key].show(
                run.title, self._colours.get(run.key, "past"), run.key in self._emphasised
            )
        for draw in self._drawers:
            draw()

    async def _keep_new(self, past: PastRun, run: RunRecord) -> None:
        """Keep a run that has just become a past one, and remove those that lack the room."""
        keeping = await window.microgpt.loadPastRuns()
        losses = run.curves.raw.values, run.curves.smooth.values
        content = await keeping.contentOf(run.checkpoint, *losses)
        past.content, past.about["weights"] = content.blob, content.weights
        await self._keep(past)
        for each in self._too_many():
            self.delete(each)

    def _too_many(self) -> list[PastRun]:
        """The oldest, of which there is no room any more."""
        free = [run for run in self.all if not run.pinned]
        left, size = free[MAX_PAST_RUNS:], 0
        for run in free[:MAX_PAST_RUNS]:
            size += run.content.size if run.content is not None else 0
            if size > MAX_PAST_BYTES:
                left.append(run)
        return left

    async def _keep(self, run: PastRun) -> None:
        if window.microgpt.framed or run.content is None:
            return
        keeping: JsProxy = await window.microgpt.loadPastRuns()
        if any(each is run for each in self.all):
            await keeping.keepPast(run.key, run.say(), run.curve, run.content)

    async def _delete(self, run: PastRun) -> None:
        keeping = await window.microgpt.loadPastRuns()
        await keeping.deletePast(run.key)


def about_run(run: RunRecord, files: "list[Any]", options: SettingValues) -> "dict[str, Any]":
    """What is known of a run that is over, or that goes on.

    Args:
        run: the run.
        files, options: of the user's own data, where it was trained on these.
    """
    series = run.series
    return {
        "run": kept_run(run),
        "smoothed": series.smoothed if series.known and isfinite(series.smoothed) else None,
        "title": "",
        "pinned": False,
        "hidden": False,
        "files": [list(file) for file in files],
        "options": options,
        "weights": 0,
    }
