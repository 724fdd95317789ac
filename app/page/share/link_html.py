"""The dialog's page "Link" as HTML and words.

Plain Python that MicroPython understands.
"""

from app.shared.events import PackedModelEvent
from app.shared.experiment import OWN, Experiment

COPIED = "Copied."
NOT_COPIED = "The browser does not let the page copy: the link is selected, copy it yourself."
PACKING = "The model is on its way from Python."
MAX_QR_CHARACTERS = 800  # of a link: cameras fail at finer ones
LONG_LINK = 2000  # characters from which on some programs cut a link
MAX_SHOWN_TEXT = 24  # characters


def link_html() -> str:
    """What is to be in the link, the link, the button that copies it, and its QR code."""
    return (
        '<p class="said">Whoever opens this link gets the same data, settings and seed, and so '
        "the same run.</p>"
        '<fieldset class="link-choices"><legend>Put into it, too</legend>'
        + choice_html("text", "The text")
        + choice_html("code", "Your model code, which nobody runs unasked")
        + choice_html("model", "The whole trained model, to write with")
        + '<button type="button" class="link" id="link-to-models" hidden>Download its file'
        "</button></fieldset>"
        '<div class="link-row"><input type="text" id="link" readonly aria-label="Link" '
        'aria-describedby="link-length">'
        '<button type="button" class="primary" id="copy-link">Copy link</button></div>'
        '<p class="said" id="link-state" role="status"></p>'
        '<p class="said"><span id="link-length"></span> <span id="link-lacks"></span></p>'
        '<div class="qr" id="link-qr" role="img" aria-label="The link as a QR code" hidden></div>'
    )


def choice_html(name: str, label: str) -> str:
    """A box to tick, and what there is to say about it."""
    return (
        f'<p class="link-choice" id="link-{name}-choice"><label><input type="checkbox" '
        f'id="link-{name}" aria-describedby="link-about-{name}"> {label}</label> '
        f'<span class="said" id="link-about-{name}" role="status"></span></p>'
    )


def left_out(experiment: Experiment, has_code: bool) -> str:
    """What the link does not hold, as a sentence; "" if nothing is left out."""
    own = ["your own text"] if experiment.data == OWN else []
    own += ["your model code"] if experiment.code and not has_code else []
    return "It goes without " + " and ".join(own) + "." if own else ""


def about_text(text: str) -> str:
    """Which text it is."""
    if len(text) > MAX_SHOWN_TEXT:
        return f"“{text[:MAX_SHOWN_TEXT]}…”"
    return f"“{text}”"


def about_model(packed: PackedModelEvent) -> str:
    """Which model it is, or why no link can hold it."""
    facts, letters = packed["facts"], packed["num_letters"]
    if not packed["letters"]:
        return (
            f"With {facts['num_params']:,} parameters its link would have {letters:,} characters, "
            "more than most programs pass on: send its file."
        )
    steps = f", after {facts['steps']:,} steps" if facts["steps"] else ""
    code = " Its code goes with it." if packed["code"] else ""
    return f"{facts['num_params']:,} parameters{steps}, in 16 bits each.{code}"


def about_length(characters: int) -> str:
    """How long the link is, and what that means."""
    words = f"{characters:,} characters."
    if characters > LONG_LINK:
        words += " Some programs cut links that long: try it before you rely on it."
    if characters > MAX_QR_CHARACTERS:
        words += " Too long for a QR code."
    return words


def qr_fits(link: str) -> bool:
    """Whether a camera can read the link's QR code."""
    return len(link) <= MAX_QR_CHARACTERS
