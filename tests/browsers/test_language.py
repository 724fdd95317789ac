"""WebKit takes its language from the locale: "C" of C.UTF-8, which is no language tag."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.site.environment import SetupError
from tests.browsers.page import PlaygroundPage
from tests.browsers.webkit import webkit
from tests.setup.other_browsers import find_webkit


def test_webkit_without_a_language_runs_the_page(url: str, tmp_path: Path) -> None:
    try:
        find_webkit()
    except SetupError as error:
        pytest.skip(str(error))
    with webkit(tmp_path, language="C.UTF-8") as driver:
        assert driver.evaluate("() => navigator.language") == "C"
        playground = PlaygroundPage(driver, url).open("#pace=full&num_steps=100")
        playground.press("Train")
        playground.wait_status("step 100 / 100")
        playground.wait("#verdict", "The loss fell")
