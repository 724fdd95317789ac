"""The text box that lies over the tiles: typing, deleting, pasting, moving, undoing, composing."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.app import Playground

LEARN_TIMEOUT_MS = 60_000  # enough to learn the merges on a busy machine


@pytest.fixture
def kar(playground: Playground) -> Playground:
    """The page with its worker up, and a text of three letters that were typed."""
    playground.open().wait_worker()
    playground.text.fill("kar")
    expect(playground.tiles).to_have_text(list("kar"))
    return playground


def expect_text(playground: Playground, text: str) -> None:
    """Expect the same text in the box and on the tiles."""
    expect(playground.text).to_have_value(text)
    expect(playground.tiles).to_have_text(list(text))


def caret(page: Page) -> int:
    """How many tiles stand before the caret."""
    place: int = page.evaluate(
        "[...document.getElementById('generated').children].findIndex(item => item.id === 'caret')"
    )
    return place


def test_one_types_deletes_and_moves(kar: Playground) -> None:
    keyboard = kar.page.keyboard
    kar.text.focus()
    keyboard.type("in")
    expect_text(kar, "karin")
    keyboard.press("Backspace")
    keyboard.type("m")
    expect_text(kar, "karim")
    keyboard.press("Home")
    keyboard.type("z")
    expect_text(kar, "zkarim")
    keyboard.press("ArrowRight")
    keyboard.press("Delete")
    expect_text(kar, "zkrim")
    assert caret(kar.page) == 2
    chosen = kar.page.locator("#probabilities .chosen")
    expect(chosen).to_contain_text("r")
    expect(kar.page.locator("#stepper-words")).to_contain_text("“k”: ")
    keyboard.press("End")
    keyboard.type("a")
    expect_text(kar, "zkrima")
    assert kar.page.url.endswith("#prefix=zkrima")


def test_the_keyboard_undoes_typing_and_presses_alike(kar: Playground) -> None:
    kar.press("i")
    kar.text.focus()
    keyboard = kar.page.keyboard
    keyboard.type("n")
    expect_text(kar, "karin")
    keyboard.press("Control+z")
    expect_text(kar, "kari")
    keyboard.press("Control+z")
    expect_text(kar, "kar")
    keyboard.press("Control+z")
    expect_text(kar, "mari")
    expect(kar.button("Undo")).to_be_disabled()
    for _ in range(2):
        keyboard.press("Control+Shift+z")
    expect_text(kar, "kari")
    keyboard.press("Control+y")
    expect_text(kar, "karin")
    expect(kar.button("Redo")).to_be_disabled()
    keyboard.press("Control+z")
    kar.button("Redo").click()
    expect_text(kar, "karin")


def test_what_is_typed_takes_the_place_of_a_selection(kar: Playground) -> None:
    selected = kar.page.locator("#generated .selected")
    kar.text.focus()
    keyboard = kar.page.keyboard
    keyboard.press("Shift+ArrowLeft")
    keyboard.press("Shift+ArrowLeft")
    expect(selected).to_have_text(["a", "r"])
    keyboard.type("im")
    expect_text(kar, "kim")
    keyboard.press("Control+a")
    expect(selected).to_have_count(3)
    keyboard.press("Backspace")
    expect_text(kar, "")
    expect(kar.page.locator("#stepper-words")).to_contain_text("What comes first?")


def test_a_line_is_pasted_as_far_as_it_is_known(kar: Playground) -> None:
    kar.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    kar.page.evaluate("navigator.clipboard.writeText('o ß\\nL\\nla')")
    kar.text.focus()
    kar.page.keyboard.press("Control+v")
    expect_text(kar, "karola")
    notice = kar.page.locator("#writing-notice")
    expect(notice).to_contain_text("does not know the characters 'space', 'ß', 'L'")
    expect(notice).to_contain_text("its line breaks were left out")
    kar.page.keyboard.type("s")
    expect_text(kar, "karolas")
    expect(notice).to_be_hidden()


def test_an_unknown_character_is_refused_with_a_sentence(kar: Playground) -> None:
    kar.text.focus()
    kar.page.keyboard.type("ß")
    notice = kar.page.locator("#writing-notice")
    expect(notice).to_contain_text("does not know the character 'ß'; it knows only: abc")
    expect_text(kar, "kar")


def test_what_the_context_has_no_room_for_is_cut_off_with_a_sentence(kar: Playground) -> None:
    kar.text.fill("abcdefghijklmnopqrst")
    expect_text(kar, "abcdefghijklmnop")
    expect(kar.page.locator("#writing-notice")).to_contain_text("The context holds 16 tokens")


def test_enter_ends_the_line_and_arrows_go_over_the_end(kar: Playground) -> None:
    keyboard = kar.page.keyboard
    kar.text.focus()
    keyboard.press("Enter")
    expect(kar.tiles).to_have_text([*"kar", "end"])
    expect(kar.text).to_have_value("kar")
    keyboard.press("ArrowLeft")
    expect(kar.page.locator("#stepper-words")).to_contain_text("“r”: ")
    keyboard.press("ArrowRight")
    expect(kar.page.locator("#stepper-words")).to_contain_text("The line ends here")
    keyboard.press("Backspace")
    expect_text(kar, "kar")
    keyboard.press("Enter")
    keyboard.type("lu")
    expect_text(kar, "lu")


def test_an_input_method_composes_undisturbed(kar: Playground) -> None:
    """Until a composition has ended nothing is refused, nor is the text put back."""
    kar.text.focus()
    row = kar.page.locator("#text-row")
    session = kar.page.context.new_cdp_session(kar.page)
    for text in ("ｌ", "ぉ", "los"):
        session.send(
            "Input.imeSetComposition",
            {"text": text, "selectionStart": len(text), "selectionEnd": len(text)},
        )
        expect(kar.text).to_have_value("kar" + text)
        expect(row).to_have_class(re.compile("composing"))
        expect(kar.page.locator("#writing-notice")).to_be_hidden()
    expect(kar.tiles).to_have_text(list("kar"))
    session.send("Input.insertText", {"text": "loß"})
    expect(row).not_to_have_class(re.compile("composing"))
    expect_text(kar, "karlo")
    expect(kar.page.locator("#writing-notice")).to_contain_text("'ß'")


def test_a_press_beside_the_tiles_leads_to_the_end(kar: Playground) -> None:
    kar.tiles.first.click()
    expect(kar.page.locator("#stepper-words")).to_contain_text("“k”: ")
    expect(kar.text).to_be_focused()
    row = kar.page.locator("#text-row")
    box = row.bounding_box()
    assert box is not None
    row.click(position={"x": box["width"] - 10, "y": 12})
    expect(kar.page.locator("#stepper-words")).to_contain_text("“r”: ")
    kar.page.keyboard.type("l")
    expect_text(kar, "karl")


def test_what_is_typed_before_python_is_up_is_kept(playground: Playground) -> None:
    with playground.page.expect_request("**/page.bin"):
        playground.page.goto("", wait_until="commit")
        playground.text.fill("zoe")
    playground.page.locator("body[data-page=ready]").wait_for(timeout=60_000)
    playground.wait_worker()
    expect_text(playground, "zoe")


def test_emoji_are_single_characters(playground: Playground) -> None:
    playground.open("#data=emoji-stories&num_steps=100&pace=full").wait_worker()
    line = playground.page.locator("#preview .line").first
    expect(line).to_have_text(re.compile("^[^a-z]+$"))
    playground.train(100)
    line.click()
    text = line.inner_text()
    assert all(ord(character) > 0xFFFF for character in text), "two units of UTF-16 each"
    expect_text(playground, text)
    playground.text.focus()
    playground.page.keyboard.press("ArrowLeft")
    playground.page.keyboard.press("Backspace")
    expect_text(playground, text[:-2] + text[-1:])


def test_only_what_is_typed_is_encoded_anew(playground: Playground) -> None:
    playground.open("#data=own&tokenizer=bpe&vocab_limit=64&eval_fraction=0").wait_worker()
    lines = "banana bandana\nbandana banana\nanna ran\nan ant ran\n" * 4
    playground.page.get_by_role("textbox", name="Your own text").fill(lines)
    words = playground.page.locator("#vocab-words")
    expect(words).to_contain_text("tokens: 7 characters", timeout=LEARN_TIMEOUT_MS)
    playground.train(100)
    playground.button("Reset").click()
    playground.page.get_by_label("Find a token").fill("b")
    playground.press("b")
    playground.page.get_by_label("Find a token").fill("")
    expect(playground.tiles).to_have_text(["b"])
    playground.text.focus()
    playground.page.keyboard.type("anana")
    expect(playground.text).to_have_value("banana")
    expect(playground.tiles).not_to_have_text(["b", *"anana"])
    expect(playground.tiles.first).to_have_text("b")
    playground.text.fill("")
    playground.text.fill("banana")
    expect(playground.tiles).to_have_text(["banana"])
