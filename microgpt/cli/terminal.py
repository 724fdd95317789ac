"""Text made safe for a terminal: control characters are shown instead of obeyed.

What comes from a file, an archive, an option or a model may contain anything. Some characters would
move the cursor, change the title of the window or reverse the line; here they become what Python
writes for them in a string: `\\x1b`. All that is printed passes through one of these functions.
"""

from __future__ import annotations

import re

# ASCII and C1 controls, the marks that change the direction of writing (Unicode's Bidi_Control),
# its own line separators, and halves of characters, which no encoding can write.
CONTROLS = re.compile("[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
LAYOUT = "\n\t"


def one_line(text: str) -> str:
    r"""Return a text on one line without control characters.

    >>> one_line("\x1b[2Jnames\n.txt")
    '\\x1b[2Jnames\\n.txt'
    """
    return CONTROLS.sub(_escape, text)


def printable(text: str) -> str:
    r"""Return a text that keeps its line breaks and tabs, but no other control character.

    >>> printable("To be,\n\x9bor not")
    'To be,\n\\x9bor not'
    """
    return CONTROLS.sub(lambda found: found[0] if found[0] in LAYOUT else _escape(found), text)


def json_line(value: object) -> str:
    r"""Return a value as JSON on one line, in ASCII without control characters.

    >>> json_line({"sample": "\x7fé"})
    '{"sample": "\\u007f\\u00e9"}'
    """
    import json  # here, since most commands print no JSON

    return json.dumps(value).replace("\x7f", "\\u007f")  # the one that JSON leaves as it is


def _escape(found: re.Match[str]) -> str:
    return found[0].encode("unicode_escape").decode("ascii")
