"""The guess as HTML: the question with what answers it, and the guess beside what came out.

Plain Python that MicroPython understands.
"""

from math import exp, log

from app.page.views.tiles import escape
from app.shared.typed import TYPE_CHECKING
from microgpt.lab.ready import NUMBER_GUESS, Guess

if TYPE_CHECKING:
    Answer = float | str

GUESS_STEPS = 200  # of the slider of a number
NOT_SAID = "You have not guessed."


def question_html(guess: Guess, given: "Answer | None") -> str:
    """The question, and a widget for each way to answer it."""
    widget = _slider(guess, given) if guess.kind == NUMBER_GUESS else _options(guess, given)
    return (
        '<div class="guess-ask"><p class="guess-question" id="guess-question">'
        f'<span class="guess-first">Guess first.</span> {escape(guess.question)}</p>{widget}</div>'
    )


def _slider(guess: Guess, given: "Answer | None") -> str:
    place = (
        round(GUESS_STEPS * share_of(guess, float(given)))
        if given is not None
        else GUESS_STEPS // 2
    )
    words = number_words(float(given)) if given is not None else "?"
    return (
        f'<div class="guess-number"><span>{number_words(guess.low)}</span>'
        f'<input type="range" id="guess" min="0" max="{GUESS_STEPS}" step="1" value="{place}" '
        f'aria-labelledby="guess-question" aria-valuetext="{words}" '
        f'data-style="--part: {100 * place / GUESS_STEPS:.1f}%">'
        f"<span>{number_words(guess.high)}</span>"
        f'<output class="value" for="guess">{words}</output></div>'
    )


def _options(guess: Guess, given: "Answer | None") -> str:
    options = []
    for number, option in enumerate(guess.options):
        checked = " checked" if option == given else ""
        options.append(
            f'<label class="guess-option"><input type="radio" name="guess" value="{number}"'
            f"{checked}><span>{escape(option)}</span></label>"
        )
    return (
        '<div class="guess-options" role="radiogroup" aria-labelledby="guess-question">'
        f"{''.join(options)}</div>"
    )


def answer_html(guess: Guess, given: "Answer | None", answer: "Answer") -> str:
    """The guess beside the answer."""
    question = f'<p class="guess-question">{escape(guess.question)}</p>'
    said = NOT_SAID if given is None else ""
    if guess.kind != NUMBER_GUESS:
        return f'<div class="guess-told">{question}{_chosen(guess, given, str(answer), said)}</div>'
    marks = ""
    if given is not None:
        marks += _mark("yours", "you", guess, float(given))
    if not isinstance(answer, str):
        marks += _mark("measured", "measured", guess, answer)
    else:
        said = f"Measured: {answer}. {said}"
    return (
        f'<div class="guess-told">{question}<div class="guess-scale">'
        f'<span class="guess-end">{number_words(guess.low)}</span>'
        f'<div class="guess-line">{marks}</div>'
        f'<span class="guess-end">{number_words(guess.high)}</span></div>{_said(said)}</div>'
    )


def _chosen(guess: Guess, given: "Answer | None", answer: str, said: str) -> str:
    tiles = []
    options = list(guess.options)
    if answer not in options:
        options.append(answer)
    for option in options:
        kinds = (" yours" if option == given else "") + (" measured" if option == answer else "")
        words = ["you"] if option == given else []
        words += ["measured"] if option == answer else []
        tiles.append(
            f'<span class="guess-tile{kinds}"><span>{escape(option)}</span>'
            f"<small>{', '.join(words)}</small></span>"
        )
    return f'<div class="guess-tiles">{"".join(tiles)}</div>{_said(said)}'


def _said(words: str) -> str:
    return f'<p class="said">{escape(words.strip())}</p>' if words.strip() else ""


def _mark(kind: str, name: str, guess: Guess, value: float) -> str:
    place = min(1.0, max(0.0, share_of(guess, value)))
    return (
        f'<span class="guess-mark {kind}" data-style="--at: {100 * place:.1f}%">'
        f"<small>{name} {number_words(value)}</small></span>"
    )


def share_of(guess: Guess, value: float) -> float:
    """Where a value lies between the ends of the scale, 0 to 1 within them."""
    if guess.log:
        return log(max(value, 1e-12) / guess.low) / log(guess.high / guess.low)
    return (value - guess.low) / (guess.high - guess.low)


def value_at(guess: Guess, share: float) -> float:
    """The value there, in three digits."""
    if guess.log:
        value = guess.low * exp(share * log(guess.high / guess.low))
    else:
        value = guess.low + share * (guess.high - guess.low)
    return float(f"{value:.3g}")


def number_words(value: float) -> str:
    """A number in four digits at most."""
    return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
