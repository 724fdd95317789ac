"""Two runs compared, as HTML.

Plain Python that MicroPython understands.
"""

from app.page.past_run import PastRun
from app.page.run_names import differing
from app.page.runs.columns import RESULTS, title_of, value_in, words_in
from app.page.views.tiles import END, escape, quoted
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.page.aliases import JsProxy

    Upcoming = list[tuple[str, float]]

MAX_COMPARED_TOKENS = 28  # that have bars: as many as the US names have
CURVES_SIZE = (560, 150)  # of the picture with the curves
CURVES_PADDING = 6  # above and below them
SIDES = ("one", "other")  # classes of the two
FRAME_HTML = '<h5 id="compared-moment" class="compared-moment"></h5><div id="compared-bars"></div>'


def comparison_html(one: PastRun, other: PastRun) -> str:
    """The frame, with settings, results and curves; models come when they have answered."""
    heads = "".join(
        [f'<th scope="col">{_named(run, side)}</th>' for run, side in _sides(one, other)]
    )
    samples = "".join(
        [
            f'<div><h5>{_named(run, side)}</h5><ol id="compared-samples-{place}" '
            f'class="compared-samples" aria-label="Written by {quoted(run.title)}"></ol></div>'
            for place, (run, side) in enumerate(_sides(one, other))
        ]
    )
    return (
        '<div class="view-head"><h4>Two runs compared</h4><button type="button" class="link" '
        'data-close aria-label="Close Two runs compared">Close</button></div>'
        f'<div class="compared"><div><table class="compared-table"><thead><tr><td></td>{heads}'
        f"</tr></thead><tbody>{facts_html(one, other)}</tbody></table></div>"
        f"<figure><figcaption>Smoothed loss, {_steps(one, other):,} steps</figcaption>"
        f"{curves_svg(one, other)}</figure></div>"
        f"{FRAME_HTML}"
        f'<div class="compared">{samples}</div>'
    )


def facts_html(one: PastRun, other: PastRun) -> str:
    """The rows in which they differ, then what came of them."""
    rows = differing([one, other])
    html = [_row(column, one, other, "") for column in rows]
    if not rows:
        html.append('<tr><td colspan="3">All settings are the same.</td></tr>')
    for column, _ in RESULTS:
        values = [value_in(column, run) for run in (one, other)]
        tokens_differ = one.unit != other.unit or one.chars_per_token > 1
        if values == [None, None] or (column == "per_char" and not tokens_differ):
            continue
        html.append(_row(column, one, other, ' class="result"'))
    return "".join(html)


def curves_svg(one: PastRun, other: PastRun) -> str:
    """Both curves in one picture, on the same axes."""
    width, height = CURVES_SIZE
    curves = [points(run.curve) for run in (one, other)]
    all_points = [point for curve in curves for point in curve]
    if not all_points:
        return ""
    last = max([step for step, _ in all_points] + [1])
    losses = [loss for _, loss in all_points]
    low, high = min(losses), max(losses)
    lines = []
    for side, curve in zip(SIDES, curves):
        shown = []
        for step, loss in curve:
            x = step / last * width
            share = (high - loss) / max(high - low, 1e-9)
            y = CURVES_PADDING + share * (height - 2 * CURVES_PADDING)
            shown.append(f"{x:.1f},{y:.1f}")
        lines.append(f'<polyline class="{side}" points="' + " ".join(shown) + '"/>')
    label = f"From {high:.2f} down to {low:.2f}"
    return (
        f'<svg class="compared-curves" viewBox="0 0 {width} {height}" role="img" '
        f'preserveAspectRatio="none" aria-label="{label}">' + "".join(lines) + "</svg>"
        f'<p class="compared-range"><span>{high:.2f}</span> to <span>{low:.2f}</span></p>'
    )


def points(curve: "JsProxy") -> "list[tuple[float, float]]":
    """A curve as a list; none of a run that has no curve."""
    if curve is None:
        return []
    flat = list(curve)
    return [(flat[i], flat[i + 1]) for i in range(0, len(flat), 2)]


def bars_html(one: "Upcoming", other: "Upcoming", problems: list[str]) -> str:
    """The next token's probabilities of both, two bars for each token.

    Args:
        one, other: (token's text, probability) of the likeliest, the end as "".
        problems: a sentence for each on why it says nothing, or "".
    """
    said = "".join(
        [
            f'<p class="compared-problem"><i class="swatch {side}"></i>{escape(problem)}</p>'
            for side, problem in zip(SIDES, problems)
            if problem
        ]
    )
    first, second = dict(one), dict(other)
    tokens = list(set(list(first.keys()) + list(second.keys())))
    tokens = sorted(tokens, key=lambda text: -max(first.get(text, 0.0), second.get(text, 0.0)))
    # The end stands behind all letters, as in the case of type.
    tokens = sorted(tokens[:MAX_COMPARED_TOKENS], key=lambda text: (text == "", text))
    top = max([1e-9] + list(first.values()) + list(second.values()))
    items = []
    for text in tokens:
        shares = first.get(text, 0.0), second.get(text, 0.0)
        inks = "".join(
            [
                f'<i class="{side}" data-style="--share: {share / top:.4f}"></i>'
                for side, share in zip(SIDES, shares)
            ]
        )
        name = escape(text).replace(" ", "␣").replace("\n", "↵") if text else END
        kind = "" if text else " end"
        said_shares = f"{shares[0]:.1%} and {shares[1]:.1%}"
        items.append(
            f'<li title="{said_shares}">'
            f'<span class="compared-inks" aria-hidden="true">{inks}</span>'
            f'<span class="tile small-tile{kind}">{name}</span>'
            f'<span class="hidden">{said_shares}</span></li>'
        )
    label = "Probabilities of the next token, of both models"
    bars = f'<ol class="compared-bars" aria-label="{label}" tabindex="0">{"".join(items)}</ol>'
    return said + (bars if items else "")


def samples_html(samples: list[str]) -> str:
    """What a model has written."""
    return "".join(
        [f'<li><span class="set">{escape(text) or "&nbsp;"}</span></li>' for text in samples]
    )


def _sides(one: PastRun, other: PastRun) -> "list[tuple[PastRun, str]]":
    return [(one, SIDES[0]), (other, SIDES[1])]


def _named(run: PastRun, side: str) -> str:
    return f'<i class="swatch {side}"></i>{escape(run.title)}'


def _row(column: str, one: PastRun, other: PastRun, kind: str) -> str:
    cells = "".join([f"<td>{escape(words_in(column, run))}</td>" for run in (one, other)])
    return f'<tr{kind}><th scope="row">{escape(title_of(column))}</th>{cells}</tr>'


def _steps(one: PastRun, other: PastRun) -> int:
    return max(int(one.kept["step"]), int(other.kept["step"]))
