"""What is in sight at which width: the whole loop on a laptop, a thin bar on a phone."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from app.shared.presets import PRESETS
from tests.browser.app import Playground

LAPTOPS = ({"width": 1440, "height": 900}, {"width": 1280, "height": 800})
PHONE = {"width": 390, "height": 844}
ZOOMED = {"width": 320, "height": 256}  # 1280 x 1024 at 400 %
WIDTHS = (320, 390, 500, 768, 1100, 1280, 1440, 1920)
MAX_TAB_STOPS = 20  # before the first bar
MAX_BAR_PIXELS = 64  # of the bar at the bottom of a phone
MIN_TARGET_PIXELS = 44  # of what is pressed with a finger

# Rows of the case of type, by the places of its tokens.
CASE_ROWS = """
() => new Set([...document.querySelectorAll("#probabilities li")]
  .map((item) => Math.round(item.getBoundingClientRect().bottom))).size
"""
# Every shift of the layout that no press or key has caused.
# But for the lines that the model writes while it learns: a new one comes above the others.
WATCH_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const entry of list.getEntries())
    if (!entry.hadRecentInput && !entry.sources.every((s) => s.node?.parentElement?.id === "live"))
      window.shifts.push([entry.value, ...entry.sources.map((s) => s.node?.id || s.node?.className
        || s.node?.parentElement?.id || s.node?.nodeName)]);
}).observe({ type: "layout-shift", buffered: true });
"""


def laptops() -> list[object]:
    return [
        pytest.param(marks=pytest.mark.context_options(viewport=size), id=f"{size['width']}")
        for size in LAPTOPS
    ]


def boxes(locator: Locator) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each element in the window."""
    found: list[tuple[float, float, float, float]] = locator.evaluate_all(
        """elements => elements.map((e) => {
          const box = e.getBoundingClientRect();
          return [box.left, box.top, box.right, box.bottom];
        })"""
    )
    return found


def out_of_sight(page: Page, locator: Locator) -> list[str]:
    """What of these elements is not wholly in the window, without scrolling."""
    size = page.viewport_size
    assert size is not None
    names = locator.evaluate_all("elements => elements.map((e) => e.id || e.textContent.trim())")
    assert names, "there is such an element"
    return [
        f"{name} at {box}"
        for name, box in zip(names, boxes(locator), strict=True)
        if not (0 <= box[0] < box[2] <= size["width"] + 1)
        or not (0 <= box[1] < box[3] <= size["height"] + 1)
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than the window."""
    width: int = page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return width


