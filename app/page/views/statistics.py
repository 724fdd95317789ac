"""The data's statistics: figures and histogram in sight, all else folded.

It knows nothing of where data come from.
"""

from pyscript import window

from app.page.types import JsProxy, Message
from app.page.views.dom import clear, find, make
from app.page.views.statistics_html import (
    cut_words,
    facts,
    facts_html,
    histogram_svg,
    ink_html,
    line_of_figures,
    pairs_html,
)
from app.page.vocabulary import Tokens
from app.shared.experiment import Experiment

BEGINNING = 1500  # bytes that are shown before the worker has looked at a text


class StatisticsView:
    """Shows statistics; it remembers the last one."""

    def __init__(self) -> None:
        self._statistics: Message | None = None
        self._noun = "line"
        self._rest_is_due = False  # whether what is folded is still to be drawn
        find("more-data").addEventListener("toggle", lambda event: self._show_rest())

    def describe(self, message: Message, noun: str, experiment: Experiment, tokens: Tokens) -> None:
        """Show what is in the data, from a `events.described` message.

        noun: one document is one of these; an "s" makes it many.
        """
        self._statistics = statistics = message["statistics"]
        self._noun = noun
        find("statistics").textContent = line_of_figures(statistics, self._noun)
        self._show_preview(message["preview"])
        find("lengths").hidden = find("more-data").hidden = False
        remarks = find("data-remarks")
        clear(remarks)
        for remark in message["reading"]["remarks"]:
            remarks.appendChild(make("li", remark))
        self._rest_is_due = True
        self.mark(experiment, tokens)

    def mark(self, experiment: Experiment, tokens: Tokens) -> None:
        """Show how long the documents are, what the context length cuts, and what is held out."""
        statistics = self._statistics
        if statistics is None:
            return
        block_size, measured = int(experiment.values["block_size"]), tokens.lengths
        if not tokens.pairs:
            svg = histogram_svg(statistics, block_size)
            words = cut_words(statistics, block_size, self._noun)
        elif measured is not None:
            svg = histogram_svg(measured, block_size, "tokens")
            words = cut_words(statistics, block_size, self._noun, measured)
        else:
            svg = histogram_svg(statistics, None)
            who = f"{self._noun} has" if statistics["documents"] == 1 else f"{self._noun}s have"
            words = f"The context length counts tokens; how many the {who} is still to be counted."
        find("histogram").innerHTML = svg
        find("cut-words").textContent = words
        rows = facts(statistics, self._noun, float(experiment.values["eval_fraction"]))
        find("data-facts").innerHTML = facts_html(rows)
        self._show_rest()

    def show_nothing(self) -> None:
        """There is no text yet."""
        self._statistics = None
        find("statistics").textContent = "Nothing yet: paste a text, or choose a file."
        find("lengths").hidden = find("more-data").hidden = True
        clear(find("data-remarks"))
        self._show_preview([])

    def show_beginning(self, content: JsProxy) -> None:
        """Show how a text begins."""
        start = window.TextDecoder.new().decode(content.subarray(0, BEGINNING))
        lines = [line.strip() for line in start.split("\n")]
        if content.length > BEGINNING:
            lines = lines[:-1] or lines
        self._show_preview([line for line in lines if line])

    def _show_rest(self) -> None:
        """Draw the tiles, once they are in sight: hundreds take a while."""
        statistics = self._statistics
        if statistics is None or not self._rest_is_due or not find("more-data").open:
            return
        self._rest_is_due = False
        shown = statistics["vocabulary"]
        find("vocabulary").innerHTML = ink_html(shown)
        more = statistics["num_chars"] - len(shown)
        find("vocabulary-more").textContent = f"and {more:,} rarer ones" if more else ""
        find("bigrams").innerHTML = pairs_html(statistics["bigrams"], statistics["bigram_sample"])

    def _show_preview(self, lines: list[str]) -> None:
        find("preview").textContent = "\n".join(lines)
        find("preview").scrollTop = 0
