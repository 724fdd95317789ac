"""The page's HTML before Python arrives: complete, well formed and accessible."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from string import Template
from typing import Any
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element, SubElement

import pytest

from app.page.views.tiles import case_html
from app.shared.experiment import slider_position
from app.shared.presets import PRESETS
from app.site.markup import DATASET_FOLDER, TEMPLATE, index_html
from microgpt.config import ModelConfig
from microgpt.settings import SETTINGS, Setting

VENDOR = {name: f"v/{name}-1" for name in ("pyodide", "pyscript", "micropython", "uplot", "fonts")}
EMPTY = {"meta", "link", "input", "br", "hr", "img"}  # elements that are never closed
DRAWING = {"path", "rect", "circle", "line"}  # those that the page's drawings close at once
WITH_ADDRESSES = ("href", "src", "action", "poster", "srcset", "data-release")
POINTING = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "list")

BUTTONS = ["Train", "Step", "Start over", "Generate", "Copy samples", "Download samples"]
BUTTONS += ["Next token", "Back", "Auto-play", "Undo", "Redo", "Reset"]
WIDGETS = [row for row in SETTINGS if row.name != "prefix"]  # which is typed in the text
# Settings have the names of their labels; the rest is what users and tests look for, by role.
NAMED = [
    *(("select" if row.choices else "input", row.label) for row in WIDGETS),
    *(("button", name) for name in BUTTONS),
    ("fieldset", "Dataset"),
    *(("textarea", name) for name in ("Text", "Your own text")),
    ("input", "Choose files"),
    ("ul", "Token probabilities"),
    *(("ol", name) for name in ("Samples", "Generated tokens")),
]


class TreeParser(HTMLParser):
    """Parses HTML into a tree of elements; fails where one is not closed, or closed twice."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("document")
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"<{tag}> has an attribute twice"
        attributes = {name: value or "" for name, value in attrs}
        element = SubElement(self.open[-1], tag, attributes)
        if tag not in EMPTY:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in DRAWING, f"<{tag}/> is not closed by its slash in HTML"
        SubElement(self.open[-1], tag, {name: value or "" for name, value in attrs})

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open[-1].tag, f"</{tag}> closes <{self.open[-1].tag}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        # As an element of its own, so that the order of texts and elements is kept.
        SubElement(self.open[-1], "text").text = data


@cache
def page() -> Element:
    """The page, parsed."""
    parser = TreeParser()
    parser.feed(index_html("r-x", VENDOR))
    parser.close()
    assert parser.open == [parser.root], "everything is closed"
    return parser.root


def elements() -> list[Element]:
    return [element for element in page().iter() if element.tag != "text"]


@cache
def by_id() -> dict[str, Element]:
    return {element.get("id", ""): element for element in elements() if element.get("id")}


def text_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def name_of(element: Element) -> str:
    """The accessible name of an element."""
    if element.get("aria-label"):
        return element.get("aria-label", "")
    if element.get("aria-labelledby"):
        names = element.get("aria-labelledby", "").split()
        return " ".join(text_of(by_id()[name]) for name in names)
    if element.tag == "fieldset":
        return text_of(element.findall("legend")[0])
    labels = [label for label in page().iter("label") if label.get("for", "-") == element.get("id")]
    if labels:
        return " ".join(map(text_of, labels))
    return text_of(element) if element.tag == "button" else ""


def addresses() -> list[str]:
    """Every URL in the page, those of the interpreter's settings among them."""
    found = [
        element.get(name, "")
        for element in elements()
        for name in WITH_ADDRESSES
        if element.get(name) is not None
    ]
    config = interpreter()
    return [*found, config["interpreter"], *config["js_modules"]["main"]]


def interpreter() -> dict[str, Any]:
    """The configuration of the page's interpreter."""
    (script,) = [element for element in page().iter("script") if element.get("type") == "mpy"]
    config: dict[str, Any] = json.loads(script.get("config", ""))
    return config


