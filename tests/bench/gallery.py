"""How fast each edit of the gallery trains, beside the model of the repository."""

from __future__ import annotations

from collections.abc import Iterator

from playwright.sync_api import Browser

from microgpt.model_code.gallery import GALLERY
from tests.bench.compiled import NAMES
from tests.bench.places import here, in_the_worker, take
from tests.bench.table import Row
from tests.browser.app import Playground


def measure(browser: Browser, url: str) -> Iterator[Row]:
    """The rows of the table; `url` is the site's."""
    context = browser.new_context(base_url=url, service_workers="block")
    page = context.new_page()
    Playground(page).open().wait_worker()
    text = NAMES.read_text(encoding="utf-8")
    for samples, place in ((in_the_worker(page), "Chromium's worker"), (here, "wasmtime")):
        for edit in GALLERY:
            edited, default = take(samples("step_of_an_edit", text, edit.source))
            yield Row(f"{edit.title}, {place}", [1e6 * each for each in edited], "µs")
            slower = [one / other for one, other in zip(edited, default, strict=True)]
            yield Row("to a step of the repository's model", slower, "×")
    context.close()
