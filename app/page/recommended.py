"""Recommended settings: applied when data are chosen, unless the user has set their own.

Plain Python that MicroPython understands.
"""

from app.shared.experiment import DEFINING_SETTINGS, Experiment, differences
from app.shared.presets import find
from app.shared.typed import SettingValues
from microgpt.settings import setting


class RecommendedSettings:
    """What was applied, and what there was before.

    Args:
        experiment: the settings, and the name of the data; never changed here.
    """

    def __init__(self, experiment: Experiment) -> None:
        self._experiment = experiment
        self._applied: SettingValues = {}  # the last value of each setting that was applied
        self._before: SettingValues = {}  # the settings that were last changed so, as they were
        self._words = ""  # what they were changed to

    def reset(self) -> None:
        """Settings and data come from an address: nothing was applied.

        Where they are as recommended for the preset, that is how they came about.
        """
        preset = find(self._experiment.data)
        recommended: SettingValues = {}
        recommended.update(preset.recommended if preset is not None else {})
        self._applied = {} if self._would_change(recommended) else recommended
        self.accept()

    def user_set(self, recommended: SettingValues) -> bool:
        """Whether the user has set one of these settings: neither its default nor applied."""
        for name in recommended:
            value = self._experiment.values[name]
            if value not in (setting(name).page_default, self._applied.get(name)):
                return True
        return False

    def apply(self, recommended: SettingValues) -> SettingValues:
        """All settings with these values, which are recommended for the chosen data.

        A run's settings that were recommended for other data alone go back to their defaults.
        """
        values, recommended = self._experiment.values, dict(recommended)
        for name, value in self._applied.items():
            locked = self._experiment.arrangement.locks(name)
            is_ours = name in DEFINING_SETTINGS and values[name] == value
            if is_ours and name not in recommended and not locked:
                recommended[name] = setting(name).page_default
        self._words = differences(self._experiment, recommended)
        self._applied.update(recommended)
        self._before = {name: values[name] for name in self._would_change(recommended)}
        return {name: recommended.get(name, value) for name, value in values.items()}

    def undo(self) -> SettingValues:
        """All settings as they were before what was last applied, if that can be undone."""
        before = self._before
        self.accept()
        values = self._experiment.values
        return {name: before.get(name, value) for name, value in values.items()}

    def accept(self) -> None:
        """What was applied can no longer be undone: other data are chosen."""
        self._before, self._words = {}, ""

    def words(self, title: str) -> str:
        """A sentence on what was applied; "" if nothing was, or if that is past.

        title: what the data are called.
        """
        return f"Set as recommended for {title}: {self._words}." if self._words else ""

    def _would_change(self, recommended: SettingValues) -> list[str]:
        values = self._experiment.values
        return [name for name, value in recommended.items() if values[name] != value]
