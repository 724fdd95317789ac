"""The dialog's page "For a class" as HTML and words.

Plain Python that MicroPython understands.
"""

from app.shared.arrangement import VERBS, groups

HEADINGS = {"hide": "Hide", "lock": "Lock", "open": "Open"}
LINK_WORDS = {"hide": "hides", "lock": "locks", "open": "opens"}


def class_html() -> str:
    """The list of all that can be hidden, locked or opened, the link, and the preview."""
    lists = "".join([_group(place, *row) for place, row in enumerate(groups())])
    return (
        '<div class="arranging"><div>'
        '<p class="said">A link for others to work with: it opens these settings, and shows only '
        "what you leave. What is locked is there to be seen, and cannot be changed. Text, code or "
        "model that you put into the link go into this one, too.</p>"
        f'<div class="class-lists" id="class-lists">{lists}</div></div>'
        '<div class="arranged">'
        '<div class="link-row"><input type="text" id="class-link" readonly '
        'aria-label="Link for a class"><button type="button" class="primary" id="copy-class-link">'
        "Copy link</button></div>"
        '<p class="said" id="class-words"></p><p class="said" id="class-state" role="status"></p>'
        '<div class="preview-head"><h3>Preview</h3>'
        '<label for="class-width">Shown on</label> <select id="class-width">'
        '<option value="1280">a wide window</option><option value="390">a phone</option></select>'
        '</div><div class="page-preview" id="class-preview" role="region" aria-label="Preview" '
        'tabindex="0"></div></div></div>'
    )


def class_words(counts: dict[str, int]) -> str:
    """What a link does, by the number of items for each verb, as a sentence."""
    done = [f"{LINK_WORDS[verb]} {counts[verb]}" for verb in VERBS if counts[verb]]
    return f"It {', '.join(done)}." if done else "It shows everything, as it does for you."


def _group(place: int, title: str, items: list[tuple[str, str, tuple[str, ...]]]) -> str:
    columns = [verb for verb in VERBS if any(verb in verbs for _, _, verbs in items)]
    heads = "".join([f'<th scope="col">{HEADINGS[verb]}</th>' for verb in columns])
    rows = "".join([_row(*item, columns) for item in items])
    is_open = " open" if place == 0 else ""
    return (
        f'<details class="folded"{is_open}><summary>{title}</summary><table><thead><tr>'
        f'<th class="hidden" scope="col">{title}</th>{heads}</tr></thead>'
        f"<tbody>{rows}</tbody></table></details>"
    )


def _row(name: str, words: str, verbs: tuple[str, ...], columns: list[str]) -> str:
    cells = "".join(
        [_cell(name, words, verb) if verb in verbs else "<td></td>" for verb in columns]
    )
    return f'<tr><th scope="row">{words}</th>{cells}</tr>'


def _cell(name: str, words: str, verb: str) -> str:
    return (
        f'<td><label class="tick"><input type="checkbox" data-verb="{verb}" value="{name}">'
        f'<span class="hidden">{HEADINGS[verb]} {words}</span></label></td>'
    )
