"""The dialog of models as HTML and words.

Plain Python that MicroPython understands.
"""

from app.page.data_key import kept_unit, key_title
from app.page.notices import data_title
from app.page.views.tiles import escape, quoted
from app.shared.experiment import Experiment
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any

NO_MODEL = "There is no model of yours yet: train one, or open one."
NONE_SAVED = "Saved models are listed here. They stay in this browser."
# By the name of an export, see `microgpt.export`: what it is called.
EXPORT_LABELS = [
    ("python", "Python that trains it"),
    ("weights", "Python with its weights"),
    ("pytorch", "PyTorch"),
]
CONTENTS_HTML = """
<p id="models-problem" class="notice" role="alert" hidden></p>
<p id="models-said" class="notice changed" role="status" hidden>
<span></span> <button type="button" class="small" id="models-undo" hidden>Undo</button></p>
<div id="models-question" class="question" hidden><p id="models-asked"></p>
<pre id="models-code" class="brought-code" tabindex="0" aria-label="The model's code"></pre>
<button type="button" class="primary" id="models-agree"></button>
<button type="button" id="models-cancel">Cancel</button></div>
<form id="save-model" class="save-model">
<p id="model-facts" class="about-models"></p>
<label for="model-title">Name</label>
<input type="text" id="model-title" maxlength="60" autocomplete="off" spellcheck="false" required>
<button type="submit" class="primary" id="save-model-button">Save</button>
<span class="files"><button type="button" id="download-model">Download model</button>
<button type="button" id="open-model">Open model</button></span>
<span class="files"><button type="button" id="export-model">Export</button> as
<select id="export-kind" aria-label="Kind of export">{}</select></span>
</form>
<h3>Saved models</h3>
<ul id="saved-models" class="kept-list" aria-label="Saved models"></ul>
<div id="earlier" hidden><h3>Earlier work</h3>
<ul id="earlier-work" class="kept-list" aria-label="Earlier work"></ul></div>
<h3>Everything</h3>
<p id="storage-used" class="about-models"></p>
<p class="files"><button type="button" id="export-all">Export all</button>
<button type="button" id="import-all">Import all</button>
<button type="button" id="forget-all">Forget everything</button></p>
"""


def contents_html() -> str:
    """All of the dialog."""
    options = [f'<option value="{kind}">{words}</option>' for kind, words in EXPORT_LABELS]
    return CONTENTS_HTML.format("".join(options))


def size_words(size: float) -> str:
    """A number of bytes in words: 900 bytes, 34 kB, 1.2 MB."""
    if size < 1000:
        return f"{size:.0f} bytes"
    if size < 1e6:
        return f"{size / 1e3:.0f} kB"
    return f"{size / 1e6:.1f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"


def model_words(about: "dict[str, Any]") -> str:
    """What a model is, in a few words.

    about: its number of parameters, the name of its data, its steps, and its held-out loss or None.
    """
    words = [f"{about['num_params']:,} parameters", data_title(about["data"])]
    words.append(f"{about['step']:,} step{'' if about['step'] == 1 else 's'}")
    if about["held_out"] is not None:
        words.append(f"held out {about['held_out']:.2f}")
    if about["has_code"]:
        words.append("own code")
    return ", ".join(words)


def session_words(fragment: str, run: "dict[str, Any] | None") -> str:
    """What an earlier visit has kept, in a few words.

    Args:
        fragment: of its address.
        run: what `kept_run` says of its run, None where there is none.
    """
    if run is None:
        experiment = Experiment()
        experiment.read_address(fragment)
        return f"Settings and text, {key_title((experiment.data, 0, experiment.leave_out))}"
    step, num_steps = run["step"], run["series"]["num_steps"]
    words = f"{key_title(kept_unit(run)[0])}, step {step:,} of {num_steps:,}"
    return f"{words}, opened from {run['opened']}" if run["opened"] else words


def row_html(key: str, title: str, words: str, buttons: "list[tuple[str, str]]") -> str:
    """One line of a list.

    Args:
        key: what the buttons are about.
        title: what it is called.
        words: what else is said of it.
        buttons: (action, label) of each.
    """
    named = quoted(title)
    made = "".join(
        [
            f'<button type="button" class="small" data-action="{action}" '
            f'aria-label="{label} ‘{named}’">{label}</button> '
            for action, label in buttons
        ]
    )
    return (
        f'<li data-key="{quoted(key)}"><span class="kept-words"><strong>{escape(title)}</strong> '
        f"<small>{escape(words)}</small></span><span>{made}</span></li>"
    )
