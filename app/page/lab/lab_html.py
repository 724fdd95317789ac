"""The Lab as HTML: the list of experiments, and the place of the one that is open.

Plain Python that MicroPython understands.
"""

from app.page.views.save_html import save_buttons
from app.page.views.tiles import escape
from app.shared.presets import PRESETS
from app.shared.presets import groups as preset_groups
from microgpt.lab.axis import VARIABLE
from microgpt.lab.measures import MEASURES
from microgpt.lab.ready import READY

OWN_NAME = "own"  # of the user's own experiment in the list
MAX_AXES = 2  # of an experiment that is drawn
NOTHING = "nothing else"


def lab_html() -> str:
    """The whole place."""
    return (
        '<nav class="lessons experiments" aria-label="Experiments"><h2>Experiments</h2>'
        '<p class="lessons-words">Questions that take many models. Guess first, then let your '
        f"browser train them.</p>{list_html()}</nav>"
        '<div class="experiment"><header><h2 id="lab-title"></h2>'
        '<p class="lesson-lead" id="lab-meaning"></p></header>'
        f"{form_html()}"
        '<div id="lab-guess"></div>'
        '<div class="lab-bar"><button type="button" class="primary" id="lab-run">Run</button>'
        '<div class="lab-status" role="status" aria-label="Status of the experiment">'
        '<span id="lab-done"></span><span id="lab-left"></span></div>'
        '<progress id="lab-progress" max="1" value="0" aria-label="Progress of the experiment">'
        "</progress>"
        '<button type="button" id="lab-stop" disabled>Stop</button>'
        '<button type="button" id="lab-forget" disabled>Start over</button></div>'
        '<p class="notice" id="lab-problem" role="alert" hidden></p>'
        '<figure class="lab-picture" id="lab-picture" data-picture="lab" data-title="Experiment">'
        '<figcaption class="lab-caption"><span id="lab-caption"></span>'
        '<span class="lab-kinds unpictured" id="lab-kinds" role="group" aria-label="Drawn as" '
        'hidden><button type="button" class="small" data-kind="lines">Lines</button>'
        '<button type="button" class="small" data-kind="map">Map</button></span>'
        '<span class="save unpictured" role="toolbar" aria-label="Save the experiment">'
        f"{save_buttons('the experiment')}"
        '<button type="button" class="link" data-lab-save="csv" disabled '
        'aria-label="Save the results as CSV">CSV</button>'
        '<button type="button" class="link" data-lab-save="json" disabled '
        'aria-label="Save the results as JSON">JSON</button></span></figcaption>'
        '<div class="lab-figure" id="lab-figure"></div><p class="lab-empty" id="lab-empty" hidden>'
        "Nothing is trained yet.</p>"
        '<ol class="ranks" id="lab-ranks" aria-label="Documents by their influence" hidden></ol>'
        "</figure>"
        '<p class="lab-readout"><span id="lab-readout"></span> '
        '<button type="button" class="small" id="lab-open" hidden>Open in the playground</button>'
        "</p>"
        '<p class="lab-finding" id="lab-finding" aria-live="polite"></p>'
        '<p class="said" id="lab-source"></p>'
        '<details class="folded" id="lab-numbers"><summary>Numbers</summary>'
        '<div class="lab-table" id="lab-table" tabindex="0" role="region" '
        'aria-label="What was measured at each point"></div></details></div>'
    )


def list_html() -> str:
    """The experiments, as links."""
    items = []
    for number, ready in enumerate(READY):
        items.append(_item(ready.name, str(number + 1), ready.title, ""))
    items.append(_item(OWN_NAME, "+", "Your own", ' class="apart"'))
    return f'<ol id="experiments">{"".join(items)}</ol>'


def _item(name: str, sign: str, title: str, kind: str) -> str:
    address = "#place=lab" if name == OWN_NAME else f"#place=lab&amp;lab={name}"
    return (
        f'<li{kind}><a href="{address}" data-experiment="{name}">'
        f'<span class="lesson-sign" aria-hidden="true">{sign}</span>'
        f'<span class="lesson-name">{escape(title)}</span></a></li>'
    )


def form_html() -> str:
    """What makes an experiment of one's own."""
    return (
        '<form class="sweep" id="sweep" hidden>'
        f"{_field('sweep-data', 'Data', _select('sweep-data', _data_options()))}"
        f"{_axis_html(0)}{_axis_html(1)}"
        '<p class="said" id="sweep-help">Values with commas between them, or 0.001..0.1x8 for 8 '
        "that are spaced by a factor.</p>"
        f"{_field('sweep-seeds', 'Seeds', _number('sweep-seeds', 100))}"
        f"{_field('sweep-measure', 'Measure', _select('sweep-measure', _measure_options()))}"
        '<div class="sweep-field" id="sweep-output-field" hidden><label for="sweep-output">'
        'Of the text</label><input type="text" id="sweep-output" autocomplete="off" '
        'autocapitalize="off" spellcheck="false" maxlength="100"></div>'
        '<p class="sweep-base"><span id="sweep-base"></span> <button type="button" class="small" '
        'id="sweep-take">Take the playground’s settings</button></p>'
        '<p class="notice" id="sweep-problem" role="alert" hidden></p></form>'
    )


def _axis_html(number: int) -> str:
    name = f"sweep-axis-{number}"
    none = f'<option value="">{NOTHING}</option>' if number else ""
    options = "".join(
        [f'<option value="{row.name}">{escape(row.label)}</option>' for row in VARIABLE]
    )
    label = "Vary" if number == 0 else "and"
    return (
        f'<div class="sweep-axis">{_field(name, label, _select(name, none + options))}'
        f'<div class="sweep-field"><label for="sweep-values-{number}">Values</label>'
        f'<input type="text" id="sweep-values-{number}" autocomplete="off" autocapitalize="off" '
        'spellcheck="false" aria-describedby="sweep-help"></div></div>'
    )


def _field(name: str, label: str, widget: str) -> str:
    return f'<div class="sweep-field"><label for="{name}">{label}</label>{widget}</div>'


def _select(name: str, options: str) -> str:
    return f'<select id="{name}">{options}</select>'


def _number(name: str, most: int) -> str:
    return f'<input type="number" id="{name}" min="1" max="{most}" step="1" inputmode="numeric">'


def _data_options() -> str:
    options = []
    for group in preset_groups():
        rows = [preset for preset in PRESETS if preset.group == group]
        inner = "".join(
            [f'<option value="{row.name}">{escape(row.title)}</option>' for row in rows]
        )
        options.append(f'<optgroup label="{escape(group)}">{inner}</optgroup>')
    return "".join(options) + '<option value="own">Your own</option>'


def _measure_options() -> str:
    return "".join([f'<option value="{row.name}">{escape(row.title)}</option>' for row in MEASURES])
