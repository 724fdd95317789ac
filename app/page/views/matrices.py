"""The matrices of a model as the rows of a table: equal layers stand together.

Plain Python that MicroPython understands.
"""

from app.page.views.flow.steps import short_name
from app.page.views.flow.words import matrix_words
from app.page.views.tiles import escape


def breakdown_html(matrices: "list[tuple[str, int, int, int]]") -> str:
    """How many weights each matrix has; those of one name and size in several layers are one row.

    Args:
        matrices: name, rows, columns and the first operation that uses it (-1: none).
    """
    groups: list[tuple[str, int, int, bool, list[str]]] = []
    places: dict[tuple[str, int, int, bool], int] = {}
    for full_name, rows, columns, node in matrices:
        name, used = short_name(full_name), node >= 0
        key = name, rows, columns, used
        if key not in places:
            places[key] = len(groups)
            groups.append((name, rows, columns, used, []))
        groups[places[key]][4].append(full_name)
    names = [name for name, _, _, _, _ in groups]
    return "".join(_row(*group, names.count(group[0]) > 1) for group in groups)


def _row(
    name: str, rows: int, columns: int, used: bool, members: list[str], ambiguous: bool
) -> str:
    copies = len(members)
    size = f"{rows} × {columns}" + (f" × {copies}" if copies > 1 else "")
    words = matrix_words(name)
    shown = ", ".join(members) if ambiguous else name
    label = f"{words} <code>{escape(shown)}</code>" if words else f"<code>{escape(shown)}</code>"
    if not used:
        label += ' <span class="unused">not used</span>'
    count = rows * columns * copies
    return f'<tr><th scope="row">{label}</th><td>{size}</td><td>{count:,}</td></tr>'
