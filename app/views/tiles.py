"""A token as a tile: the glyph on it, its name when spoken, and the case with one for each.

Texts only, at build time and on the page; plain Python that MicroPython understands.
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


def glyph(characters: list[str], token: int) -> str:
    """What stands on the tile of `token`; the token behind the last character ends a document."""
    if token >= len(characters):
        return END
    character = characters[token]
    if is_mark(character):
        return "◌" + character
    return GLYPHS.get(character, "▯" if is_invisible(character) else character)


def spoken(characters: list[str], token: int) -> str:
    """What a screen reader should say."""
    if token >= len(characters):
        return END
    character = characters[token]
    if is_invisible(character) or is_mark(character):
        return SPOKEN.get(character, f"U+{ord(character):04X}")
    return SPOKEN.get(character, character)


def is_invisible(character: str) -> bool:
    """Whether nothing would be seen of it: controls, joiners, marks of direction, selectors."""
    if len(character) != 1:
        return False
    code = ord(character)
    return any(first <= code <= last for first, last in INVISIBLE)


def is_mark(character: str) -> bool:
    """Whether it is an accent that combines with what stands before it."""
    return len(character) == 1 and 0x300 <= ord(character) <= 0x36F


def escape(text: str) -> str:
    """`text` as HTML."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def percent(probability: float) -> str:
    """A probability as people read it: 23.4%, 0.02%, <0.01%."""
    value = 100 * probability
    if value >= 10:
        return f"{value:.1f}%"
    if value >= 0.01:
        return f"{value:.2f}%"
    return "<0.01%" if value > 0 else "0%"


def case_html(characters: list[str]) -> str:
    """The case of type: an item a token, each with room for its ink, no ink yet."""
    items = []
    for token in range(len(characters) + 1):
        kind = "tile end" if token == len(characters) else "tile"
        face, name = escape(glyph(characters, token)), escape(spoken(characters, token))
        items.append(
            f'<li><button type="button" tabindex="-1" data-token="{token}">'
            '<span class="ink" aria-hidden="true">'
            '<i class="model"></i><i class="now"></i></span>'
            f'<span class="{kind}" aria-hidden="true">{face}</span>'
            f'<span class="hidden"><span>{name}</span> <span class="chance">not known yet</span>'
            "</span></button></li>"
        )
    return "".join(items)