def test_the_page_is_a_complete_document() -> None:
    html = index_html("r-x", VENDOR)
    assert html.startswith("<!doctype html>\n")
    (root,) = [child for child in page() if child.tag != "text"]
    assert (root.tag, root.get("lang")) == ("html", "en")
    assert [child.tag for child in root if child.tag != "text"] == ["head", "body"]


def test_everything_that_the_build_fills_in_is_filled_in() -> None:
    template = Template(TEMPLATE.read_text(encoding="utf-8"))
    assert template.is_valid()
    assert len(template.get_identifiers()) > 15
    html = index_html("r-x", VENDOR)
    assert not re.search(r"\$\{?\w", html)
    assert "None" not in html
    for folder in VENDOR:
        assert VENDOR[folder] in html or folder in ("pyodide", "pyscript"), "scripts ask for these"


def test_the_same_build_gives_the_same_page() -> None:
    assert index_html("r-x", VENDOR) == index_html("r-x", VENDOR)


def test_ids_are_unique() -> None:
    counts = Counter(element.get("id") for element in elements() if element.get("id"))
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("attribute", POINTING)
def test_references_to_ids_find_them(attribute: str) -> None:
    lost = [
        (element.tag, name)
        for element in elements()
        for name in element.get(attribute, "").split()
        if name not in by_id()
    ]
    assert lost == []


def test_links_within_the_page_lead_somewhere() -> None:
    links = [link for link in page().iter("a") if not link.get("data-opens-place")]
    targets = [link.get("href", "")[1:] for link in links if "#" in link.get("href", "")]
    assert targets
    assert [target for target in targets if target not in by_id()] == []


def test_no_address_leaves_the_site() -> None:
    found = addresses()
    assert len(found) > 10
    for address in found:
        parts = urlsplit(address)
        assert (parts.scheme, parts.netloc) == ("", ""), address
        assert not parts.path.startswith(("/", "..")), address


def test_no_style_or_script_in_the_page_names_another_host() -> None:
    for element in elements():
        texts = [value for name, value in element.items() if name == "style" or name[:2] == "on"]
        if element.tag in ("script", "style"):
            texts.append(text_of(element))
        assert not any("//" in text for text in texts)


# ---- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tag", "name"), NAMED, ids=lambda text: text)
def test_one_element_has_the_name_that_users_look_for(tag: str, name: str) -> None:
    named = [element.tag for element in elements() if name_of(element) == name]
    assert named.count(tag) == 1


def test_the_status_is_announced() -> None:
    (status,) = [element for element in elements() if name_of(element) == "Training status"]
    assert status.get("role") == "status"
    assert re.search(r"step 0 / \d+", text_of(status))
    assert "loss " in text_of(status)


def test_every_control_has_a_name() -> None:
    controls = [e for e in elements() if e.tag in ("input", "select", "textarea", "button")]
    nameless = [
        control.get("id")
        for control in controls
        if control.get("type") != "radio" and not name_of(control)
    ]
    assert nameless == []


def test_no_button_submits_a_form() -> None:
    assert [b.get("id") for b in page().iter("button") if b.get("type") != "button"] == []


# ---- the settings --------------------------------------------------------------------------------


@pytest.mark.parametrize("row", WIDGETS, ids=lambda row: row.name)
def test_a_setting_shows_its_default_from_the_first_paint(row: Setting) -> None:
    widget = by_id()[row.name]
    if row.choices:
        options = {option.get("value"): option for option in widget.iter("option")}
        assert list(options) == [value for value, _ in row.choices]
        chosen = [value for value, option in options.items() if "selected" in option.attrib]
        assert chosen == [row.page_default]
    elif row.even_stops:
        assert row.stops[int(widget.get("value", ""))] == row.page_default
        assert int(widget.get("max", "")) == len(row.stops) - 1
        assert widget.get("aria-valuetext") == row.words(row.page_default)
    else:
        assert type(row.default)(widget.get("value", "missing")) == row.page_default
    if row.stops or row.span:
        assert text_of(by_id()[f"{row.name}-value"]) == row.words(row.page_default)


