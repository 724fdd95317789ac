"""What a run means, as HTML.

Plain Python that MicroPython understands.
"""

from app.page.series import LossSeries
from app.page.views.tiles import escape

GAPS = {
    "learning": "it learns",
    "between": "it learns, and memorises a little",
    "memorising": "it memorises",
}
WAITING = "Its lines are being judged."
MEANING_HTML = """
<dl id="meaning-facts" class="meaning-facts"></dl>
<table class="nearest"><caption>Lines that it wrote, and the line of the data that is nearest to
each</caption><thead><tr><th scope="col">written</th><th scope="col">in the data</th><th
scope="col">edits</th></tr></thead><tbody id="nearest-rows"></tbody></table>
"""


def facts_html(series: LossSeries) -> str:
    """The figures behind the verdict, as terms and what is said of them."""
    rows = [(name, f"{loss:.2f}") for name, loss in series.baselines]
    rows = [("Counting", ", ".join([f"{name}s {words}" for name, words in rows]))] if rows else []
    learned = series.learned
    if learned is None:
        return _list(rows + [("Verdict", WAITING)])
    if learned["gap"]:
        words = (
            f"{learned['train_loss']:.3f} on documents that it was trained on, "
            f"{learned['held_out_loss']:.3f} on others: {GAPS[learned['gap']]}"
        )
        rows.append(("Loss", words))
    if learned["whole"]:
        count = learned["count"]
        words = f"{round(learned['in_data'] * count)} of {count} lines that it wrote"
        rows.append(("Stand in the data", words))
    rows.append(("Different from each other", f"{learned['different']:.0%} of them"))
    words = (
        f"two lines differ in {learned['diversity']:.0%} of their letters, "
        f"two of the data in {learned['data_diversity']:.0%}"
    )
    rows.append(("Diversity", words))
    return _list(rows)


def nearest_html(rows: "list[tuple[str, str, int]]") -> str:
    """Rows of a table: a line, the nearest one of the data, and the edits between them."""
    html = []
    for line, nearest, edits in rows:
        same = ' class="same"' if not edits else ""
        html.append(
            f"<tr{same}><td>{escape(line)}</td><td>{escape(nearest)}</td>"
            f"<td>{edits if edits else 'the same'}</td></tr>"
        )
    return "".join(html)


def _list(rows: "list[tuple[str, str]]") -> str:
    return "".join([f"<dt>{escape(term)}</dt><dd>{escape(words)}</dd>" for term, words in rows])
