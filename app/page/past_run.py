"""A past run: what it was trained with, what came of it, and how it is kept.

Plain Python that MicroPython understands.
"""

import json

from app.page.aliases import JsProxy, LossUnit
from app.shared.experiment import OWN, RUN_SETTINGS
from app.shared.typed import TYPE_CHECKING, SettingValues
from microgpt.settings import setting

if TYPE_CHECKING:
    from typing import Any

NO_RESULT = ("pace",)  # settings that change nothing of what comes out


class PastRun:
    """A run as the table of runs has it; so it also has the current one.

    Args:
        key: what it is kept under.
        about: all that is known of it, as plain data, see `past_runs.about_run`.
        unit: which data its losses are of, and which tokens.
        curve: its smoothed losses, thinned out: a Float64Array of steps and losses in turn.
        content: a blob with its model and all its losses, None until there is one.
    """

    def __init__(
        self,
        key: str,
        about: "dict[str, Any]",
        unit: LossUnit,
        curve: JsProxy = None,
        content: JsProxy = None,
    ) -> None:
        self.key, self.about, self.unit = key, about, unit
        self.curve, self.content = curve, content
        self.kept: dict[str, Any] = about["run"]
        self.name = ""  # what tells it from the others
        self._settings: SettingValues | None = None  # once they are asked for

    @property
    def title(self) -> str:
        """What the user calls it, else what tells it from the others."""
        return str(self.about["title"]) or self.name

    @property
    def pinned(self) -> bool:
        """Whether it stays however many others come."""
        return bool(self.about["pinned"])

    @property
    def hidden(self) -> bool:
        """Whether its curve is left out of the chart."""
        return bool(self.about["hidden"])

    @property
    def is_own(self) -> bool:
        """Whether its data are the user's own."""
        return bool(self.unit[0][0] == OWN)

    @property
    def has_model(self) -> bool:
        """Whether its model is kept."""
        return self.content is not None and bool(self.about["weights"])

    @property
    def settings(self) -> SettingValues:
        """Those of its settings that tell runs apart, by name; of its steps all that it has.

        A setting that there was not yet when it was kept is as by default.
        """
        if self._settings is None:
            self._settings = self._read_settings()
        return self._settings

    def _read_settings(self) -> SettingValues:
        values: SettingValues = self.kept["settings"]
        kept = {name: values.get(name, setting(name).page_default) for name in RUN_SETTINGS}
        for name in NO_RESULT:
            kept.pop(name, None)
        if kept.get("tokenizer") == "characters":
            kept.pop("vocab_limit", None)
        kept["num_steps"] = self.kept["series"]["num_steps"]
        return kept

    @property
    def loss(self) -> float | None:
        """Its last loss, smoothed; None before there is any."""
        value: float | None = self.about["smoothed"]
        return value

    @property
    def held_out(self) -> float | None:
        """Its last loss on held-out documents, None where nothing was held out."""
        series = self.kept["series"]
        if series["all_held_out"]:
            return float(series["all_held_out"][0])
        return float(series["held_out"][-1][1]) if series["held_out"] else None

    @property
    def chars_per_token(self) -> float:
        """How many characters a token has on average."""
        return float(self.kept["series"]["chars_per_token"])

    @property
    def accuracy(self) -> float | None:
        """The share of a task's questions that were right last, None where it is no task."""
        series = self.kept["series"]
        return float(series["accuracy"][-1][1]) if series["accuracy"] else None

    def check(self) -> None:
        """Raise an error unless it is what this page may have kept; an imported one may be any."""
        for name, value in self._read_settings().items():
            setting(name).check(value)
        kept, series = self.kept, self.kept["series"]
        numbers = [kept[name] for name in ("num_params", "step", "checkpoint_step", "seconds")]
        numbers += [self.loss or 0, self.held_out or 0, self.accuracy or 0, self.about["weights"]]
        for step, value in series["held_out"] + series["accuracy"]:
            numbers += [step, value]
        texts = [self.about["title"], kept["code"], kept["engine"], kept["precision"]]
        texts += [sample["text"] for sample in kept["live"]]
        texts += [name for name, _ in self.about["files"]]
        wrong = [each for each in numbers if not isinstance(each, (int, float))]
        wrong += [each for each in texts if not isinstance(each, str)]
        if wrong:
            raise TypeError(f"{wrong[0]} is of no kind that a run has")

    def say(self) -> str:
        """All that is known of it, as it is kept."""
        return json.dumps(self.about)
