"""The form of the user's own experiment: from widgets to a sweep, and back."""

from app.page.aliases import TakeText
from app.page.lab.axis_fields import AxisFields
from app.page.lab.experiments import default_sweep, settings_words
from app.page.lab.lab_html import MAX_AXES
from app.page.own_data import OwnData
from app.page.views.dom import find, listen, notice, on_press, write_text
from app.shared.experiment import DEFINING_SETTINGS, OWN, SAMPLING_SETTINGS, Experiment
from app.shared.typed import SettingValues
from microgpt.lab.sweep import Sweep
from microgpt.setting import SettingError
from microgpt.settings import setting

NO_OWN = "There are no data of your own yet: bring them in the playground first."


class OwnForm:
    """The widgets.

    Args:
        experiment: the playground's, whose settings an experiment can be based on.
        own: the user's own data.
        changed: called with the text of another experiment.
    """

    def __init__(self, experiment: Experiment, own: OwnData, changed: TakeText) -> None:
        self._experiment, self._own, self._changed = experiment, own, changed
        self._base: SettingValues = {}
        self._axes = [AxisFields(number) for number in range(MAX_AXES)]
        listen(find("sweep"), "change", lambda event: self._take())
        listen(find("sweep"), "submit", lambda event: event.preventDefault())
        for axis in self._axes:
            axis.listen(self._take)
        on_press("sweep-take", self._take_settings)

    def first_text(self) -> str:
        """What the user's own experiment begins as."""
        return default_sweep(self._experiment.data, settings_of(self._experiment)).text()

    def show(self, sweep: Sweep) -> None:
        """Show this experiment in the widgets."""
        self._base = dict(sweep.base)
        find("sweep-data").value = sweep.data
        for number, fields in enumerate(self._axes):
            fields.show(sweep.axes[number] if number < len(sweep.axes) else None)
        find("sweep-seeds").value = str(sweep.seeds)
        find("sweep-measure").value = sweep.measured
        find("sweep-output").value = sweep.output
        self._show_rest()
        notice("sweep-problem", "")

    def _show_rest(self) -> None:
        find("sweep-output-field").hidden = str(find("sweep-measure").value) != "output_loss"
        words = settings_words(self._base)
        write_text("sweep-base", f"All else: {words}." if words else "All else is as by default.")

    def _take(self) -> None:
        """Something was chosen, or typed."""
        self._show_rest()
        try:
            text = self._read().text()
        except SettingError as error:
            notice("sweep-problem", str(error))
            return
        notice("sweep-problem", "")
        self._changed(text)

    def _read(self) -> Sweep:
        """The sweep that the widgets say. Raises `SettingError` if they say none."""
        axes = [axis for axis in [fields.read() for fields in self._axes] if axis is not None]
        varied = [name for axis in axes for name in axis.names]
        base = {name: value for name, value in self._base.items() if name not in varied}
        measured = str(find("sweep-measure").value)
        seeds = str(find("sweep-seeds").value)
        if not seeds or any(digit not in "0123456789" for digit in seeds):
            raise SettingError("The number of seeds must be a whole number.")
        output = str(find("sweep-output").value) if measured == "output_loss" else ""
        data = str(find("sweep-data").value)
        if data == OWN and self._own.source is None:
            raise SettingError(NO_OWN)
        return Sweep(data, base, axes, int(seeds), measured, output)

    def _take_settings(self) -> None:
        """The settings that do not vary become the playground's."""
        self._base = settings_of(self._experiment)
        self._take()


def settings_of(experiment: Experiment) -> SettingValues:
    """The settings of the playground that are not as by default, the seed among them."""
    names = [name for name in DEFINING_SETTINGS + SAMPLING_SETTINGS if name != "engine"]
    return {
        name: experiment.values[name]
        for name in names
        if experiment.values[name] != setting(name).page_default
    }
