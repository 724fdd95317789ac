"""The policy in the page's HTML, and HTML that the policy does not refuse."""

from __future__ import annotations

from functools import cache
from html.parser import HTMLParser

from app.site.markup import index_html
from app.site.policy import header_policy, page_policy

VENDOR = {name: f"v/{name}-1" for name in ("pyodide", "pyscript", "micropython", "uplot", "fonts")}
Attributes = dict[str, str | None]


class TagParser(HTMLParser):
    """Collects the start tags of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, Attributes]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))


@cache
def tags() -> list[tuple[str, Attributes]]:
    """The start tags of the page."""
    parser = TagParser()
    parser.feed(index_html("r-1", VENDOR))
    return parser.tags


def test_the_policy_comes_before_all_that_it_holds_for() -> None:
    metas = [attributes for tag, attributes in tags() if tag == "meta"]
    assert [tag for tag, _ in tags()[:4]] == ["html", "head", "meta", "meta"]
    assert metas[0] == {"charset": "utf-8"}
    assert metas[1] == {"http-equiv": "Content-Security-Policy", "content": page_policy()}


def test_the_header_says_besides_who_may_frame_the_page() -> None:
    """Browsers ignore that in a page."""
    assert header_policy() == f"{page_policy()}; frame-ancestors 'self'"
    assert header_policy(embed=True) == page_policy()


def test_nothing_is_inline_that_the_policy_would_refuse() -> None:
    for tag, attributes in tags():
        assert tag != "style"
        # One of another type than JavaScript's is data to the browser.
        assert tag != "script" or attributes.get("src") or attributes.get("type") == "mpy"
        assert [name for name in attributes if name == "style" or name.startswith("on")] == []
