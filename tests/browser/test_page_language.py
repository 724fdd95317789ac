"""Browsers whose own language is no language tag."""

from __future__ import annotations

import json

import pytest

from tests.browser.app import Playground


@pytest.mark.parametrize("language", ["C", "", "en_US", "nb-NO"])
def test_the_page_starts_in_any_language(playground: Playground, language: str) -> None:
    """WebKit calls it "C" after the locale; `Intl`, which the chart needs, refuses that."""
    getter = f"{{ get: () => {json.dumps(language)} }}"
    playground.page.add_init_script(
        f"Object.defineProperty(Navigator.prototype, 'language', {getter})"
    )
    playground.open().wait_worker()
    playground.train(100)
    valid = language if language == "nb-NO" else "en"
    assert playground.page.evaluate("navigator.language") == valid
