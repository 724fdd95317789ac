"""The editor by itself: fetched when wanted, and what can be asked of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.app import Playground
from tests.browser.watch import Watch

TEXT = "def double(x):\n    y = x + x\n    return y\n"
NAMES = [
    {"kind": "ops", "name": "relu", "detail": "(x)", "info": "Each number, or 0 where negative."},
    {"kind": "ops", "name": "rmsnorm", "detail": "(x)", "info": "Scaled to unit root mean square."},
    {"kind": "config", "name": "n_embd", "detail": "", "info": "Numbers of a vector."},
]
# Run in the page: makes an editor and keeps what it calls back.
MAKE = """
async (options) => {
    await window.microgpt.loadEditor();
    const place = document.createElement("div");
    // Over all else, where nothing moves it below the pointer.
    Object.assign(place.style, { position: "fixed", inset: "0 auto auto 0", width: "640px" });
    document.body.append(place);
    const told = (window.told = { changed: [], runs: 0, cursor: [] });
    window.made = window.microgpt.createEditor(place, {
        ...options,
        changed: (text) => told.changed.push(text),
        run: () => (told.runs += 1),
        cursor: (line) => told.cursor.push(line),
    });
}
"""


class Editor:
    """An editor that a test has made, as the page's own code uses it."""

    def __init__(self, page: Page, **options: Any) -> None:
        self.page = page
        page.evaluate(MAKE, {"text": TEXT, "label": "Program", "names": NAMES, **options})
        self.content = page.get_by_role("textbox", name="Program")

    def ask(self, call: str) -> Any:
        return self.page.evaluate(f"() => window.made.{call}")

    def told(self, what: str) -> Any:
        return self.page.evaluate(f"() => window.told.{what}")

    @property
    def lines(self) -> Locator:
        return self.content.locator(".cm-line")


@pytest.fixture
def editor(playground: Playground) -> Iterator[Editor]:
    playground.open()
    made = Editor(playground.page)
    yield made
    made.ask("destroy()")
    expect(made.content).to_have_count(0)


def test_it_is_fetched_when_it_is_wanted_and_once(playground: Playground, watch: Watch) -> None:
    playground.open().wait_worker()
    assert [url for url in watch.requested if "/editor." in url] == []
    playground.page.evaluate("() => window.microgpt.loadEditor()")
    playground.page.evaluate("() => window.microgpt.loadEditor()")
    assert [url.rsplit("/", 1)[1] for url in watch.requested if "/editor." in url] == ["editor.mjs"]


def test_a_text_is_edited_and_said(editor: Editor) -> None:
    editor.content.press("ControlOrMeta+End")
    editor.page.keyboard.type("print(double(2))")
    assert editor.ask("text()") == editor.told("changed.at(-1)") == TEXT + "print(double(2))"
    assert editor.told("cursor.at(-1)") == 4
    editor.content.press("ControlOrMeta+Enter")
    assert editor.told("runs") == 1
    assert editor.ask("text()") == TEXT + "print(double(2))"


def test_a_text_that_is_set_is_one_step_to_undo(editor: Editor) -> None:
    editor.ask("setText('def double(x):\\n    return 2 * x\\n')")
    assert editor.told("changed.at(-1)") == "def double(x):\n    return 2 * x\n"
    editor.content.press("ControlOrMeta+z")
    assert editor.ask("text()") == TEXT
    editor.ask(f"setText({TEXT!r})")
    assert len(editor.told("changed")) == 2


def test_a_line_is_marked_with_what_is_wrong(editor: Editor) -> None:
    editor.ask("mark(2, 'There is no z.')")
    expect(editor.lines.nth(1).locator(".cm-lintRange-error")).to_have_text("y = x + x")
    marker = editor.page.locator(".cm-lint-marker-error")
    marker.hover()
    expect(editor.page.locator(".cm-diagnostic")).to_have_text("There is no z.")
    editor.ask("clearMark()")
    expect(marker).to_have_count(0)


def test_a_line_is_highlighted(editor: Editor) -> None:
    editor.ask("highlight(3)")
    expect(editor.content.locator(".cm-highlighted")).to_have_text("    return y")
    editor.ask("highlight(99)")  # a line that has gone meanwhile
    editor.ask("highlight(0)")
    expect(editor.content.locator(".cm-highlighted")).to_have_count(0)


def test_names_are_completed_after_their_dot(editor: Editor) -> None:
    editor.content.press("ControlOrMeta+End")
    editor.page.keyboard.type("ops.r")
    options = editor.page.get_by_role("listbox").get_by_role("option")
    expect(options).to_have_text(["relu(x)", "rmsnorm(x)"])
    expect(editor.page.locator(".cm-completionInfo")).to_contain_text("0 where negative")
    # Keys in the first moment are not for the list, which could have come while one types.
    editor.page.wait_for_function(
        "() => document.querySelector('.editor').shadowRoot"
        ".querySelector('.cm-tooltip-autocomplete:not(.cm-tooltip-autocomplete-disabled)')"
    )
    expect(options).to_have_count(2)
    options.nth(1).click()
    assert editor.ask("text()") == TEXT + "ops.rmsnorm"


def test_a_name_is_explained_where_the_pointer_rests(editor: Editor) -> None:
    editor.ask("setText('x = ops.relu(x)\\n')")
    editor.lines.first.get_by_text("relu").hover()
    explained = editor.page.locator(".cm-tooltip-hover .explanation")
    expect(explained).to_have_text("ops.relu(x)Each number, or 0 where negative.")


def test_tab_indents_and_leaves_after_escape(editor: Editor) -> None:
    editor.content.press("ControlOrMeta+End")
    editor.page.keyboard.press("Tab")
    assert editor.ask("text()") == TEXT + "    "
    editor.page.keyboard.press("Escape")
    editor.page.keyboard.press("Tab")
    expect(editor.content).not_to_be_focused()
    assert editor.ask("text()") == TEXT + "    "


def test_what_is_new_is_marked_and_what_is_the_same_is_folded(editor: Editor) -> None:
    many = "".join(f"line{number} = {number}\n" for number in range(20))
    editor.ask(f"setText({many + 'new = 1'!r})")
    editor.ask(f"setOriginal({many!r})")
    expect(editor.content.locator(".cm-changedLine")).to_have_text("new = 1")
    expect(editor.content.locator(".cm-collapsedLines")).to_have_text("18 unchanged lines")
    editor.ask("setOriginal(null)")
    expect(editor.content.locator(".cm-changedLine")).to_have_count(0)
    expect(editor.lines).to_have_count(21)
