"""The marks of a run's course as HTML.

Plain Python that MicroPython understands.
"""

from app.page.views.tiles import escape

LABEL_PIXELS = 130  # that the words of a mark take, about
ROWS = 3  # of words, where marks stand close together


def marks_html(marks: list[tuple[float, str]], kept: list[float], width: float) -> str:
    """Lines where something was changed, with the words, and dots where one can go back to.

    Args:
        marks: (place, words) of each change, in order; places in pixels from the left.
        kept: the places of the steps that are kept.
        width: of the picture.
    """
    html = [f'<i class="course-kept" data-style="--x: {place:.1f}px"></i>' for place in kept]
    ends = [-1.0] * ROWS  # of the words in each row
    for place, words in marks:
        row = ends.index(min(ends))
        free = [number for number, end in enumerate(ends) if end < place]
        row = free[0] if free else row
        ends[row] = place + LABEL_PIXELS
        side = " before" if place > width - LABEL_PIXELS else ""
        html.append(
            f'<span class="course-mark{side}" data-style="--x: {place:.1f}px; --row: {row}">'
            f"<span>{escape(words)}</span></span>"
        )
    return "".join(html)
