"""A closer look at a run, as HTML.

Plain Python that MicroPython understands.
"""

from app.page.views.tiles import escape
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.meaning import MatrixFacts

BARS = (123, 40)  # width and height of a histogram, in its own units
PANEL_HTML = """
<div class="closer-tools">
<div class="zoom" role="toolbar" aria-label="Zoom">
<button type="button" class="small" id="zoom-in">Zoom in</button>
<button type="button" class="small" id="zoom-out" disabled>Zoom out</button>
<button type="button" class="small" id="zoom-whole" disabled>Whole run</button></div>
<span><input type="checkbox" id="log-steps"> <label for="log-steps">Logarithmic steps</label></span>
<span><input type="checkbox" id="log-loss"> <label for="log-loss">Logarithmic loss</label></span>
<p class="closer-words">Or drag over the chart with Shift, or turn the wheel with Ctrl.</p>
</div>
<figure class="strip" data-picture="gradient" data-title="Length of the gradient">
<figcaption><label for="norm-of">Length of the gradient</label> <select id="norm-of"></select>
<output id="norm-said"></output></figcaption>
<p class="empty" id="norm-none">It is measured from now on: train, and watch it.</p>
<div id="norm-strip"></div></figure>
<figure class="strip" data-picture="learning-rate" data-title="Learning rate">
<figcaption>Learning rate <output id="rate-said"></output></figcaption>
<div id="rate-strip"></div></figure>
<h3>Weights of each matrix <span id="weights-step"></span></h3>
<ul id="weight-histograms" class="histograms"></ul>
"""


def options_html(names: list[str], chosen: str) -> str:
    """The whole gradient and its part for each matrix, to choose from."""
    options = [("", "of all weights")] + [(name, name) for name in names]
    return "".join(
        [
            f'<option value="{escape(name)}"{" selected" if name == chosen else ""}>'
            f"{escape(words)}</option>"
            for name, words in options
        ]
    )


def histograms_html(matrices: "list[MatrixFacts]") -> str:
    """How the weights of each matrix are spread."""
    return "".join([_histogram_html(matrix) for matrix in matrices])


def _histogram_html(matrix: "MatrixFacts") -> str:
    width, height = BARS
    counts, limit = matrix["counts"], matrix["limit"]
    step, most = width / len(counts), max(counts)
    path = "".join(
        [
            f"M{i * step:.1f} {height}v-{height * count / most:.1f}h{step - 0.4:.1f}V{height}z"
            for i, count in enumerate(counts)
            if count
        ]
    )
    words = (
        f"from {-limit:.2g} to {limit:.2g}, mean {matrix['mean']:.2g}, "
        f"spread {matrix['deviation']:.2g}"
    )
    name = escape(matrix["name"])
    return (
        f'<li><span class="matrix-name">{name}</span>'
        f'<svg viewBox="0 0 {width} {height}" role="img" aria-label="Weights of {name}: {words}">'
        f'<path d="{path}"/></svg><span class="matrix-words">{words}</span></li>'
    )
