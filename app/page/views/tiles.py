"""A token as a tile: the glyph on it, its name for screen readers, and the HTML of the case.

Used at build time and on the page; plain Python that MicroPython understands.
"""

GLYPHS = {" ": "␣", "\t": "⇥", "\u00a0": "⍽"}
SPOKEN = {" ": "space", "\t": "tab", "\u00a0": "fixed space"}
END = "end"
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


def percent(probability: float) -> str:
    """A probability in percent: 23.4%, 0.02%, <0.01%."""
    value = 100 * probability
    if value >= 10:
        return f"{value:.1f}%"
    if value >= 0.01:
        return f"{value:.2f}%"
    return "<0.01%" if value > 0 else "0%"


def case_html(tokens: list[str], places: int | None = None) -> str:
    """The case of type: an item for each token, without ink yet.

    places: the number of items, where it differs from that of the tokens.
    """
    items = []
    for token in range(len(tokens) + 1 if places is None else places):
        kind = "tile end" if token == len(tokens) else "tile"
        shown, said = escape(glyph(tokens, token)), escape(spoken(tokens, token))
        items.append(
            f'<li><button type="button" tabindex="-1" data-token="{token}">'
            '<span class="ink" aria-hidden="true">'
            '<i class="model"></i><i class="now"></i></span>'
            f'<span class="{kind}" aria-hidden="true">{shown}</span>'
            f'<span class="hidden"><span>{said}</span> '
            '<span class="probability">not known yet</span></span></button></li>'
        )
    return "".join(items)
