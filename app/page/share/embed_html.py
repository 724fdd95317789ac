"""The dialog's page "Embed" as HTML and words.

Plain Python that MicroPython understands.
"""

from app.shared.arrangement import PANELS

FIRST_PANELS = ("training", "chart", "verdict", "text")  # a small page, with all that it takes
NONE_CHOSEN = "Choose at least one panel."
WIDTHS = (320, 480, 720, 960)  # in pixels, of the frame in the preview
FIRST_WIDTH = 720


def embed_html() -> str:
    """A switch for each panel, the size, the snippet to copy, and the preview."""
    switches = "".join([_switch(name, words) for name, words in PANELS])
    widths = "".join(
        [
            f'<option value="{width}"{" selected" if width == FIRST_WIDTH else ""}>{width} pixels'
            "</option>"
            for width in WIDTHS
        ]
    )
    return (
        '<div class="arranging"><div>'
        '<p class="said">A part of this page for a page of yours: paste the lines below into its '
        "HTML. It keeps nothing in the browsers of those who use it.</p>"
        f'<fieldset class="switches" id="embed-panels"><legend>What it shows</legend>{switches}'
        "</fieldset>"
        '<p class="said">It opens the link “For a class”: what that hides, locks, opens or brings '
        "is so here, too.</p>"
        '</div><div class="arranged">'
        '<div class="settings-fields">'
        '<div class="setting"><label for="embed-width">Width, about</label>'
        f'<select id="embed-width">{widths}</select></div>'
        '<div class="setting"><label for="embed-height">Height in pixels</label>'
        '<input type="number" id="embed-height" min="120" max="9999" step="1" inputmode="numeric">'
        "</div></div>"
        '<div class="link-row"><textarea id="snippet" rows="4" readonly spellcheck="false" '
        'aria-label="HTML to paste"></textarea>'
        '<button type="button" class="primary" id="copy-snippet">Copy HTML</button></div>'
        '<p class="said" id="embed-state" role="status"></p>'
        '<h3>Preview</h3><div class="page-preview" id="embed-preview" role="region" '
        'aria-label="Preview" tabindex="0"></div></div></div>'
    )


def embed_query(names: list[str]) -> str:
    """The query of a page for a frame that shows these panels."""
    every = len(names) == len(PANELS)
    return "embed" if every else "embed=" + ",".join(names)


def snippet(address: str, height: int) -> str:
    """The HTML of a frame, as wide as what it stands in.

    Args:
        address: of the page in it.
        height: in pixels.
    """
    safe = address.replace("&", "&amp;").replace('"', "&quot;")
    return (
        f'<iframe src="{safe}" title="microgpt playground" width="100%" height="{height}" '
        'style="border: 0" loading="lazy" allow="clipboard-write"></iframe>'
    )


def _switch(name: str, words: str) -> str:
    checked = " checked" if name in FIRST_PANELS else ""
    return f'<label><input type="checkbox" value="{name}"{checked}> {words}</label>'
