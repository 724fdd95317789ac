"""The table of runs as HTML.

Plain Python that MicroPython understands.
"""

from app.page.past_run import PastRun
from app.page.runs.columns import (
    CURRENT_COLOUR,
    NAME,
    NO_COLOUR,
    is_number,
    swatch,
    title_of,
    words_in,
)
from app.page.views.tiles import escape, quoted
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

RUNS_HTML = """
<div class="runs-tools">
<div class="runs-buttons" role="toolbar" aria-label="With the chosen runs">
<button type="button" class="small" data-act="compare">Compare</button>
<button type="button" class="small" data-act="hide">Hide</button>
<button type="button" class="small" data-act="rename">Rename</button>
<button type="button" class="small" data-act="pin">Pin</button>
<button type="button" class="small" data-act="delete">Delete</button></div>
<span class="runs-colour"><label for="runs-colour">Colour by</label>
<select id="runs-colour"></select></span>
<span class="save runs-save" role="toolbar" aria-label="Save the table">
<button type="button" class="link" data-act="csv" aria-label="Save the table as CSV">CSV</button>
<button type="button" class="link" data-act="json" aria-label="Save the table as JSON">JSON</button>
</span></div>
<p id="runs-said" class="notice changed" role="status" hidden>
<span></span> <button type="button" class="small" data-act="undo" hidden>Undo</button></p>
<form id="runs-naming" class="runs-naming" hidden><label for="runs-title">Name of the run</label>
<input type="text" id="runs-title" maxlength="60" autocomplete="off" spellcheck="false">
<button type="submit" class="small">Name it</button>
<button type="button" class="small" data-act="cancel">Cancel</button></form>
<div class="runs-scroll" tabindex="0" role="region" aria-label="Table of runs">
<table class="runs-table"><thead id="runs-head"></thead><tbody id="runs-rows"></tbody></table></div>
<p class="view-words">Press the name of a run to show it again, with its settings and its model.
Choose two to compare them.</p>
<section id="comparison" class="comparison" aria-label="Two runs compared" hidden></section>
"""


def head_html(columns: list[str], runs: list[PastRun], by: str, descending: bool) -> str:
    """The row of titles, which are buttons that sort.

    Args:
        columns: the columns behind the names.
        runs: what is listed.
        by: the column that they are in the order of, "" for none.
        descending: whether in descending order.
    """
    cells = ['<th class="choose"><span class="hidden">Choose</span></th>']
    for column in [NAME] + columns:
        sort, arrow = "none", ""
        if column == by:
            sort = "descending" if descending else "ascending"
            arrow = " ↓" if descending else " ↑"
        kind = "number" if column != NAME and is_number(column, runs) else "words"
        cells.append(
            f'<th scope="col" class="{kind}" aria-sort="{sort}"><button type="button" '
            f'class="link" data-sort="{column}" data-spot="{column}">'
            f"{escape(title_of(column))}{arrow}</button></th>"
        )
    return f"<tr>{''.join(cells)}</tr>"


def rows_html(
    columns: list[str],
    runs: list[PastRun],
    colours: "Mapping[str, str | float]",
    chosen: list[str],
) -> str:
    """The rows.

    Args:
        columns: the columns behind the names.
        runs: what is listed, in order; the current one has no key.
        colours: of their curves by key.
        chosen: the keys of those that are.
    """
    kinds = ["number" if is_number(column, runs) else "words" for column in columns]
    rows = []
    for run in runs:
        title, key = quoted(run.title), quoted(run.key)
        colour = swatch(colours.get(run.key, NO_COLOUR) if run.key else CURRENT_COLOUR)
        checked = " checked" if run.key in chosen else ""
        notes = [] if run.key else ["now"]
        notes += ["pinned"] if run.pinned else []
        notes += ["hidden"] if run.hidden else []
        noted = f" <small>{', '.join(notes)}</small>" if notes else ""
        name = f"<span>{title}</span>"
        if run.key:
            spot = f'data-show data-spot="show {key}"'
            name = f'<button type="button" class="link" {spot}>{title}</button>'
        cells = [
            f'<td class="choose"><input type="checkbox" aria-label="Choose {title}" '
            f'data-spot="choose {key}"{checked}></td>',
            f'<th scope="row"><i class="swatch" data-style="--swatch: {colour}"></i>'
            f"{name}{noted}</th>",
        ]
        for column, kind in zip(columns, kinds):
            cells.append(f'<td class="{kind}">{escape(words_in(column, run))}</td>')
        hidden = ' class="hidden-run"' if run.hidden else ""
        rows.append(f'<tr data-key="{key}"{hidden}>{"".join(cells)}</tr>')
    return "".join(rows)


def options_html(columns: list[str], by: str) -> str:
    """What curves can be coloured by."""
    options = [("", "nothing")] + [(column, title_of(column)) for column in columns]
    return "".join(
        [
            f'<option value="{value}"{" selected" if value == by else ""}>{escape(title)}</option>'
            for value, title in options
        ]
    )
