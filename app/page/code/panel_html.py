"""The panel of the model code as HTML and words.

Plain Python that MicroPython understands.
"""

from app.page.code_check import CodeCheck
from app.page.views.tiles import escape
from app.shared.typed import Any

FITS_UNEDITED = "The model as it came."
ABOUT_LOSSES = (
    "Beside each: its held-out loss on US first names after 1,000 steps, mean and spread of ten "
    "runs. As it came, the model has {}."
)
NOT_READ = "Python is reading the code."


def state_words(check: CodeCheck, edited: bool) -> str:
    """One line on whether the code fits; `edited`: whether it is another than at first."""
    if not edited:
        return FITS_UNEDITED
    if check.problem:
        return check.problem
    if not check.known or not check.num_params:
        return NOT_READ
    return f"Fits: {check.num_params:,} parameters."


def panel_html(edits: "list[dict[str, Any]]", held_out: "dict[str, float] | None") -> str:
    """The panel with its gallery.

    Args:
        edits: as `code.json` has them.
        held_out: the held-out loss of the model as it came, None where it is not known.
    """
    rows = "".join([edit_html(each) for each in edits])
    about = ABOUT_LOSSES.format(loss_words(held_out)) if held_out is not None else ""
    return (
        '<div class="code-bar">'
        '<button type="button" class="primary small" id="code-train" '
        'data-lock="training train">Train</button>'
        '<button type="button" class="small" id="code-reset">Reset</button>'
        '<button type="button" class="small" id="code-of-run" hidden>Code of the last run</button>'
        '<button type="button" class="small" id="code-changes" aria-pressed="false">'
        'Show what is changed</button><p class="code-run" id="code-run"></p></div>'
        '<p class="code-said"><span class="code-state" id="code-state" role="status"></span> '
        '<button type="button" class="link" id="code-line" hidden></button></p>'
        '<div class="code-columns"><div id="code-editor"></div>'
        '<div class="code-gallery"><h4 id="gallery-heading">Edits to try</h4>'
        f'<p class="about-losses">{about}</p>'
        f'<ol id="code-gallery" aria-labelledby="gallery-heading">{rows}</ol></div></div>'
    )


def edit_html(edit: "dict[str, Any]") -> str:
    """A line of the gallery.

    >>> edit_html({"name": "silu", "title": "SiLU", "sentence": "Smooth.", "held_out": None})
    '<li><button type="button" class="edit" data-edit="silu">SiLU</button><p>Smooth.</p></li>'
    """
    loss = edit["held_out"]
    figures = f'<span class="figures">{loss_words(loss)}</span>' if loss is not None else ""
    return (
        f'<li><button type="button" class="edit" data-edit="{edit["name"]}">'
        f"{escape(edit['title'])}</button>{figures}<p>{escape(edit['sentence'])}</p></li>"
    )


def loss_words(loss: "dict[str, float]") -> str:
    """A mean loss and its spread.

    >>> loss_words({"mean": 2.3456, "std": 0.0123})
    '2.346\\xa0±\\xa00.012'
    """
    return f"{loss['mean']:.3f}\u00a0±\u00a0{loss['std']:.3f}"
