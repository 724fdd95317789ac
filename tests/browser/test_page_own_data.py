"""The user's own files: chosen or dropped, and loaded with various options."""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, expect

from tests.browser.app import READY_TIMEOUT_MS, Playground

CSV = b'id,title,town\n1,"A, b",Bern\n2,Metropolis,Basel\n3,Nosferatu,Chur\n'
# Dispatches drag events as the browser does, to an element in the middle of the page.
DROP = """
([files, types]) => {
    const transfer = new DataTransfer();
    for (const [name, lines] of files) transfer.items.add(new File(lines, name));
    const target = document.getElementById("chart");
    for (const type of types) {
        const options = { dataTransfer: transfer, bubbles: true, cancelable: true };
        const event = new DragEvent(type, options);
        target.dispatchEvent(event);
        if (!event.defaultPrevented) throw new Error(`${type} would leave the page`);
    }
}
"""


@pytest.fixture
def ready(playground: Playground) -> Playground:
    """The page with its worker up."""
    return playground.open().wait_worker()


def drop(ready: Playground, name: str, *lines: str) -> None:
    """Drop a file onto the chart."""
    ready.page.evaluate(DROP, [[[name, [f"{line}\n" for line in lines]]], ["dragover", "drop"]])


def own_text(tab: Playground) -> Locator:
    return tab.page.get_by_role("textbox", name="Your own text")


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("_", "."), content)
    return packed.getvalue()


# ---- choosing and dropping -----------------------------------------------------------------------


def test_a_file_can_be_trained_on(ready: Playground, tmp_path: Path) -> None:
    ready.choose(tmp_path, towns_txt="Zürich\nBern\nGenève\nBasel\n".encode())
    expect(ready.page.locator("#file-name")).to_contain_text("towns.txt")
    expect(ready.page.get_by_label("Your own text")).to_be_visible()
    expect(ready.statistics).to_contain_text("4 lines")
    expect(ready.preview).to_contain_text("Genève")
    ready.train(100)
    expect(ready.probabilities).to_contain_text(["B"])
    ready.button("Remove").click()
    expect(ready.page.locator("#file-name")).to_be_hidden()
    expect(ready.statistics).to_contain_text("Nothing yet")


def test_several_files_form_one_data_set(ready: Playground, tmp_path: Path) -> None:
    ready.choose(tmp_path, a_txt=b"anna\nbob\n", b_txt=b"cleo\n")
    expect(ready.page.locator("#file-name")).to_contain_text("a.txt, b.txt")
    expect(ready.statistics).to_contain_text("3 lines")
    expect(ready.preview).to_contain_text("anna\nbob\ncleo")


def test_a_file_can_be_dropped_anywhere(ready: Playground) -> None:
    overlay = ready.page.locator(".drop")
    expect(overlay).to_be_hidden()
    ready.page.evaluate(DROP, [[["towns.txt", ["Bern\n"]]], ["dragover"]])
    expect(overlay).to_be_visible()
    drop(ready, "towns.txt", "Bern", "Basel")
    expect(overlay).to_be_hidden()
    expect(ready.page.locator("#file-name")).to_contain_text("towns.txt")
    expect(ready.statistics).to_contain_text("2 lines")


def test_a_file_dropped_before_python_is_up_is_loaded(playground: Playground) -> None:
    playground.page.goto("", wait_until="domcontentloaded")
    drop(playground, "towns.txt", "Bern", "Basel")
    expect(playground.statistics).to_contain_text("2 lines", timeout=READY_TIMEOUT_MS)


def test_many_kinds_of_files_can_be_loaded(ready: Playground, tmp_path: Path) -> None:
    for number, (name, content) in enumerate(
        {
            "names_txt_gz": gzip.compress(b"anna\nbob\n0"),
            "all_zip": zipped(a_txt=b"anna\n", b_json=json.dumps(["bob", "1"]).encode()),
            "names_json": json.dumps(["anna", "bob", "2"]).encode(),
            "names_jsonl": b'{"name": "anna"}\n{"name": "bob"}\n{"name": "3"}\n',
            "names_txt": "anna\nbob\n4".encode("utf-16"),
        }.items()
    ):
        ready.choose(tmp_path, **{name: content})
        expect(ready.preview).to_have_text(f"anna\nbob\n{number}")


def test_neither_file_names_nor_texts_are_interpreted_as_html(ready: Playground) -> None:
    html = "<img src=x onerror='document.title=1'>"
    drop(ready, f"{html}.txt", html, html)
    expect(ready.page.locator("#file-name")).to_contain_text(f"{html}.txt")
    expect(ready.preview).to_have_text(f"{html}\n{html}")
    ready.page.get_by_text("More about this data").click()
    expect(ready.page.locator("#data-facts")).to_contain_text(html)
    expect(ready.page.locator("#vocabulary")).to_contain_text("<")
    assert ready.page.locator("img").count() == 0
    drop(ready, f"{html}.gz", "\0")
    expect(ready.page.locator("#data-notice")).to_contain_text(html)
    assert ready.page.locator("img").count() == 0
    assert ready.page.title() == "microgpt playground"