@pytest.mark.parametrize((), laptops())
def test_the_whole_loop_is_in_sight_on_a_laptop(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    in_sight = [
        page.locator("#index label"),
        page.get_by_role("region", name="Preview of the text"),
        *(playground.slider(name) for name in ("Embedding size", "Attention heads", "Layers")),
        playground.slider("Context length"),
        playground.button("Train"),
        playground.status,
        page.locator("#chart"),
        page.locator("#live"),
        page.locator("#generated"),
        page.locator("#probabilities button"),
    ]
    problems = [problem for locator in in_sight for problem in out_of_sight(page, locator)]
    assert problems == []
    assert page.evaluate(CASE_ROWS) == 1


@pytest.mark.context_options(viewport={"width": 1100, "height": 800})
def test_the_case_has_one_row_on_a_small_laptop(playground: Playground) -> None:
    assert playground.open().wait_worker().page.evaluate(CASE_ROWS) == 1


def test_no_width_scrolls_sideways(playground: Playground, tmp_path: Path) -> None:
    """Not with a file of one's own, either, nor with what is folded opened."""
    page = playground.open("#num_steps=100&pace=full&data=own").wait_worker().page
    playground.choose(tmp_path, a_long_name_of_a_file_of_ones_own_txt=b"anna\nbob\ncleo\n" * 50)
    expect(playground.statistics).to_contain_text("150 lines")
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    playground.button("Train").click()
    expect(page.locator("#verdict")).to_contain_text("The loss fell", timeout=60_000)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        assert overflow(page) == 0, width
        for chip in page.locator(".chip:visible").all():
            chip.click()
            assert overflow(page) == 0, width


def test_drawings_and_buttons_keep_their_size_on_narrow_screens(playground: Playground) -> None:
    page = playground.open().page
    page.set_viewport_size({"width": 768, "height": 1024})
    page.locator("#data-chip").click()
    page.get_by_text("More about this data").click()
    ((left, _, right, _),) = boxes(page.locator("#histogram svg"))
    assert right - left <= 340, "its labels are no larger than headings"
    page.set_viewport_size({"width": 320, "height": 640})
    ((_, top, _, _),) = boxes(page.locator("#start-over"))
    ((_, beside, _, _),) = boxes(page.locator("#pace"))
    assert abs(top - beside) <= 1, "the pace has no line of its own"


def test_the_column_of_settings_is_no_longer_than_the_stage(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    for width in (1280, 1440, 1920):
        page.set_viewport_size({"width": width, "height": 900})
        ((_, _, _, rail),) = boxes(page.locator("#settings"))
        ((_, _, _, stage),) = boxes(page.locator(".stage"))
        assert rail <= stage


def test_a_search_finds_data_sets_by_name_and_description(playground: Playground) -> None:
    page = playground.open().page
    search = page.get_by_role("searchbox", name="Find a data set")
    radios = page.locator("#index [role=group] label:visible")
    expect(radios).to_have_count(len(PRESETS))
    search.fill("irish")
    expect(radios).to_have_text(["Irish tunes1,766"])
    search.fill("no such thing")
    expect(radios).to_have_count(0)
    expect(page.locator("#found-none")).to_be_visible()
    search.fill("brackets")
    search.press("Enter")
    chosen = page.get_by_role("radio", name="Balanced brackets")
    expect(chosen).to_be_checked()
    expect(chosen).to_be_focused()
    expect(radios).to_have_count(len(PRESETS))


def test_own_data_take_the_place_of_the_list(playground: Playground) -> None:
    page = playground.open().page
    page.get_by_role("radio", name="Bring your own").check()
    text = page.get_by_role("textbox", name="Your own text")
    expect(text).to_be_focused()
    expect(page.get_by_role("radio", name="Sums")).to_be_hidden()
    playground.button("All data sets").click()
    expect(text).to_be_hidden()
    expect(page.get_by_role("radio", name="Bring your own")).to_be_checked()
    page.get_by_role("radio", name="Bring your own").click()
    expect(text).to_be_visible()


@pytest.mark.context_options(viewport=PHONE, has_touch=True, is_mobile=True)
def test_a_phone_starts_with_the_stage_and_has_the_rail_behind_two_buttons(
    playground: Playground,
) -> None:
    page = playground.open().page
    expect(page.locator("#chart")).to_be_in_viewport()
    expect(playground.slider("Layers")).to_be_hidden()
    model = page.get_by_role("button", name="Model 4,192 parameters")
    model.tap()
    expect(model).to_have_attribute("aria-expanded", "true")
    expect(playground.slider("Layers")).to_be_in_viewport()
    page.get_by_role("button", name="Data US first names").tap()
    expect(playground.slider("Layers")).to_be_hidden()
    page.get_by_role("radio", name="Dinosaurs").check()
    expect(page.get_by_role("button", name="Data Dinosaurs")).to_be_visible()


@pytest.mark.context_options(viewport=PHONE, has_touch=True, is_mobile=True)
def test_the_bar_of_a_phone_is_thin_and_train_brings_the_chart_into_sight(
    playground: Playground,
) -> None:
    page = playground.open("#num_steps=100&pace=full").wait_worker().page
    ((_, top, _, bottom),) = boxes(page.locator(".steer"))
    assert bottom == PHONE["height"]
    assert bottom - top <= MAX_BAR_PIXELS
    page.locator("footer").scroll_into_view_if_needed()
    ((_, _, _, end),) = boxes(page.locator("footer p"))
    assert end <= top, "the bar covers nothing at the end of the page"
    playground.button("Train").tap()
    expect(page.locator("#chart")).to_be_in_viewport(ratio=1)
    ((_, _, _, chart),) = boxes(page.locator("#chart"))
    assert chart <= top
    expect(page.locator("#verdict")).to_contain_text("The loss fell", timeout=60_000)


@pytest.mark.context_options(viewport=ZOOMED)
def test_at_a_zoom_of_400_percent_the_bar_is_part_of_the_page(playground: Playground) -> None:
    page = playground.open().page
    assert page.locator(".steer").evaluate("e => getComputedStyle(e).position") == "relative"
    assert overflow(page) == 0


@pytest.mark.context_options(viewport=PHONE, has_touch=True, is_mobile=True)
def test_fingers_find_targets_that_are_large_enough(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    found = []
    for chip in ("Data", "Model"):
        page.locator(f"#{chip.lower()}-chip").tap()
        found += page.evaluate(
            """
            (least) => [...document.querySelectorAll("button, select, summary, label.choice")]
              .filter((e) => e.checkVisibility() && !e.closest(".case, .tiles"))
              .map((e) => [e.id || e.textContent.trim(), e.getBoundingClientRect()])
              .filter(([, box]) => box.width > 2 && box.height + 0.5 < least)
              .map(([name, box]) => `${name}: ${Math.round(box.height)}`)
            """,
            MIN_TARGET_PIXELS,
        )
    assert sorted(set(found)) == []


def test_few_tab_stops_lie_before_the_first_bar(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    for stops in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.closest('#probabilities') !== null"):
            assert stops <= MAX_TAB_STOPS
            return
    pytest.fail("the case cannot be reached")


def test_the_buttons_of_a_toolbar_are_one_tab_stop(playground: Playground) -> None:
    page = playground.open().page
    focused = (
        "document.activeElement.getAttribute('aria-label') || document.activeElement.textContent"
    )
    playground.button("Models").focus()
    names = [page.evaluate(focused)]
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        names.append(page.evaluate(focused))
    assert names == ["Models", "Share", "Dark theme", "Models", "Dark theme"]
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(focused) == "Learn"
    page.keyboard.press("Tab")
    assert page.evaluate(focused) == "Models"


@pytest.mark.parametrize((), laptops())
def test_nothing_jumps_while_the_page_comes_up_and_trains(playground: Playground) -> None:
    page = playground.page
    page.add_init_script(WATCH_SHIFTS)
    playground.open("#num_steps=200&pace=full").wait_worker()
    playground.button("Train").click()
    expect(page.locator("#verdict")).to_contain_text("The loss fell", timeout=60_000)
    playground.button("Next token").click()
    playground.button("Generate").click()
    expect(page.locator("#samples .writing")).to_have_count(0)
    assert page.evaluate("window.shifts") == []
