"""The statistics of the data: figures and histogram in sight, all else folded."""

from pyscript import window

from app.page.aliases import JsProxy, TakeAdvice
from app.page.views.dom import clear, find, listen, make, write_html
from app.page.views.statistics_html import (
    counted,
    cut_words,
    facts,
    facts_html,
    histogram_svg,
    ink_html,
    line_of_figures,
    pairs_html,
    preview_html,
)
from app.page.vocabulary import Vocabulary
from app.shared.events import DataLoadedEvent
from app.shared.experiment import OWN, Experiment
from app.shared.statistics import DataStatistics

PREVIEW_BYTES = 1500  # of a text that are shown before the worker has loaded it


class StatisticsView:
    """Shows statistics; it remembers the last ones.

    Args:
        follow_advice: called with the name of a load option and the value that is advised.
    """

    def __init__(self, follow_advice: TakeAdvice) -> None:
        self._follow_advice = follow_advice
        self._statistics: DataStatistics | None = None
        self._noun = "line"
        self._details_due = False  # whether what is folded is still to be drawn
        listen(find("more-data"), "toggle", lambda event: self._show_details())

    def show(
        self, message: DataLoadedEvent, noun: str, experiment: Experiment, vocabulary: Vocabulary
    ) -> None:
        """Show what is in the data.

        noun: what one document is called; an "s" makes it plural.
        experiment, vocabulary: as in `show_lengths`.
        """
        self._statistics = statistics = message["statistics"]
        self._noun = noun
        left_out = message["info"]["left_out"] if experiment.leave_out else None
        find("statistics").textContent = line_of_figures(statistics, noun, left_out)
        self._show_preview(message["preview"])
        find("lengths").hidden = find("more-data").hidden = False
        self._show_remarks(message)
        self._details_due = True
        self.show_lengths(experiment, vocabulary)

    def show_lengths(self, experiment: Experiment, vocabulary: Vocabulary) -> None:
        """Show how long the documents are, what the context length cuts, and what is held out.

        experiment: its context length, and the share that is held out.
        vocabulary: says how long the documents are in BPE tokens.
        """
        statistics = self._statistics
        if statistics is None:
            return
        block_size, lengths = int(experiment.values["block_size"]), vocabulary.lengths
        if not vocabulary.bpe:
            svg = histogram_svg(statistics, block_size)
            words = cut_words(statistics, block_size, self._noun)
        elif lengths is not None:
            svg = histogram_svg(lengths, block_size, "token")
            words = cut_words(statistics, block_size, self._noun, lengths)
        else:
            svg = histogram_svg(statistics, None)
            who = f"{self._noun} has" if statistics["documents"] == 1 else f"{self._noun}s have"
            words = f"The context length counts tokens; how many the {who} is still to be counted."
        find("histogram").innerHTML = svg
        find("cut-words").textContent = words
        rows = facts(statistics, self._noun, float(experiment.values["eval_fraction"]))
        find("data-facts").innerHTML = facts_html(rows)
        self._show_details()

    def _show_remarks(self, message: DataLoadedEvent) -> None:
        remarks = find("data-remarks")
        clear(remarks)
        for remark in message["info"]["remarks"]:
            remarks.appendChild(make("li", remark))
        if message["name"] != OWN:
            return  # the options are those of the user's own data
        for sentence, action, option, value in message["info"]["advice"]:
            remark = make("li", sentence + " ")
            remark.appendChild(self._make_button(action, option, value))
            remarks.appendChild(remark)

    def _make_button(self, action: str, option: str, value: str) -> JsProxy:
        """A button that loads the data with another value of an option."""
        button = make("button", action, "small")
        button.type = "button"

        def follow(_event: JsProxy) -> None:
            find("preview").focus()  # the button will be gone
            self._follow_advice(option, value)

        listen(button, "click", follow)
        return button

    def show_nothing(self) -> None:
        """There is no text yet."""
        self._statistics = None
        find("statistics").textContent = "Nothing yet: paste a text, or choose a file."
        find("lengths").hidden = find("more-data").hidden = True
        clear(find("data-remarks"))
        self._show_preview([])

    def show_beginning(self, content: JsProxy) -> None:
        """Show the first lines of a text."""
        start = window.TextDecoder.new().decode(content.subarray(0, PREVIEW_BYTES))
        lines = [line.strip() for line in start.split("\n")]
        if content.length > PREVIEW_BYTES:
            lines = lines[:-1] or lines
        self._show_preview([line for line in lines if line])

    def _show_details(self) -> None:
        """Draw the tiles, once they are in sight: hundreds take a while."""
        statistics = self._statistics
        if statistics is None or not self._details_due or not find("more-data").open:
            return
        self._details_due = False
        shown = statistics["vocabulary"]
        write_html(find("vocabulary"), ink_html(shown))
        more = statistics["num_chars"] - len(shown)
        find("vocabulary-more").textContent = f"and {counted(more, 'rarer one')}" if more else ""
        find("bigrams").innerHTML = pairs_html(statistics["bigrams"], statistics["bigram_sample"])

    def _show_preview(self, lines: list[str]) -> None:
        find("preview").innerHTML = preview_html(lines)
        find("preview").scrollTop = 0
