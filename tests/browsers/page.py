"""The playground in any browser: controls by their accessible names, and waiting for states."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.browsers.driver import Driver, until

# Where to click for a control, once it is visible, enabled and covered by nothing; null before. A
# radio button may be hidden behind its label.
PLACE = """
(selector, name) => {
  const words = (each) => each.ariaLabel ?? each.labels?.[0]?.textContent ?? each.textContent;
  // The name of a data set's radio button goes on with the number of its documents.
  const named = (each) =>
    each.type === "radio" ? words(each).startsWith(name) : words(each).trim() === name;
  const found = [...document.querySelectorAll(selector)].find(
    (each) => named(each) && each.checkVisibility() && !each.disabled,
  );
  if (!found) return null;
  const shown = found.type === "radio" ? found.labels[0] : found;
  shown.scrollIntoView({ block: "center", behavior: "instant" });
  const { x, y, width, height } = shown.getBoundingClientRect();
  const middle = [Math.round(x + width / 2), Math.round(y + height / 2)];
  return shown.contains(document.elementFromPoint(...middle)) ? middle : null;
}
"""
# Its message goes to the worker as any other; see `DIES_ON_DEMAND`.
CRASH = """() => window.microgpt.post('{"type": "die"}', null, false)"""
# Other tests share the browser's profile.
FORGET = """
() => {
  localStorage.clear();
  sessionStorage.clear();
  return new Promise((resolve) => {
    const request = indexedDB.deleteDatabase("microgpt");
    request.onsuccess = () => resolve(null);
  });
}
"""
TEXTS = """
(selector) => [...document.querySelectorAll(selector)]
  .filter((each) => each.checkVisibility())
  .map((each) => each.innerText.trim())
"""


class PlaygroundPage:
    """The playground at `url` in a browser."""

    def __init__(self, driver: Driver, url: str) -> None:
        self.driver = driver
        self.url = url

    def open(self, fragment: str = "") -> PlaygroundPage:
        """Loads the page and waits until its worker takes commands."""
        self.driver.open("about:blank")  # else another fragment would load nothing
        self.driver.open(self.url + fragment)
        return self.wait_worker()

    def leave(self) -> None:
        """Leaves the page, as who closes its tab and goes elsewhere in a new one."""
        self.driver.evaluate("() => sessionStorage.clear()")
        self.driver.open("about:blank")

    def forget(self) -> None:
        """Removes what the browser keeps of the page."""
        self.driver.evaluate(FORGET)

    def reload(self) -> PlaygroundPage:
        """Loads the page once more and waits until its worker takes commands."""
        self.driver.reload()
        return self.wait_worker()

    def wait_worker(self) -> PlaygroundPage:
        self.wait("body[data-page=ready][data-worker=ready]", ".")
        return self

    def press(self, name: str, selector: str = "button") -> None:
        """Clicks a control, found by its accessible name, once it stays where it is."""
        before: list[int] = []

        def at_rest() -> list[int] | None:
            nonlocal before
            last, before = before, self.driver.evaluate(PLACE, selector, name) or []
            return before if before == last else None

        x, y = until(at_rest, f"“{name}” can be pressed")
        self.driver.click(x, y)

    def choose_data(self, name: str) -> None:
        """Chooses a data set."""
        self.press(name, "input[type=radio]")

    def crash(self) -> None:
        """Makes the worker die of an unhandled error."""
        self.driver.evaluate(CRASH)

    def choose_files(self, paths: Sequence[Path]) -> None:
        self.driver.choose_files("#own-file", paths)

    def texts(self, selector: str) -> list[str]:
        """The text of each visible element that a CSS selector finds."""
        found: list[str] = self.driver.evaluate(TEXTS, selector)
        return found

    def wait(self, selector: str, pattern: str) -> re.Match[str]:
        """Waits until the text of a visible element contains a match of `pattern`; returns it."""
        return until(
            lambda: re.search(pattern, "\n".join(self.texts(selector))),
            f"{selector} contains {pattern}",
        )

    def wait_status(self, pattern: str) -> re.Match[str]:
        """Waits until the training status contains a match of `pattern`; returns it."""
        return self.wait('[aria-label="Training status"]', pattern)

    def step(self) -> int:
        """The number of finished steps that the status shows."""
        return int(self.wait_status(r"step ([\d,]+) /")[1].replace(",", ""))

    def wait_step(self, step: int) -> None:
        """Waits until the status shows this step, or a later one."""
        until(lambda: self.step() >= step, f"step {step} is done")

    def wait_count(self, selector: str, count: int) -> None:
        """Waits until as many elements that a CSS selector finds are visible."""
        until(lambda: len(self.texts(selector)) == count, f"there are {count} of {selector}")
