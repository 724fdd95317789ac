"""The current run as the page remembers it."""

from math import log

from pyscript import window
from pyscript.ffi import to_js

from app.page.aliases import ChartFrame, DataKey, JsProxy, LossUnit
from app.page.curves import Curves
from app.page.data_source import DataSource
from app.page.engines import Workload
from app.page.kept_steps import KeptSteps
from app.page.run_names import merged_changes
from app.page.series import LossSeries
from app.shared.events import LiveSampleEvent, ProgressEvent, SegmentEvent, StartedEvent
from app.shared.experiment import STEERED_SETTINGS
from app.shared.typed import SettingValues
from microgpt.settings import setting

LONGER = "Longer"  # what the end of a run is marked with that was trained longer
MAX_KEPT_SAMPLES = 15  # written while learning; the page shows no more


class RunRecord:
    """What a run was started with, and how far it is.

    Args:
        settings: as `commands.StartCommand` has them.
        source: its data, to load them again in another worker.
        frame: what its chart shows.
        signature: equal for two runs that would give the same results.
        vocab_size, num_params: as far as the page knows them; the worker says them exactly.
        engine, precision: what computes it.
    """

    def __init__(
        self,
        settings: SettingValues,
        source: DataSource | None,
        frame: ChartFrame,
        signature: list[int | float | str],
        vocab_size: int,
        num_params: int,
        engine: str,
        precision: str,
    ) -> None:
        self.settings = settings
        self.source = source
        self.frame = frame
        self.signature = signature
        self.num_params = num_params
        self.engine, self.precision = engine, precision
        self.positions = 1.0  # of a document on average
        self.num_docs = 0  # of its data, as far as that is known
        num_steps = int(settings["num_steps"])
        self.series = LossSeries(vocab_size, num_steps)
        self.curves = Curves()
        self.code = ""  # its model code; "" for the model of the repository
        self.number = 0  # every event about the run bears it
        self.paused = False  # whether it waits, or is to wait once it has started
        self.step = 0  # with those of the runs that it continues
        self.seconds = 0.0  # of computing, with theirs
        self.live: list[LiveSampleEvent] = []  # what it wrote lately while learning
        self.checkpoint: JsProxy = None  # the newest one, a blob
        self.checkpoint_step = 0
        self.stops: list[str] = []  # the rules that stop it, as it was started
        self.kept = KeptSteps()  # to go back to
        # The step whose model is shown, where it has gone back; what came later stays until it
        # goes on from there.
        self.rewound: int | None = None
        self.steered = {name: settings[name] for name in STEERED_SETTINGS}  # as they are now
        self.marks: list[tuple[int, str]] = []  # where they were changed, and what, in words
        self.follows = False  # whether a change has started it, in place of one before
        self.is_back = False  # whether it is from an earlier visit, and has not gone on yet
        self.opened = ""  # what it was opened from, and with it a model of anybody's; "" if not
        self.past_key = ""  # of the past run that it is, shown again; "" if it is none
        self.only_model = False  # whether there is nothing of it but a model, which only writes
        # Where it continues another run: that one's steps and seconds, and whether the newest
        # checkpoint is still that one's.
        self.base_step, self.base_seconds = 0, 0.0
        self.at_base = False

    @property
    def unit(self) -> LossUnit:
        """Which data its losses are of, and which tokens."""
        return self.frame[3]

    @property
    def data_name(self) -> str:
        """The name of the data: a preset's, or `experiment.OWN`."""
        return self.unit[0][0]

    @property
    def fell_back(self) -> bool:
        """Whether nothing compiled can run, though it was asked for."""
        return self.engine == "scalar" and self.settings["engine"] != "scalar"

    @property
    def complete(self) -> bool:
        """Whether all its steps are done, and the checkpoint behind the last of them is here."""
        return self.step == self.checkpoint_step == self.series.num_steps

    @property
    def comes_back(self) -> bool:
        """Whether a new worker is to have it even though it is over."""
        return self.checkpoint is not None and not self.only_model

    @property
    def settings_now(self) -> SettingValues:
        """Its settings as they have come to be, in part changed since its start."""
        return dict(self.settings, **self.steered)

    @property
    def shown_step(self) -> int:
        """How many steps the model that is shown was trained."""
        return self.step if self.rewound is None else self.rewound

    @property
    def shown_series(self) -> LossSeries:
        """What was measured of the model that is shown, as the status line says it."""
        if self.rewound is None:
            return self.series
        found = self.curves.raw.near(self.rewound, 0)
        return self.series.at(self.rewound, found[1] if found is not None else None)

    def continue_model(self, before: "RunRecord") -> None:
        """Train the model of `before` from its end on: that run's curves become this one's.

        Of a model that tells no losses only the model is taken over.
        """
        self.checkpoint, self.at_base = before.checkpoint, True
        if not before.curves.last_step:
            return
        self.step = self.base_step = self.checkpoint_step = before.step
        self.seconds = self.base_seconds = before.seconds
        num_steps, guessing, is_task, unit = self.frame
        self.frame = (num_steps + before.step, guessing, is_task, unit)
        self.series, self.curves, self.live = before.series, before.curves, before.live
        self.series.num_steps = num_steps + before.step
        self.series.all_held_out = self.series.learned = None
        self.marks = before.marks
        self.mark(before.step, LONGER)

    def take_segment(self, message: SegmentEvent) -> None:
        """It goes on with other settings, or to another end."""
        step = self.base_step + message["step"]
        words = changed_words(self.steered, message["settings"])
        if step == self.series.num_steps:
            words = f"{LONGER}, {words}" if words else LONGER
        self.steered = message["settings"]
        self.mark(step, words)
        num_steps = self.base_step + message["num_steps"]
        if num_steps != self.series.num_steps:
            _, guessing, is_task, unit = self.frame
            self.frame = (num_steps, guessing, is_task, unit)
            self.series.num_steps = num_steps
            self.series.all_held_out = self.series.learned = None

    def mark(self, step: int, words: str) -> None:
        """Something was changed after this step; `words`: what."""
        if not words:
            return
        if self.marks and self.marks[-1][0] == step:
            words = merged_changes(self.marks.pop()[1], words)
        self.marks.append((step, words))

    def take_data(self, source: DataSource | None, data: DataKey) -> None:
        """These are its data, which were loaded while its start was waiting for them."""
        num_steps, guessing, is_task, (_, tokens) = self.frame
        self.source, self.frame = source, (num_steps, guessing, is_task, (data, tokens))

    def go_on(self) -> None:
        """It goes on from where it has gone back to: what came later is lost."""
        step, self.rewound = self.rewound, None
        if step is not None:
            self.truncate(step)

    def take_started(self, message: StartedEvent) -> None:
        """The worker knows it exactly; the page may not have known the data when it was started."""
        self.num_params, self.num_docs = message["num_params"], message["num_docs"]
        self.engine, self.precision = message["engine"], message["precision"]
        self.series.guessing = log(message["vocab_size"])
        self.series.chars_per_token = message["chars_per_token"]

    def take_progress(self, message: ProgressEvent) -> None:
        """Take over new losses and evaluations, and how far it is."""
        self.step = self.base_step + message["step"]
        self.seconds = self.base_seconds + message["seconds"]
        held_out, accuracy = message["held_out"], message["accuracy"]
        found = (held_out, accuracy, message.get("train_accuracy", []))
        evaluations = [self.at_steps(points) for points in found]
        losses = window.Float64Array.new(message["blob"].buffer)
        count = losses.length // 2
        raw, smooth = losses.subarray(0, count), losses.subarray(count)
        if count:
            self.series.add(raw[0], raw[count - 1], smooth[count - 1])
        self.series.add_evaluations(*evaluations)
        self.series.all_held_out = message.get("all_held_out", self.series.all_held_out)
        self.curves.add(raw, smooth, *evaluations)

    def at_steps(self, points: list[tuple[int, float]]) -> list[tuple[int, float]]:
        """Points at its own steps, with the steps counted from the beginning of the curve."""
        return [(self.base_step + step, value) for step, value in points]

    def add_live_sample(self, message: LiveSampleEvent) -> None:
        """Take over what it wrote at a step of its own."""
        message["step"] += self.base_step
        self.live = self.live[1 - MAX_KEPT_SAMPLES :] + [message]

    def keep_checkpoint(self, step: int, blob: JsProxy) -> None:
        """Take over a checkpoint of this run, after `step` of its own steps."""
        self.checkpoint_step, self.checkpoint = self.base_step + step, blob
        self.at_base = False

    def with_kept(self) -> JsProxy:
        """The newest checkpoint and, behind it, those that it can go back to: a blob."""
        kept = self.kept.content()
        return self.checkpoint if kept is None else window.Blob.new(to_js([self.checkpoint, kept]))

    @property
    def seconds_left(self) -> float:
        """How long it will compute on, by what its steps have taken so far."""
        steps, seconds = self.step - self.base_step, self.seconds - self.base_seconds
        return (self.series.num_steps - self.step) * seconds / steps if steps else 0.0

    @property
    def workload(self) -> Workload:
        """What each of its steps computes."""
        batch_size = int(self.settings["batch_size"])
        return self.engine, self.precision, self.num_params, batch_size, self.unit

    def truncate(self, step: int) -> None:
        """Go back to `step`, if it is further."""
        if self.step == step == self.curves.last_step:
            return
        self.step = step
        self.series.truncate(step)
        self.curves.truncate(step)
        self.kept.truncate(step - self.base_step)
        self.marks = [mark for mark in self.marks if mark[0] <= step]
        self.live = [sample for sample in self.live if sample["step"] <= step]


def changed_words(before: SettingValues, after: SettingValues) -> str:
    """In words which settings have other values than before, "" where none have."""
    changed = [name for name in STEERED_SETTINGS if before[name] != after[name]]
    rows = [setting(name) for name in changed]
    return ", ".join([f"{row.label} {row.words(after[row.name])}" for row in rows])
