"""The set-up of the next run: its settings, its tokens, and the page's address that holds both."""

from pyscript import window

from app.page.aliases import Action, TakeText
from app.page.data_controller import DataController
from app.page.data_source import DataSource
from app.page.errors import guarded
from app.page.glossary import Glossary
from app.page.history import PageHistory
from app.page.link import Link
from app.page.model_controller import ModelController
from app.page.notices import data_title
from app.page.recommended import RecommendedSettings
from app.page.views.controls import Controls
from app.page.views.dom import OncePerFrame, find, on_press
from app.page.views.glossary import GlossaryView
from app.page.views.merges import MergesView
from app.page.views.recommendation import RecommendationView
from app.page.vocabulary import Vocabulary
from app.shared.commands import WarmUpCommand
from app.shared.events import MergesEvent, TokenLengthsEvent
from app.shared.experiment import DEFINING_SETTINGS, LEAVE_OUT, OWN, Experiment, differences
from app.shared.places import LAB, LEARN
from app.shared.presets import find as find_preset
from app.shared.typed import SettingValues
from microgpt.settings import SETTINGS, TOKENIZER

ABOUT_OWN = "Any text or table of yours, up to 50 MB. It stays on this machine."
CODE_NOT_IN_LINK = (
    "This link was made with model code of the sender's own, which is not in it: the model here is "
    "the one that comes with the page."
)