@pytest.mark.parametrize(
    "row",
    [row for row in SETTINGS if (row.stops or row.span) and not row.even_stops],
    ids=lambda row: row.name,
)
def test_a_slider_reaches_every_stop(row: Setting) -> None:
    widget = by_id()[row.name]
    assert widget.get("type") == "range"
    low, high, step = (float(widget.get(name, "")) for name in ("min", "max", "step"))
    stops = row.stops or (row.span or ())[:2]
    last = slider_position(row, row.beyond[-1]) if row.beyond else stops[-1]
    assert (low, high) == (stops[0], last)
    for stop in (*stops, row.page_default):
        steps = (float(stop) - low) / step
        assert steps == pytest.approx(round(steps)), f"{stop} lies between two steps"


def test_the_status_begins_with_the_steps_of_the_default() -> None:
    (steps,) = [row.page_default for row in SETTINGS if row.name == "num_steps"]
    assert text_of(by_id()["status-step"]) == f"step 0 / {steps:,}"
    assert by_id()["progress"].get("max") == str(steps)


# ---- data and model ------------------------------------------------------------------------------


def test_every_data_set_can_be_picked_and_the_default_is() -> None:
    radios = [e for e in page().iter("input") if e.get("name") == "data"]
    assert [radio.get("value") for radio in radios] == [*(p.name for p in PRESETS), "own"]
    assert [radio.get("value") for radio in radios if "checked" in radio.attrib] == [
        PRESETS[0].name
    ]
    cards = [text_of(label) for label in page().iter("label") if label.get("class") == "choice"]
    for card, preset in zip(cards, PRESETS, strict=False):
        assert preset.title in card
        assert f"{preset.n_docs:,}" in card


def test_every_data_set_stands_under_the_heading_of_its_group() -> None:
    index = {
        name_of(group): [e.get("value") for e in group.iter("input")]
        for group in by_id()["index"]
        if group.get("role") == "group"
    }
    assert list(index) == ["Names", "Places and things", "Words and lines", "Tasks"]
    for title, names in index.items():
        assert names == [preset.name for preset in PRESETS if preset.group == title]


def test_the_default_data_set_is_described_and_so_are_its_recommended_settings() -> None:
    assert text_of(by_id()["data-about"]) == PRESETS[0].description
    words = text_of(by_id()["recommended-help"])
    assert f"Embedding size {PRESETS[0].recommended['n_embd']}" in words
    assert "Context length" not in words, "it is as recommended"


def test_the_default_data_are_there_from_the_first_paint() -> None:
    documents = (DATASET_FOLDER / PRESETS[0].file).read_text(encoding="utf-8").splitlines()
    preview = "".join(by_id()["preview"].itertext()).splitlines()
    assert len(preview) >= 20
    assert preview == documents[: len(preview)]
    assert f"{len(documents):,}" in text_of(by_id()["statistics"])
    alphabet = sorted(set("".join(documents)))
    (body,) = page().iter("body")
    assert body.get("data-vocabulary") == str(len(alphabet) + 1)
    assert by_id()["probabilities"].get("data-alphabet") == "".join(alphabet)
    items = [item for item in by_id()["probabilities"] if item.tag == "li"]
    assert len(items) == len(alphabet) + 1 == case_html(alphabet).count("<li>")


def test_the_size_of_the_model_is_there_from_the_first_paint() -> None:
    (body,) = page().iter("body")
    config = ModelConfig(int(body.get("data-vocabulary", "")))
    assert text_of(by_id()["num-params"]) == f"{config.num_params:,}"
    assert by_id()["breakdown"].find("tr") is not None
    boxes = [box for box in by_id()["picture"].iter("g") if box.get("role") == "button"]
    assert len(boxes) == 17, "one for each operation of the default model"
