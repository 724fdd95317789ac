"""The HTML of Learn: the list of lessons, the place of a program, and that of One scalar.

Plain Python that MicroPython understands.
"""

from app.page.learn.lessons import LESSONS
from app.page.views.save_html import save_html
from app.page.views.tiles import escape
from app.shared.places import PROGRAMS, SCALAR

EXAMPLES = ("a*b + c", "relu(a*w + b)", "(a - b)**2", "log(exp(a) + exp(b))")
PLAIN_DATA = "US first names"


def learn_html() -> str:
    """The whole place."""
    return (
        '<nav class="lessons" aria-label="Lessons"><h2>One thing at a time</h2>'
        '<p class="lessons-words">Six programs, each complete, in Python alone. Each adds one '
        f"thing to the one before.</p>{lessons_html()}</nav>"
        '<div class="lesson"><header class="lesson-head"><h2 id="lesson-title"></h2>'
        '<p class="lesson-lead" id="lesson-lead"></p></header>'
        f"{program_html()}{scalar_html()}</div>"
    )


def lessons_html() -> str:
    """The list of lessons, as links."""
    items = []
    for name in PROGRAMS:
        lesson = LESSONS[name]
        sign = "∂" if name == SCALAR else name
        kind = ' class="apart"' if name == SCALAR else ""
        items.append(
            f'<li{kind}><a href="#place=learn&amp;program={name}" data-program="{name}">'
            f'<span class="lesson-sign" aria-hidden="true">{sign}</span>'
            f'<span class="lesson-name">{lesson.title}</span> '
            f'<span class="lesson-adds">{escape(lesson.adds)}</span></a></li>'
        )
    return f'<ol id="lessons">{"".join(items)}</ol>'


def program_html() -> str:
    """Where a program is shown and run."""
    return (
        '<div class="program" id="program">'
        '<div class="program-bar"><button type="button" class="primary" id="run">Run</button>'
        '<label class="program-field">Steps <input type="number" id="run-steps" min="1" '
        'max="100000" step="1" inputmode="numeric"></label>'
        '<label class="program-field" id="run-data-field">Data <select id="run-data"></select>'
        '</label><p class="program-status" id="run-status" role="status"></p>'
        '<p class="notice" id="run-notice" role="alert" hidden></p></div>'
        '<div class="program-parts"><section class="program-code" aria-label="Program">'
        '<div class="program-tools"><div class="switch" id="compare" role="group" '
        'aria-label="What of the program is shown">'
        '<button type="button" class="small" data-compare="new">What is new</button>'
        '<button type="button" class="small" data-compare="all">Whole program</button></div>'
        '<button type="button" class="small" id="reset-program" disabled>Reset</button>'
        '<p class="program-notes" id="program-notes"></p></div><div id="editors"></div></section>'
        '<section class="program-side" aria-label="Run">'
        '<figure class="chart" id="run-chart" data-picture="program-loss" '
        'data-title="Loss over the steps of a program"><figcaption class="legend">'
        '<span class="key raw">loss of each step</span><span class="key smooth">smoothed</span>'
        '<span class="key guess">guessing</span><span class="key old" hidden>past runs</span>'
        '<button type="button" class="link clear" id="clear-runs" hidden>Clear</button>'
        '<span class="left-out" hidden>Runs on other data are left out.</span>'
        f'<output class="chart-readout"></output>{save_html("the chart")}</figcaption>'
        '<div class="plot" role="img" aria-label="Loss over the steps of the run"></div></figure>'
        '<h3 id="output-heading">Output</h3><div class="output" id="output" role="log" '
        'aria-live="off" aria-labelledby="output-heading" tabindex="0"></div>'
        "</section></div></div>"
    )


def scalar_html() -> str:
    """Where an expression is taken apart."""
    examples = "".join(
        [
            f'<button type="button" class="small example" data-example="{text}">{text}</button>'
            for text in EXAMPLES
        ]
    )
    return (
        '<div class="scalar view" id="scalar">'
        '<div class="expression"><label for="expression">Expression</label>'
        '<input type="text" id="expression" autocomplete="off" autocapitalize="off" '
        'autocorrect="off" spellcheck="false" maxlength="200" '
        f'aria-describedby="expression-problem expression-words" value="{EXAMPLES[0]}">'
        f'<div class="examples" role="group" aria-label="Examples">{examples}</div>'
        '<p class="said" id="expression-words">Names, numbers, + − * / **, and exp, log, relu.</p>'
        '<p class="notice" id="expression-problem" role="status" hidden></p></div>'
        '<div class="numbers" id="numbers" role="group" aria-label="Numbers"></div>'
        '<div class="walk"><button type="button" id="scalar-back">Back</button>'
        '<button type="button" class="primary" id="scalar-next">Next</button>'
        '<button type="button" id="scalar-play" aria-pressed="false">Play</button>'
        '<p class="walk-place" id="walk-place"></p>'
        f"{save_html('the graph', of='scalar-graph')}"
        '<p class="walk-words" id="walk-words" aria-live="polite"></p></div>'
        '<div class="view-body"><div class="scalar-graph" id="scalar-graph" tabindex="0" '
        'data-picture="scalar-graph" data-title="An expression and its gradients" '
        'role="img" aria-label="Graph of the expression"></div><div class="step-tree" '
        'id="scalar-tree"></div></div><p class="exact" aria-live="polite"></p></div>'
    )