class SetupController:
    """Shows a choice at once, warms the worker up for it and tells the rest of the page.

    Args:
        experiment: the settings and the name of the data.
        vocabulary: the tokens of the data.
        model: shows the model that they make.
        data: says what is in the data, and which settings are recommended for them.
        link: the line to the worker.
        setting_changed: called with the name of a setting that has changed.
        vocabulary_changed: called when merges were learned.
        show_error: called with a sentence about an invalid address, "" for a valid one.
        address_read: called when the address may name another place, or other views to open.
    """

    def __init__(
        self,
        experiment: Experiment,
        vocabulary: Vocabulary,
        model: ModelController,
        data: DataController,
        link: Link,
        setting_changed: TakeText,
        vocabulary_changed: Action,
        show_error: TakeText,
        address_read: Action,
    ) -> None:
        self._experiment = experiment
        self._vocabulary = vocabulary
        self._model = model
        self._data = data
        self._link = link
        self._setting_changed = setting_changed
        self._vocabulary_changed = vocabulary_changed
        self._show_error = show_error
        self._address_read = address_read
        self._history = PageHistory(
            experiment, window.microgpt.writeAddress, window.performance.now
        )
        self._data_in_address = ("", "")  # their name, and what is left out of them
        self._recommended = RecommendedSettings(experiment)
        self._own_is_awaited = False  # the user's own data were picked, and are not loaded yet
        self._source_before: DataSource | None = None  # what was loaded when they were picked
        self._glossary = Glossary(experiment, vocabulary)
        self._explanations = GlossaryView()
        self._explain = OncePerFrame(lambda: self._explanations.show(self._glossary.texts()))
        self._merges = MergesView(vocabulary)
        self._recommendation = RecommendationView(self._adopt, self._undo_recommended)
        self._controls = Controls(list(SETTINGS), experiment, self._change, self._history.add)
        on_press("reset-settings", self._reset)
        window.onhashchange = guarded(lambda event: self.read_address())

    def read_address(self) -> None:
        """Take over what the address says; what it does not say is as by default."""
        fresh = Experiment()
        problems = fresh.read_address(window.location.hash)
        if self._data_in_address[0] and window.history.state:
            # Back or Forward, not an edited address: what is typed has an undo of its own.
            fresh.values["prefix"] = self._experiment.values["prefix"]
        self._experiment.data, self._experiment.leave_out = fresh.data, fresh.leave_out
        self._experiment.open = fresh.open
        self._experiment.code_open, self._experiment.brought = fresh.code_open, fresh.brought
        self._experiment.arrangement = fresh.arrangement
        if fresh.names_code and not self._experiment.code:
            problems.append(CODE_NOT_IN_LINK)
        self._experiment.place = fresh.place
        if fresh.place == LEARN:  # elsewhere the address does not say
            self._experiment.program = fresh.program
        if fresh.place == LAB:
            self._experiment.lab = fresh.lab
        self._own_is_awaited = False
        self._set_all(fresh.values)
        self._controls.show()  # all: a browser may have put back what it had on the last visit
        self._recommended.reset()
        self._history.take()
        self._address_read()
        self._show_error(" ".join(problems))
        if self._chosen_data != self._data_in_address:
            self._data_in_address = self._chosen_data
            self._data.open_address(*self._data_in_address)

    def open_experiment(self, experiment: Experiment) -> None:
        """Take over the data and settings of another experiment, as a step that Back undoes.

        What a link has locked stays as it is, and locked.
        """
        experiment.arrangement = self._experiment.arrangement
        experiment.values = self._unlocked(experiment.values)
        window.microgpt.writeAddress(experiment.address(), True)
        self.read_address()

    def change_settings(self, changes: SettingValues) -> None:
        """Change these settings, as a step that Back undoes; what a link has locked stays."""
        values = self._experiment.values
        self._take_over({name: changes.get(name, value) for name, value in values.items()})
        self._history.add("changes")

    def set_prefix(self, text: str) -> None:
        """Have samples begin with this text; it is in the address, but no entry of the history."""
        if self._experiment.arrangement.locks("prefix"):
            return
        self._experiment.values["prefix"] = text
        self._history.replace()
        self._setting_changed("prefix")

    def views_changed(self) -> None:
        """The user has opened or closed a view of the inside, or the editor of the model code."""
        self._history.add("open")

    def code_changed(self) -> None:
        """The model code is another."""
        self._history.replace()
        self._show_model()  # first: what ends the worker is then known to be its text
        self._warm_up()

    def brought_changed(self) -> None:
        """The address holds less of what a link has brought."""
        self._history.replace()

    def place_changed(self) -> None:
        """The user has gone to another place, or to another program of Learn."""
        self._history.add("place")

    def show_moment(self, read: list[str], probs: list[tuple[str, float]]) -> None:
        """Show in the model's picture what it reads, and what it expects next."""
        self._model.show_moment(read, probs)
        if probs and len(probs) != self._glossary.writing_size:
            self._glossary.writing_size = len(probs)
            self._explain.request()

    # ---- what else changes on the page -----------------------------------------------------------

    def data_chosen(self) -> None:
        """Other data are chosen; what is in them is not known yet."""
        preset = find_preset(self._experiment.data)
        if preset is not None:
            self._glossary.set_documents(preset.n_docs, preset.noun)
        self._show_experiment()

    def data_picked(self) -> None:
        """It is the user who has chosen them: their recommended settings are to be applied."""
        self._recommended.accept()
        self._data_in_address = self._chosen_data
        if self._experiment.data == OWN:
            self._own_is_awaited, self._source_before = True, self._data.source
        else:
            self._own_is_awaited = False
            self._apply_recommended()
        self._history.add("data")

    def data_filtered(self) -> None:
        """The user leaves other documents out."""
        self._data_in_address = self._chosen_data
        self._history.add(LEAVE_OUT)

    def data_reverted(self) -> None:
        """What was chosen could not be loaded: data and settings are as before."""
        if self._experiment.data != self._data_in_address[0]:
            self._take_over(self._recommended.undo())
        if self._chosen_data != self._data_in_address:
            self._data_in_address = self._chosen_data
            self._history.replace()

    def data_changed(self) -> None:
        """It is known what is in the chosen data."""
        source = self._data.source
        self._glossary.set_documents(
            self._data.summary.num_docs, source.noun if source else "document"
        )
        self._merges.set_lines(self._data.summary.preview)
        if self._own_is_awaited and self._data.summary.recommendation:
            self._own_is_awaited = False
            # Else the text was refused, and there is the one of before.
            if source is not self._source_before:
                self._apply_recommended()
                self._history.replace()
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

    def _change(self, name: str) -> None:
        """The widget of the setting `name` was moved."""
        self._show_model()
        if name in DEFINING_SETTINGS:
            self._warm_up()
        self._setting_changed(name)  # the worker computes while the page shows what is chosen
        self._show_experiment()

    def _adopt(self) -> None:
        """Take the recommended settings."""
        self._take_over(self._recommended.apply(self._recommended_values()))
        self._history.add("recommended")

    def _undo_recommended(self) -> None:
        """Go back to the settings from before the recommended ones."""
        self._take_over(self._recommended.undo())
        self._history.add("undo")

    def _reset(self) -> None:
        """Set every setting to its default; the data stay."""
        self._take_over(self._defaults())
        self._history.add("reset")

    # ----------------------------------------------------------------------------------------------

    @property
    def _chosen_data(self) -> tuple[str, str]:
        return self._experiment.data, self._experiment.leave_out

    def _apply_recommended(self) -> None:
        """Take the recommended settings, unless the user has set others: then they are offered."""
        recommended = self._recommended_values()
        if not self._recommended.user_set(recommended):
            self._take_over(self._recommended.apply(recommended))

    def _recommended_values(self) -> SettingValues:
        """The recommended settings for the data by name; none where nothing is known."""
        preset, source = find_preset(self._experiment.data), self._data.source
        recommended: SettingValues = {}
        recommended.update(preset.recommended if preset else self._data.summary.recommendation)
        if not self._vocabulary.bpe:
            for row in TOKENIZER:
                recommended.pop(row.name, None)
        # The pieces of one long text are as long as the context.
        is_one_text = source is not None and source.is_one_text
        if self._vocabulary.bpe and recommended and not is_one_text:
            del recommended["block_size"]  # which counts characters
            if self._vocabulary.lengths is not None:
                recommended["block_size"] = self._vocabulary.lengths["block_size"]
        locks = self._experiment.arrangement.locks
        return {name: value for name, value in recommended.items() if not locks(name)}

    def _defaults(self) -> SettingValues:
        """The default of every setting; the text that samples begin with is none."""
        values = Experiment().values
        values["prefix"] = self._experiment.values["prefix"]
        return self._unlocked(values)

    def _unlocked(self, values: SettingValues) -> SettingValues:
        """`values`, but for the settings that are locked: these stay as they are."""
        now, locks = self._experiment.values, self._experiment.arrangement.locks
        return {name: now[name] if locks(name) else value for name, value in values.items()}

    def _take_over(self, values: SettingValues) -> None:
        """Set every setting that is not locked as in `values`."""
        self._set_all(self._unlocked(values))

    def _set_all(self, values: SettingValues) -> None:
        """Set every setting as in `values`, and tell of those that have changed."""
        before, self._experiment.values = self._experiment.values, values
        changed = [name for name, value in values.items() if value != before[name]]
        self._controls.show(changed)
        self._show_model()
        self._show_experiment()
        if any(name in DEFINING_SETTINGS for name in changed):
            self._warm_up()
        for name in changed:
            self._setting_changed(name)

    def _warm_up(self) -> None:
        settings, code = self._experiment.run(), self._experiment.code
        self._link.send(WarmUpCommand(type="warm_up", settings=settings, code=code))

    def _show_model(self) -> None:
        values = self._experiment.values
        split = (int(values["seed"]), float(values["eval_fraction"]))
        self._vocabulary.configure(values["tokenizer"] == "bpe", int(values["vocab_limit"]), split)
        self._merges.show()
        self._model.update()
        self._explain.request()

    def _show_experiment(self) -> None:
        """Show what is chosen, and the recommended settings."""
        preset, recommended = find_preset(self._experiment.data), self._recommended_values()
        self._recommendation.show(
            preset.description if preset else ABOUT_OWN,
            differences(self._experiment, recommended),
            self._recommended.words(data_title(self._experiment.data)),
            bool(recommended),
        )
        find("reset-settings").disabled = self._experiment.values == self._defaults()
        self._explain.request()
