"""A token as a tile: the glyph on it, its name for screen readers, and the HTML of the case.

Used at build time and on the page; plain Python that MicroPython understands.
"""

from math import log

from app.shared.models import Probabilities

GLYPHS = {" ": "␣", "\t": "⇥", "\n": "↵", "\u00a0": "⍽"}
SPOKEN = {" ": "space", "\t": "tab", "\n": "line break", "\u00a0": "fixed space"}
END = "end"
FULL_SURPRISE = log(200)  # a probability of 1 in 200 gets the full colour
CARET_HTML = '<li class="caret" id="caret" aria-hidden="true"></li>'
INVISIBLE = (
    (0x00, 0x1F),
    (0x7F, 0x9F),
    (0xAD, 0xAD),
    (0x200B, 0x200F),
    (0x2028, 0x202E),
    (0x2060, 0x206F),
    (0xFE00, 0xFE0F),
    (0xFEFF, 0xFEFF),
)


def glyph(tokens: list[str], token: int) -> str:
    """The text on the tile of `token`; the one after the last of `tokens` ends a document."""
    return face(tokens[token]) if token < len(tokens) else END


def spoken(tokens: list[str], token: int) -> str:
    """The name of `token` for screen readers."""
    return name(tokens[token]) if token < len(tokens) else END


def token_name(tokens: list[str], token: int) -> str:
    """What to call a token in a sentence."""
    said = spoken(tokens, token)
    return f"“{said}”" if token < len(tokens) else f"The {said}"


def face(text: str) -> str:
    """The text of a token on a tile, where spaces are visible, too."""
    signs = [GLYPHS.get(character, character) for character in text]
    if all(is_invisible(character) for character in text):
        signs = [GLYPHS.get(character, "▯") for character in text]
    return ("◌" if is_mark(text[:1]) else "") + "".join(signs)


def name(text: str) -> str:
    """The text of a token for screen readers."""
    if len(text) > 1:
        spaces = "".join([SPOKEN[character] + " " for character in text if character in SPOKEN])
        return spaces + text.strip()
    if is_invisible(text) or is_mark(text):
        return SPOKEN.get(text, f"U+{ord(text):04X}")
    return SPOKEN.get(text, text)


def is_invisible(character: str) -> bool:
    """Whether nothing of it is visible: controls, joiners, direction marks, selectors."""
    if len(character) != 1:
        return False
    code = ord(character)
    return any(first <= code <= last for first, last in INVISIBLE)


def is_mark(character: str) -> bool:
    """Whether it is an accent that combines with the character before it."""
    return len(character) == 1 and 0x300 <= ord(character) <= 0x36F


def escape(text: str) -> str:
    """`text` as HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def quoted(text: str) -> str:
    """`text` as HTML inside an attribute."""
    return escape(text).replace('"', "&quot;")


def percent(probability: float) -> str:
    """A probability in percent: 23.4%, 0.02%, <0.01%."""
    value = 100 * probability
    if value >= 10:
        return f"{value:.1f}%"
    if value >= 0.01:
        return f"{value:.2f}%"
    return "<0.01%" if value > 0 else "0%"


def tile_words(tokens: list[str], token: int, probability: float | None) -> str:
    """The name of a written tile: its token, and its probability where that is known."""
    said = spoken(tokens, token)
    return said if probability is None else f"{said}, {percent(probability)}"


def surprise(probability: float | None) -> float:
    """How surprising a token of this probability is, 0 to 1; 0 where it is not known."""
    if probability is None:
        return 0.0
    return min(1.0, max(0.0, -log(max(probability, 1e-9)) / FULL_SURPRISE))


def tiles_html(
    tokens: list[str], written: list[int], probabilities: list[float | None], caret: int
) -> str:
    """The row of tiles: an item for each token of the text, and the caret between them.

    Args:
        tokens: the text of each token of the vocabulary.
        written: the ids of the text's tokens.
        probabilities: for each of them its probability, None where it is not known.
        caret: how many of them stand before the caret.
    """
    items = []
    for index, token in enumerate(written):
        kind = "tile written end" if token == len(tokens) else "tile written"
        current = ' aria-current="true"' if index == caret - 1 else ""
        words = quoted(tile_words(tokens, token, probabilities[index]))
        items.append(
            f'<li><button type="button" tabindex="-1" class="{kind}"'
            f' data-place="{index + 1}" data-token="{token}"'
            f' aria-label="{words}" title="{words}"{current}'
            f' data-style="--surprise: {surprise(probabilities[index]):.2f}">'
            f"{escape(glyph(tokens, token))}</button></li>"
        )
    items.insert(caret, CARET_HTML)
    return "".join(items)


def case_html(
    tokens: list[str], places: int | None = None, probabilities: Probabilities | None = None
) -> str:
    """The case of type: an item for each token.

    Args:
        tokens: the text of each token of the vocabulary.
        places: the number of items of a ranked list, where a token has no place of its own.
        probabilities: those of all tokens, by id; without them there is no ink yet.
    """
    count = len(tokens) + 1 if places is None else places
    model, adjusted = [0.0] * count, [0.0] * count
    if probabilities is not None:
        model, adjusted = probabilities["model"], probabilities["adjusted"]
    tallest = max(model + adjusted)
    rank = "" if places is None else '<span class="rank" aria-hidden="true"></span>'
    items = []
    for token in range(count):
        kind = "tile end" if token == len(tokens) else "tile"
        shown, said = escape(glyph(tokens, token)), escape(spoken(tokens, token))
        ink, likeliest, words = "", "", "not known yet"
        if probabilities is not None:
            words = escape(percent(adjusted[token]))
            likeliest = ' class="likeliest"' if adjusted[token] == max(adjusted) else ""
            ink = (
                f' data-style="--model: {model[token] / tallest:.4f};'
                f' --now: {adjusted[token] / tallest:.4f}" data-probability="{words}"'
            )
        items.append(
            f'<li><button type="button" tabindex="-1" data-token="{token}"{likeliest}>{rank}'
            f'<span class="ink" aria-hidden="true"{ink}>'
            '<i class="model"></i><i class="now"></i><i class="spread"></i></span>'
            f'<span class="{kind}" aria-hidden="true">{shown}</span>'
            f'<span class="hidden"><span class="name">{said}</span> '
            f'<span class="probability">{words}</span></span></button></li>'
        )
    return "".join(items)
