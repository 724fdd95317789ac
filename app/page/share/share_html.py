"""The frame of the Share dialog as HTML.

Plain Python that MicroPython understands.
"""

from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def share_html(pages: "list[Any]") -> str:
    """The tabs, none where there is one page alone, and behind them the pages."""
    tabs = "".join(
        [
            f'<button type="button" role="tab" id="share-tab-{page.name}" '
            f'aria-controls="share-{page.name}" data-page="{page.name}">{page.title}</button>'
            for page in pages
        ]
    )
    panels = "".join(
        [
            f'<section class="share-page" role="tabpanel" id="share-{page.name}" '
            f'aria-labelledby="share-tab-{page.name}" hidden>{page.html}</section>'
            for page in pages
        ]
    )
    alone = " hidden" if len(pages) == 1 else ""
    heading = 'role="tablist" aria-label="Ways to share"'
    return f'<div class="tabs" id="share-tabs" {heading}{alone}>{tabs}</div>{panels}'
