"""The set-up of the next run: its settings, its tokens, and the page's address that holds both."""

import asyncio

from pyscript import window

from app.page.aliases import Action, TakeText
from app.page.data_controller import DataController
from app.page.errors import guarded, spawn
from app.page.link import Link
from app.page.views.controls import Controls
from app.page.views.dom import find, on_press
from app.page.views.merges import MergesView
from app.page.views.model import ModelView
from app.page.views.recommendation import RecommendationView
from app.page.vocabulary import Vocabulary
from app.shared.commands import WarmUpCommand
from app.shared.events import MergesEvent, TokenLengthsEvent
from app.shared.experiment import DEFINING_SETTINGS, OWN, Experiment, differences
from app.shared.presets import find as find_preset
from app.shared.typed import SettingValues
from microgpt.settings import SETTINGS

ABOUT_OWN = "Any text or table of yours, up to 50 MB. It stays on this machine."
COPIED_SECONDS = 2  # for which the button says that the link is copied


class SetupController:
    """Shows a choice at once, warms the worker up for it and tells the rest of the page.

    Args:
        experiment: the settings and the name of the data.
        vocabulary: the tokens of the data.
        data: says what is in the data, and which settings are recommended for them.
        link: the line to the worker.
        setting_changed: called with the name of a setting that has changed.
        vocabulary_changed: called when merges were learned.
        show_error: called with a sentence about an invalid address, "" for a valid one.
    """

    def __init__(
        self,
        experiment: Experiment,
        vocabulary: Vocabulary,
        data: DataController,
        link: Link,
        setting_changed: TakeText,
        vocabulary_changed: Action,
        show_error: TakeText,
    ) -> None:
        self._experiment = experiment
        self._vocabulary = vocabulary
        self._data = data
        self._link = link
        self._setting_changed = setting_changed
        self._vocabulary_changed = vocabulary_changed
        self._show_error = show_error
        self._model = ModelView()
        self._merges = MergesView(vocabulary)
        self._recommendation = RecommendationView(self._adopt)
        self._controls = Controls(list(SETTINGS), experiment, self._set)
        on_press("share", lambda: spawn(self._copy_link()))
        window.onhashchange = guarded(lambda event: self.read_address())

    def read_address(self) -> None:
        """Take over what the address says; what it does not say is as by default."""
        fresh = Experiment()
        problems = fresh.read_address(window.location.hash)
        self._experiment.data = fresh.data
        self._show_error(" ".join(problems))
        self._take_over(fresh.values)
        self._data.recall()
        self._data.choose(fresh.data)

    def change(self, name: str, value: str) -> None:
        """Set a setting that something else than a widget of its own changes."""
        self._experiment.values[name] = value
        self._show_experiment()
        self._setting_changed(name)

    def show_moment(self, read: list[str], probs: list[tuple[str, float]]) -> None:
        """Show in the model's picture what it reads, and what it expects next."""
        self._model.show_moment(read, probs)

    # ---- what else changes on the page -----------------------------------------------------------

    def data_chosen(self) -> None:
        """Other data are chosen; what is in them is not known yet."""
        self._show_experiment()

    def data_changed(self) -> None:
        """It is known what is in the chosen data."""
        self._merges.set_lines(self._data.preview)
        self._show_model()
        self._show_experiment()

    # ---- what the worker says --------------------------------------------------------------------

    def on_merges(self, message: MergesEvent) -> None:
        self._vocabulary.add_merges(message)
        self._show_model()
        self._vocabulary_changed()

    def on_token_lengths(self, message: TokenLengthsEvent) -> None:
        self._vocabulary.set_lengths(message)
        self._data.show_lengths()
        self._show_experiment()

    # ---- what the user does ----------------------------------------------------------------------

    def _adopt(self) -> None:
        """Take the recommended settings."""
        values = dict(self._experiment.values)
        values.update(self._recommended())
        self._take_over(values)
        self._warm_up()

    def _set(self, name: str) -> None:
        """The widget of the setting `name` was moved."""
        self._show_model()
        self._show_experiment()
        if name in DEFINING_SETTINGS:
            self._warm_up()
        self._setting_changed(name)

    async def _copy_link(self) -> None:
        try:
            await window.navigator.clipboard.writeText(window.location.href)
            words = "Copied" if self._experiment.data != OWN else "Copied, without your text"
        except Exception:  # the browser forbids it, or has no clipboard
            words = "Copy the address above"
        find("share").textContent = words
        await asyncio.sleep(COPIED_SECONDS)
        find("share").textContent = "Copy link"

    # ----------------------------------------------------------------------------------------------

    def _recommended(self) -> dict[str, float]:
        """The recommended settings for the data by name; none where nothing is known."""
        preset = find_preset(self._experiment.data)
        recommended = dict(preset.recommended if preset else self._data.recommendation)
        if self._vocabulary.bpe and recommended and not self._data.is_one_text:
            del recommended["block_size"]  # which counts characters
            if self._vocabulary.lengths is not None:
                recommended["block_size"] = self._vocabulary.lengths["block_size"]
        return recommended

    def _take_over(self, values: SettingValues) -> None:
        """Set every setting as in `values`, and tell of those that have changed."""
        before, self._experiment.values = self._experiment.values, values
        self._controls.show()
        self._show_model()
        self._show_experiment()
        for name, value in values.items():
            if value != before[name]:
                self._setting_changed(name)

    def _warm_up(self) -> None:
        self._link.send(WarmUpCommand(type="warm_up", settings=self._experiment.run()))

    def _show_model(self) -> None:
        values = self._experiment.values
        split = (int(values["seed"]), float(values["eval_fraction"]))
        self._vocabulary.configure(values["tokenizer"] == "bpe", int(values["vocab_limit"]), split)
        self._merges.show()
        self._model.show(self._vocabulary.vocab_size, self._experiment.shape())

    def _show_experiment(self) -> None:
        """Show what is chosen, the recommended settings, and the address that holds everything."""
        preset, recommended = find_preset(self._experiment.data), self._recommended()
        about = preset.description if preset else ABOUT_OWN
        changes = differences(self._experiment, recommended)
        self._recommendation.show(about, changes, bool(recommended))
        address = self._experiment.address()
        place = "#" + address if address else window.location.pathname + window.location.search
        window.history.replaceState(None, "", place)
