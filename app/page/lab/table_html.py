"""What was measured, as text: a table of all points, and documents by their influence.

Plain Python that MicroPython understands.
"""

from math import exp

from app.page.lab.experiments import LabExperiment
from app.page.lab.picture import figure, point_id
from app.page.lab.told import Told
from app.page.views.tiles import escape
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.lab import SweptPoint

MAX_HELPED, MAX_HINDERED = 14, 6  # documents that are drawn, of more than both


def table_html(experiment: LabExperiment, told: Told) -> str:
    """A row for each point, with a button that opens its first run."""
    title = escape(experiment.measure.title)
    rows = []
    for sweep in range(len(experiment.sweeps)):
        for place in range(experiment.num_points(sweep)):
            point = told.points.get((sweep, place))
            if point is not None and point["done"]:
                rows.append(_row(experiment, point))
    if not rows:
        return '<p class="said">Nothing has been measured yet.</p>'
    return (
        '<table><thead><tr><th scope="col">Settings</th><th scope="col">Runs</th>'
        f'<th scope="col">{title}</th><th scope="col">4 in 5 lie between</th>'
        '<th scope="col"><span class="hidden">Open</span></th></tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _row(experiment: LabExperiment, point: "SweptPoint") -> str:
    sweep, place, middle = point["sweep"], point["place"], point["middle"]
    words = experiment.words(sweep, place)
    median, between = "–", ""
    if middle:
        low, median, high = [figure(experiment.measure, value) for value in middle]
        between = f"{low} to {high}" if point["done"] > 1 else ""
    if point["diverged"]:
        between = f"{between} ({point['diverged']} diverged)".strip()
    name = point_id(sweep, place, experiment.first_seed(sweep))
    return (
        f'<tr><th scope="row">{escape(words)}</th><td>{point["done"]}</td><td>{median}</td>'
        f'<td>{between}</td><td><button type="button" class="link" data-opens="{name}" '
        f'aria-label="Open {escape(words)} in the playground">Open</button></td></tr>'
    )


def point_words(experiment: LabExperiment, point: "SweptPoint", seed: int | None) -> str:
    """What is said of a point that is pointed at."""
    words = experiment.words(point["sweep"], point["place"])
    value = ""
    if seed is not None:
        found = [each[1] for each in point["runs"] if each[0] == seed]
        words = f"Seed {seed}"
        value = figure(experiment.measure, found[0]) if found else ""
    elif point["middle"]:
        low, median, high = [figure(experiment.measure, each) for each in point["middle"]]
        value = median
        if point["done"] > 1:
            value += f", 4 of 5 runs from {low} to {high}"
    elif point["diverged"]:
        value = "diverged"
    said = f"{words}: {value}." if value else f"{words}."
    sample = point["sample"]
    return f"{said} It writes “{sample}”." if sample and seed is None else said


def ranks_html(ranks: "list[tuple[str, float, float, bool]]") -> str:
    """Documents with a bar each: by how much they made the text likelier, or less likely."""
    shown = ranks
    if len(ranks) > MAX_HELPED + MAX_HINDERED:
        shown = ranks[:MAX_HELPED] + ranks[-MAX_HINDERED:]
    if not shown:
        return ""
    # A loss that falls by 1 is a text that is e times as likely.
    largest = max([abs(difference) + 2 * error for _, difference, error, _ in shown])
    rows = []
    for text, difference, error, clear in shown:
        helped = -difference
        ends = sorted([0.0, helped])
        whiskers = [_percent(value, largest) for value in (helped - 2 * error, helped + 2 * error)]
        words = f"{exp(helped):.2g} times as likely"
        rows.append(
            f'<li class="rank{"" if clear else " unclear"}"><span class="rank-text">'
            f'{escape(text)}</span><span class="rank-line" data-style="'
            f"--from: {_percent(ends[0], largest)}; --to: {_percent(ends[1], largest)}; "
            f'--low: {whiskers[0]}; --high: {whiskers[1]}" aria-hidden="true">'
            f'<i class="rank-bar {"up" if helped > 0 else "down"}"></i>'
            f'<i class="rank-error"></i></span><span class="rank-words">{words}'
            f'<span class="hidden">{"" if clear else ", within the noise"}</span></span></li>'
        )
    return "".join(rows)


def _percent(value: float, largest: float) -> str:
    """A place on a line whose middle is 0."""
    return f"{50 + 50 * value / largest:.1f}%"
