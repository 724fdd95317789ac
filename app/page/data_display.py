"""What the page shows of the data: which are chosen, how they are loaded, their statistics."""

from app.page.aliases import Action, JsProxy, TakeFiles, TakeText
from app.page.data_source import DataSource, LoadOptions
from app.page.views.data import DataPanel
from app.page.views.leave_out import LeaveOutView
from app.page.views.load_options import LoadOptionsView
from app.page.views.statistics import StatisticsView
from app.page.vocabulary import Vocabulary
from app.shared.events import DataLoadedEvent
from app.shared.experiment import OWN, Experiment


class DataDisplay:
    """The views of the data.

    Args:
        experiment: says what the context length cuts off, and what is held out.
        vocabulary: says how long documents are in tokens.
        options: how the user's own text is loaded; changed by the widgets.
        choose, take, picked, cancel: see `DataPanel`.
        change_options: called after a change of `options`.
        leave_out, filtered: see `LeaveOutView`.
    """

    def __init__(
        self,
        experiment: Experiment,
        vocabulary: Vocabulary,
        options: LoadOptions,
        choose: TakeText,
        take: TakeFiles,
        picked: Action,
        cancel: Action,
        change_options: Action,
        leave_out: TakeText,
        filtered: Action,
    ) -> None:
        self._experiment = experiment
        self._vocabulary = vocabulary
        self._options = options
        self._change_options = change_options
        self._picked = picked
        self._panel = DataPanel(choose, take, picked, cancel)
        self._options_view = LoadOptionsView(options, change_options)
        self._leave_out_view = LeaveOutView(leave_out, filtered, self.show_error)
        self._statistics_view = StatisticsView(self._follow_advice)

    def pasted_blob(self) -> JsProxy:
        """The text in the text area, of no bytes where there is none."""
        return self._panel.pasted_blob()

    async def recall(self, own: DataSource | None) -> None:
        """Put back what was kept from an earlier visit: the options, the text or the files."""
        self._options_view.show()
        if own is not None and own.is_pasted:
            await self._panel.recall_text(own.blob)
        if own is not None:
            self._panel.show_files(own.files)

    def show_chosen(self, source: DataSource, own: DataSource | None) -> None:
        """Show that these are the chosen data, and how they, or the user's own, are loaded."""
        self._panel.choose(source.name)
        self._options_view.show_for(source.name)
        self._leave_out_view.show(source.leave_out)
        own_source = source if source.name == OWN else own
        self._panel.show_files(own_source.files if own_source is not None else [])
        if own_source is not None:
            self._options.restore(own_source.options)
        self._options_view.show()

    def _follow_advice(self, option: str, value: str) -> None:
        """Load the user's own data with another value of an option."""
        self._options.set(option, value)
        self._options_view.show()
        self._change_options()
        self._picked()  # these are other documents, for which other settings are recommended

    def show_files(self, files: list[tuple[str, int]]) -> None:
        """Show the files that the user has just chosen, and the options as they are now."""
        self._panel.show_files(files)
        self._options_view.show()

    def show_loaded(self, message: DataLoadedEvent, noun: str) -> None:
        """Show what is in the data; `noun`: what one document is called."""
        self._statistics_view.show(message, noun, self._experiment, self._vocabulary)
        self._panel.show_count(message)
        self._options_view.show_info(message["info"])

    def show_nothing(self) -> None:
        """The user has no text yet."""
        self._panel.show_nothing()
        self._options_view.show_nothing()
        self._statistics_view.show_nothing()

    def show_beginning(self, content: JsProxy) -> None:
        """Show the first lines of a text, before the worker is there."""
        self._statistics_view.show_beginning(content)

    def show_lengths(self) -> None:
        """Show anew what the context length cuts off, in the current tokens."""
        self._statistics_view.show_lengths(self._experiment, self._vocabulary)

    def show_progress(self, what: str, share: float) -> None:
        """Show the progress of loading; hide it where `what` is empty."""
        self._panel.show_progress(what, share)

    def refuse_patterns(self, patterns: str) -> None:
        """What was to be left out cannot be; `patterns`: what is."""
        self._leave_out_view.refuse(patterns)

    def show_error(self, text: str) -> None:
        """Show a sentence on what is wrong with the data, or nothing any more."""
        self._panel.show_error(text)
