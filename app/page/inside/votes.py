"""Votes: what each part of the model adds to a token's logit, as signed bars that open."""

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.focus import write_around_focus
from app.page.inside.kit import (
    bars_html,
    begin_tile_html,
    in_sentence,
    number,
    signed,
    tile_html,
)
from app.page.inside.moment import Moment
from app.page.inside.part_names import part_name
from app.page.part_words import part_words
from app.page.views.dom import listen, set_text, write_html
from app.page.views.tiles import escape, glyph, percent, quoted, spoken, token_name
from app.shared.inside import PartTerms, VotesRequest, VotesResult

AUTOMATIC = -1  # the token that follows, or the likeliest one; or no other token
SKELETON = """
<div class="votes-choice">
  <label>Votes for <select class="votes-token"></select></label>
  <label>against <select class="votes-against"></select></label>
</div>
<p class="votes-words" aria-live="polite"></p>
<div class="votes-bars"></div>
<div class="votes-terms" hidden><p class="bar-title"></p><div></div></div>
<p class="view-words"></p>
"""


class VotesView:
    """The view.

    Args:
        body: the element to draw in.
        page: the page.
    """

    def __init__(self, body: JsProxy, page: ViewCallbacks) -> None:
        write_html(body, SKELETON)
        choice, self._words, self._bars, self._terms, self._note = list(body.children)
        self._token, self._against = list(choice.querySelectorAll("select"))
        self._page = page
        self._opened = ""  # the part whose terms are shown
        self._vocabulary: list[str] | None = None  # that the choice is made from
        listen(choice, "change", lambda event: page.ask())
        listen(self._bars, "click", self._press)

    def request(self, moment: Moment) -> VotesRequest:
        """Ask for the votes, and for the terms of the opened part."""
        if moment.vocabulary != self._vocabulary:
            self._vocabulary = moment.vocabulary
            options = options_html(moment.vocabulary)
            write_html(self._token, option_html(AUTOMATIC, "what comes next") + options)
            write_html(self._against, option_html(AUTOMATIC, "nothing else") + options)
        token = int(self._token.value)
        if token == AUTOMATIC:
            token = automatic_token(moment)
        return VotesRequest(token=token, against=int(self._against.value), opened=self._opened)

    def show(self, result: VotesResult, moment: Moment) -> None:
        """Draw the votes, largest first."""
        request = self.request(moment)
        words = votes_words(result, request, moment)
        set_text(self._words, words)
        write_around_focus(self._bars, parts_html(result, self._opened, moment), "open")
        terms = result["terms"]
        self._terms.hidden = terms is None
        if terms is not None:
            title, bars = list(self._terms.children)
            title.textContent = terms_words(terms)
            write_html(bars, terms_html(terms, moment))
        note = "They add up to it exactly. A vote is direct: what later parts make of it is theirs."
        if result["frozen"]:
            note += " Norms on the way are taken at the scale that they have for this text."
        set_text(self._note, note)

    def close(self) -> None:
        """There is nothing to stop."""

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[data-open]")
        if button is not None:
            part = str(button.dataset.open)
            self._opened = "" if part == self._opened else part
            self._page.ask()


def automatic_token(moment: Moment) -> int:
    """The token that follows in the text; where none does, the likeliest one."""
    if moment.following is not None:
        return moment.following
    return 0 if moment.upcoming is None else moment.upcoming.likeliest()


def option_html(token: int, words: str) -> str:
    """An option of the choice of a token."""
    return f'<option value="{token}">{escape(words)}</option>'


def options_html(vocabulary: "list[str]") -> str:
    """An option for each token."""
    options = []
    for token in range(len(vocabulary) + 1):
        said, shown = spoken(vocabulary, token), glyph(vocabulary, token)
        words = shown if said == shown else f"{shown} ({said})"
        options.append(option_html(token, words))
    return "".join(options)


def votes_words(result: VotesResult, request: VotesRequest, moment: Moment) -> str:
    """Who spoke for the token, and who against it."""
    name = in_sentence(token_name(moment.vocabulary, request["token"]))
    total = result["total"]
    if request["against"] in (AUTOMATIC, request["token"]):
        words = f"The logit of {name} is {signed(total)}"
    else:
        other = in_sentence(token_name(moment.vocabulary, request["against"]))
        leads = "leads" if total >= 0 else "is behind"
        words = f"The logit of {name} {leads} that of {other} by {number(abs(total))}"
    parts = sorted(result["parts"], key=lambda part: -part[1])
    first, last = parts[0], parts[-1]
    if first[1] > 0:
        words += f": most for it {short_name(first[0], moment)} ({signed(first[1])})"
    if last[1] < 0:
        joint = ", most against it" if first[1] > 0 else ": most against it"
        words += f"{joint} {short_name(last[0], moment)} ({signed(last[1])})"
    return words + "."


def short_name(part: str, moment: Moment) -> str:
    """A part inside a sentence; of a model with one layer that layer is not said."""
    words = part_words(part)
    return words.replace(" of layer 1", "") if moment.model["config"]["n_layer"] == 1 else words


def parts_html(result: VotesResult, opened: str, moment: Moment) -> str:
    """A bar for each part, largest first; those that have terms are buttons."""
    rows = []
    for part, vote in sorted(result["parts"], key=lambda each: -each[1]):
        words = escape(part_name(part))
        if "." in part:
            shown = "true" if part == opened else "false"
            words = (
                f'<button type="button" class="part-button" data-open="{quoted(part)}" '
                f'aria-expanded="{shown}">{words}</button>'
            )
        elif part == "token":
            read = moment.tokens[moment.position - 1 : moment.position]
            tile = tile_html(moment.vocabulary, read[0]) if read else "begin"
            words = f"{words} {tile}"
        lights: dict[str, object] = {"part": part}
        rows.append((words, vote, f"{part_name(part)}: {vote:+.4f}", lights))
    return bars_html(rows, "Votes of the parts, largest first")


def terms_words(terms: PartTerms) -> str:
    """What the bars of a part's terms are."""
    name = part_name(terms["part"])
    if terms["kind"] == "positions":
        words = f"{name}: what each place that it read adds, its attention times its value"
        above = not terms["part"].startswith("layer0.")
        return words + (
            ". Above the first layer a place holds more than its letter." if above else "."
        )
    if terms["kind"] == "neurons":
        return f"{name}: its neurons with the largest votes, each its activation times its output."
    return f"{name} is not a sum of smaller parts."


def terms_html(terms: PartTerms, moment: Moment) -> str:
    """A bar for each term of the opened part."""
    rows = []
    for index, shown in enumerate(terms["shown"]):
        value, of = terms["values"][index], terms["of"][index]
        lights: dict[str, object] = {}
        if terms["kind"] == "positions":
            words = f"Place {shown}: {percent(of)} of the attention, {value:+.4f}"
            tile = begin_tile_html(words)
            if shown:
                tile = tile_html(moment.vocabulary, moment.tokens[shown - 1], shown, words)
            label, lights = f"{tile} <small>{percent(of)}</small>", {"place": shown}
        else:
            words = f"Neuron {shown + 1}: activation {number(of)}, {value:+.4f}"
            label = f"Neuron {shown + 1} <small>at {number(of)}</small>"
            lights = {"part": f"{terms['part']}.neuron{shown}"}
        rows.append((label, value, words, lights))
    return bars_html(rows, "Terms of this part")
