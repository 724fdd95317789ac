"""Choice: the random number that chose the token, on the bar of all that could be chosen."""

from math import exp

from app.page.aliases import JsProxy
from app.page.inside.callbacks import ViewCallbacks
from app.page.inside.kit import attributes, in_sentence, list_html
from app.page.inside.moment import Moment
from app.page.views.dom import set_text, write_html
from app.page.views.tiles import escape, glyph, percent, spoken, token_name
from app.shared.inside import ChoicePart, ChoiceRequest, ChoiceResult

MIN_NAMED_SHARE = 0.018  # of the bar: a smaller part has no room for its token


class ChoiceView:
    """The view.

    Args:
        body: the element to draw in.
        _callbacks: the page.
    """

    def __init__(self, body: JsProxy, _callbacks: ViewCallbacks) -> None:
        write_html(
            body,
            '<p class="choice-words" aria-live="polite"></p><div class="choice-bars"></div>'
            '<p class="view-said"></p>',
        )
        self._words, self._bars, self._uncertain = list(body.children)

    def request(self, moment: Moment) -> ChoiceRequest:
        """Ask which token the number falls on."""
        return ChoiceRequest(number=number_of(moment))

    def show(self, result: ChoiceResult, moment: Moment) -> None:
        """Draw the bar, and the number on it."""
        words = chosen_words(result, moment)
        set_text(self._words, words)
        write_html(self._bars, bars_html(result, moment))
        self._uncertain.textContent = uncertainty_words(result, moment)

    def close(self) -> None:
        """There is nothing to stop."""


def number_of(moment: Moment) -> float:
    """The number that chose the token at the moment, or would choose one."""
    return moment.next_number if moment.number is None else moment.number


def chosen_words(result: ChoiceResult, moment: Moment) -> str:
    """How the token at the moment was chosen, or will be."""
    vocabulary = moment.vocabulary
    name = in_sentence(token_name(vocabulary, result["token"]))
    if result["greedy"]:
        return f"At temperature 0 there is no dice: the likeliest is always taken, {name}."
    number = f"{number_of(moment):.3f}"
    if moment.following is None:
        return f"The next number of the dice is {number}. It falls on {name}."
    chosen = in_sentence(token_name(vocabulary, moment.following))
    if moment.number is None:
        return f"You chose {chosen} yourself. The dice would have shown {number}: {name}."
    if result["token"] == moment.following:
        return f"The dice showed {number}, which falls on {chosen}."
    return (
        f"The dice showed {number}, and {chosen} was written; as model and settings are now, that "
        f"number falls on {name}."
    )


def uncertainty_words(result: ChoiceResult, moment: Moment) -> str:
    """The entropy in plain words, and what was cut."""
    noun = "letters" if max([len(text) for text in moment.vocabulary]) == 1 else "tokens"
    model, now = f"{exp(result['model_entropy']):.1f}", f"{exp(result['entropy']):.1f}"
    words = f"The model is as uncertain as a choice among {model} equally likely {noun}"
    words += "." if now == model else f"; as it is drawn here, among {now}."
    size = len(moment.vocabulary) + 1
    if result["kept"] < size and not result["greedy"]:
        words += (
            f" Top-k and top-p cut {size - result['kept']:,} of {size:,} tokens, which had "
            f"{percent(result['cut'])} together."
        )
    return words


def bars_html(result: ChoiceResult, moment: Moment) -> str:
    """The bar with the dice on it; above it, if something was cut, the one that it was cut from."""
    at = number_of(moment)
    bar = _bar_html(result["parts"], "adjusted", "What can be chosen", moment)
    html = ""
    if not result["greedy"]:
        html = f'<i class="dice" aria-hidden="true" data-style="--at: {at:.5f}"></i>'
    html = f'<div class="dice-bar">{bar}{html}</div>'
    if result["cut"] > 0 and not result["greedy"]:
        before = _bar_html(result["parts"], "scaled", "Before anything was cut", moment)
        html = (
            f'<p class="bar-title">With this temperature; what is cut is hatched</p>{before}'
            f'<p class="bar-title">What is left</p>{html}'
        )
    return html


def _bar_html(parts: "list[ChoicePart]", kind: str, label: str, moment: Moment) -> str:
    items = []
    for part in parts:
        share = part[kind]  # type: ignore[literal-required]
        if share <= 0:
            continue
        token = part["token"]
        said = spoken(moment.vocabulary, token)
        shown = escape(glyph(moment.vocabulary, token)) if share >= MIN_NAMED_SHARE else ""
        lights: dict[str, object] = {"token": token}
        if part["count"] > 1:
            said, shown, lights = f"{part['count']} unlikely tokens", "", {}
        exact = f"{said}: {percent(share)}"
        classes = "part chosen" if token == moment.following and part["count"] == 1 else "part"
        if not part["adjusted"]:
            exact += ", cut"
            classes += " cut"
        marks = attributes(exact, lights)
        items.append(
            f'<li class="{classes}"{marks} data-style="--share: {share:.5f}">'
            f'<span aria-hidden="true">{shown}</span><span class="hidden">{exact}</span></li>'
        )
    return list_html("dice-parts", label, items)
