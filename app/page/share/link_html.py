"""The dialog's page "Link" as HTML and words.

Plain Python that MicroPython understands.
"""

from app.shared.experiment import OWN, Experiment

COPIED = "Copied."
NOT_COPIED = "The browser does not let the page copy: the link is selected, copy it yourself."


def link_html() -> str:
    """The link, and the button that copies it."""
    return (
        '<p class="said">Whoever opens this link gets the same data, settings and seed, and so '
        "the same run.</p>"
        '<div class="link-row"><input type="text" id="link" readonly aria-label="Link">'
        '<button type="button" class="primary" id="copy-link">Copy link</button></div>'
        '<p class="said" id="link-lacks"></p>'
        '<p class="said" id="link-state" role="status"></p>'
    )


def left_out(experiment: Experiment) -> str:
    """What the link does not hold, as a sentence; "" if nothing is left out."""
    own = ["your text"] if experiment.data == OWN else []
    own += ["your code"] if experiment.code else []
    return "It goes without " + " and ".join(own) + "." if own else ""