def test_files_and_their_load_options_are_kept(ready: Playground, tmp_path: Path) -> None:
    ready.choose(tmp_path, films_csv=CSV)
    ready.page.get_by_text("How it is loaded").click()
    ready.page.get_by_label("Column").select_option("town")
    ready.page.get_by_label("Case", exact=True).select_option("lower")
    expect(ready.preview).to_have_text("bern\nbasel\nchur")
    ready.page.reload()
    expect(ready.page.locator("#file-name")).to_contain_text("films.csv", timeout=READY_TIMEOUT_MS)
    expect(ready.preview).to_have_text("bern\nbasel\nchur", timeout=READY_TIMEOUT_MS)
    expect(ready.page.get_by_label("Column")).to_have_value("town")


def test_each_tab_keeps_its_own_text_and_a_new_one_has_the_newest(context: BrowserContext) -> None:
    tabs = {text: Playground(context.new_page()) for text in ("anna\nbob", "cleo\ndora")}
    for text, tab in tabs.items():
        tab.open("#data=own").wait_worker()
        own_text(tab).fill(text)
        expect(tab.preview).to_have_text(text)
    for text, tab in tabs.items():
        tab.page.reload()
        expect(own_text(tab)).to_have_value(text, timeout=READY_TIMEOUT_MS)
        expect(tab.preview).to_have_text(text, timeout=READY_TIMEOUT_MS)
    third = Playground(context.new_page()).open("#data=own")
    expect(third.preview).to_have_text("cleo\ndora", timeout=READY_TIMEOUT_MS)
    own_text(tabs["anna\nbob"]).fill("eve")
    expect(tabs["anna\nbob"].preview).to_have_text("eve")
    third.page.reload()
    expect(third.preview).to_have_text("cleo\ndora", timeout=READY_TIMEOUT_MS)


# ---- load options --------------------------------------------------------------------------------


def test_the_column_of_a_table_can_be_chosen(ready: Playground, tmp_path: Path) -> None:
    ready.choose(tmp_path, films_csv=CSV)
    expect(ready.preview).to_have_text("A, b\nMetropolis\nNosferatu")
    ready.page.get_by_text("How it is loaded").click()
    expect(ready.page.locator("#column-examples")).to_contain_text("Metropolis")
    ready.page.get_by_label("Column").select_option("town")
    expect(ready.preview).to_have_text("Bern\nBasel\nChur")
    expect(ready.page.locator("#column-examples")).to_contain_text("Basel")


def test_a_guessed_encoding_is_shown_and_can_be_changed(ready: Playground, tmp_path: Path) -> None:
    ready.choose(tmp_path, names_txt="Zoë\nÅsa\nJosé\n".encode("latin-1"))
    expect(ready.preview).to_have_text("Zoë\nÅsa\nJosé")
    expect(ready.page.locator("#data-remarks")).to_contain_text("Western European")
    ready.page.get_by_text("How it is loaded").click()
    expect(ready.page.locator("#encoding-found")).to_contain_text("Latin-1), a guess")
    ready.page.get_by_label("Encoding").select_option("cp1251")
    expect(ready.preview).to_have_text("Zoл\nЕsa\nJosй")


def test_every_option_takes_effect_at_once(ready: Playground) -> None:
    ready.paste("Éva 12\nEva 34\n\nadam. Bob.\n")
    expect(ready.statistics).to_contain_text("3 lines")
    ready.page.get_by_text("How it is loaded").click()
    for label, value, shown in (
        ("Documents", "sentences", "Éva 12 Eva 34\nadam.\nBob."),
        ("Case", "lower", "éva 12 eva 34\nadam.\nbob."),
        ("Accents", "remove", "eva 12 eva 34\nadam.\nbob."),
        ("Digits", "zero", "eva 00 eva 00\nadam.\nbob."),
        ("Documents", "paragraphs", "eva 00\neva 00\nadam. bob."),
    ):
        ready.page.get_by_label(label, exact=True).select_option(value)
        expect(ready.preview).to_have_text(shown)
    expect(ready.statistics).to_contain_text("2 paragraphs")


def test_rare_characters_are_shown_and_replaced(ready: Playground) -> None:
    ready.paste("abab\n" * 10 + "abxab\n")
    ready.page.get_by_text("How it is loaded").click()
    expect(ready.page.get_by_role("list", name="Characters that are rare")).to_contain_text("x: 1")
    expect(ready.page.get_by_label("Replacement")).to_be_hidden()
    ready.page.get_by_label("Rare characters", exact=True).select_option("replace")
    expect(ready.preview).to_contain_text("ab?ab")
    ready.page.get_by_label("Replacement").fill("-")
    expect(ready.preview).to_contain_text("ab-ab")


def test_an_option_that_leaves_nothing_is_reverted(ready: Playground) -> None:
    ready.paste("abc\nbca\n")
    expect(ready.statistics).to_contain_text("2 lines")
    ready.page.get_by_text("How it is loaded").click()
    ready.page.get_by_label("Rare characters", exact=True).select_option("drop")
    expect(ready.page.locator("#data-notice")).to_contain_text("Nothing is left")
    expect(ready.page.get_by_label("Rare characters", exact=True)).to_have_value("keep")
    expect(ready.preview).to_have_text("abc\nbca")
