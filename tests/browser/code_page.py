"""The panel of the model code, as tests use it."""

from __future__ import annotations

import json

from playwright.sync_api import Locator, expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status

# Run before the page's own scripts: keeps every message to any worker.
KEEP_MESSAGES = """
window.posted = [];
window.Worker = class extends Worker {
  postMessage(message, transfer) {
    window.posted.push({ type: message.type, code: message.code });
    super.postMessage(message, transfer);
  }
};
"""


class CodePage:
    """The panel of the model code."""

    def __init__(self, playground: Playground) -> None:
        self.playground, self.page = playground, playground.page

    @property
    def editor(self) -> Locator:
        return self.page.get_by_role("textbox", name="Model code")

    @property
    def state(self) -> Locator:
        return self.page.locator("#code-state")

    @property
    def notice(self) -> Locator:
        """What is wrong with the run."""
        return self.page.locator("#training-notice")

    def open(self) -> CodePage:
        self.playground.button("Edit the code").click()
        expect(self.editor).to_be_visible()
        return self

    def write(self, text: str) -> None:
        """Replaces the whole text, as a paste does."""
        self.editor.press("ControlOrMeta+a")
        self.page.keyboard.insert_text(text)

    def add(self, text: str) -> None:
        """Types behind the end."""
        self.editor.press("ControlOrMeta+End")
        self.page.keyboard.insert_text(text)

    def kept(self) -> str:
        """The code that the next visit will find."""
        kept = self.page.evaluate("sessionStorage.getItem('model-code')")
        return str(json.loads(kept)["code"])

    def fits(self, num_params: int = 4192) -> None:
        expect(self.state).to_have_text(f"Fits: {num_params:,} parameters.")

    def done(self, steps: int = 1000) -> None:
        wait_status(self.page, rf"step {steps:,} / {steps:,}")


def open_code(playground: Playground) -> CodePage:
    """The panel, open, on a page that keeps its messages, and whose runs are over at once."""
    playground.page.add_init_script(KEEP_MESSAGES)
    playground.open("#pace=full").wait_worker()
    return CodePage(playground).open()
