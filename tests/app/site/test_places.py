"""The page and what it fetches later: links between places, and everything that is looked up."""

from __future__ import annotations

import re

from app.page.closer.closer_html import PANEL_HTML
from app.page.code.panel_html import panel_html
from app.page.lab.lab_html import lab_html
from app.page.learn.html import learn_html
from app.page.meaning.meaning_html import MEANING_HTML
from app.page.models.models_html import CONTENTS_HTML
from app.page.runs.comparison_html import FRAME_HTML
from app.page.runs.table_html import RUNS_HTML
from app.page.share.class_html import class_html
from app.page.share.embed_html import embed_html
from app.page.share.link_html import link_html
from app.page.share.share_html import share_html
from app.page.steer.stop_panel_html import stop_panel_html
from app.shared.experiment import Experiment
from app.shared.places import PLACES, PLAYGROUND
from app.site.environment import ROOT
from tests.app.site.test_markup import by_id


def test_the_places_are_links_that_an_experiment_understands() -> None:
    links = {link.get("data-opens-place"): link for link in by_id()["places"].iter("a")}
    assert tuple(links) == PLACES
    assert [name for name, link in links.items() if link.get("aria-current")] == [PLAYGROUND]
    for place, link in links.items():
        experiment = Experiment()
        assert experiment.read_address(link.get("href", "")) == []
        assert experiment.place == place


def test_everything_that_the_page_looks_up_is_there() -> None:
    """Python on the page finds its elements by their ids."""
    sources = sorted((ROOT / "app" / "page").rglob("*.py"))
    wanted = set()
    for source in sources:
        text = source.read_text(encoding="utf-8")
        wanted |= set(re.findall(r"""\b(?:find|notice)\("([a-z-]+)"[,)]""", text))
    assert len(wanted) > 30
    fetched = lab_html() + learn_html() + panel_html([], None)
    fetched += share_html([]) + link_html() + class_html() + embed_html() + CONTENTS_HTML
    fetched += RUNS_HTML + FRAME_HTML + stop_panel_html([]) + PANEL_HTML + MEANING_HTML
    assert sorted(wanted - by_id().keys() - {*re.findall(r'\bid="([a-z-]+)"', fetched)}) == []
