"""How the page looks at every width and in both themes, and whether it is accessible."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from app.shared.views import VIEW_NAMES
from app.site.environment import ROOT
from tests.browser.app import Playground

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
SCREENSHOTS = ROOT / "build" / "screenshots"
PHONE = {"width": 360, "height": 740}
LAPTOP = {"width": 1280, "height": 900}
WIDE = {"width": 1920, "height": 1080}


def save_screenshot(page: Page, name: str) -> None:
    """Save a screenshot of the whole page, to be looked at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def axe_findings(page: Page) -> list[str]:
    """What axe-core finds that violates WCAG 2.1 A and AA; contrast is decided where it cannot."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found: list[str] = page.evaluate(
        """
        async () => {
          const tags = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"];
          const { violations, incomplete } = await axe.run({ runOnly: tags });
          const found = violations.flatMap(({ id, nodes }) =>
            nodes.map(({ html, failureSummary }) => `${id}: ${html} ${failureSummary}`));
          // Where there is a gradient or something above a text, axe-core leaves its contrast open:
          // it is that of the text and the nearest colour below it, whatever lies between.
          const canvas = document.createElement("canvas").getContext("2d");
          const channels = (colour) => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = colour;
            canvas.fillRect(0, 0, 1, 1);
            return [...canvas.getImageData(0, 0, 1, 1).data];
          };
          const luminance = (colour) => {
            const [r, g, b] = channels(colour).map((c) => c / 255)
              .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const below = (element) => {
            for (let e = element; e; e = e.parentElement) {
              const colour = getComputedStyle(e).backgroundColor;
              if (channels(colour)[3] === 255) return colour;
            }
            return getComputedStyle(document.documentElement).backgroundColor;
          };
          for (const { id, nodes } of incomplete) {
            if (id !== "color-contrast") continue;
            for (const { target, html } of nodes) {
              const element = document.querySelector(target.join(" "));
              if (!element?.checkVisibility({ opacityProperty: true })) continue;
              const style = getComputedStyle(element);
              const [light, dark] = [style.color, below(element)].map(luminance)
                .sort((a, b) => b - a);
              const large = parseFloat(style.fontSize) >= 24;
              const contrast = (light + 0.05) / (dark + 0.05);
              if (contrast < (large ? 3 : 4.5) && channels(style.color)[3] > 0)
                found.push(`contrast ${contrast.toFixed(2)}: ${html}`);
            }
          }
          return found;
        }
        """
    )
    return found


def misplaced_controls(page: Page) -> list[str]:
    """Controls that are cut off at the sides or overlap."""
    result: list[str] = page.evaluate(
        """
        () => {
          const controls = [...document.querySelectorAll("button, input, select, textarea")]
            .filter((e) => e.checkVisibility() && !e.classList.contains("hidden-input"));
          const boxes = controls.map((e) => [e, e.getBoundingClientRect()]);
          const name = (e) => e.id || e.textContent.trim() || e.outerHTML.slice(0, 60);
          const found = [];
          for (const [e, box] of boxes) {
            if (e.closest(".runs-scroll")) continue; // a table scrolls sideways
            if (box.left < 0 || box.right > document.documentElement.clientWidth + 0.5)
              found.push(`${name(e)} is cut off`);
          }
          const fixed = (e) => getComputedStyle(e.closest(".steer") ?? e).position === "fixed";
          for (const [a, p] of boxes) for (const [b, q] of boxes) {
            if (a === b || fixed(a) || fixed(b) || a.contains(b) || b.contains(a)) continue;
            // Parts of these may be scrolled out of view.
            const scrolling = ".samples, .live-list, .preview-lines, .text-row, .runs-scroll";
            if (a.closest(scrolling) || b.closest(scrolling)) continue;
            const x = Math.min(p.right, q.right) - Math.max(p.left, q.left);
            const y = Math.min(p.bottom, q.bottom) - Math.max(p.top, q.top);
            if (x > 1 && y > 1) found.push(`${name(a)} misplaced_controls ${name(b)}`);
          }
          return found;
        }
        """
    )
    return result


def truncated_selects(page: Page) -> list[str]:
    """Selects that are narrower than their longest option."""
    result: list[str] = page.evaluate(
        """
        () => [...document.querySelectorAll("select")].filter((select) => {
          if (!select.checkVisibility()) return false;
          const width = select.getBoundingClientRect().width;
          select.style.width = "max-content";
          const wanted = select.getBoundingClientRect().width;
          select.style.width = "";
          return wanted > width + 0.5;
        }).map((select) => select.id)
        """
    )
    return result


def widths_and_themes() -> list[object]:
    """A phone, a laptop and a wide screen; a theme changes the colours alone, so one is dark."""
    return [
        pytest.param(
            f"{name}-{theme}",
            marks=pytest.mark.context_options(viewport=viewport, color_scheme=theme),
        )
        for name, viewport, theme in (
            ("phone", PHONE, "light"),
            ("laptop", LAPTOP, "light"),
            ("laptop", LAPTOP, "dark"),
            ("wide", WIDE, "light"),
        )
    ]


def open_rail(page: Page, part: str) -> None:
    """On a phone, open a part of the rail."""
    chip = page.locator(f"#{part.lower()}-chip")
    if chip.is_visible() and chip.get_attribute("aria-expanded") != "true":
        chip.click()


def check_state(page: Page, name: str) -> None:
    """Save a screenshot; nothing may be misplaced, cut off or inaccessible."""
    save_screenshot(page, name)
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert misplaced_controls(page) == []
    assert truncated_selects(page) == []
    assert axe_findings(page) == []


@pytest.mark.parametrize("name", widths_and_themes())
def test_the_page_is_laid_out_well_and_accessible_in_every_state(
    playground: Playground, name: str
) -> None:
    page = playground.open("#num_steps=100").page
    save_screenshot(page, f"{name}-1-loading")
    playground.wait_worker()
    check_state(page, f"{name}-2-ready")
    playground.button("Train").click()
    expect(playground.button("Pause")).to_be_visible()
    expect(page.locator("#status-time")).to_contain_text("computed")
    save_screenshot(page, f"{name}-3-training")
    playground.button("Pause").click()
    open_rail(page, "Model")
    playground.set_slider("Layers", 2)
    check_state(page, f"{name}-4-paused-and-changed")
    playground.set_slider("Layers", 1)
    page.get_by_label("Pace", exact=True).select_option("full")
    playground.button("Resume").click()
    expect(page.locator("#verdict")).to_contain_text("The loss fell", timeout=60_000)
    playground.button("Generate").click()
    expect(page.locator("#samples-words")).to_contain_text("20 written")
    playground.button("Next token").click()
    page.get_by_role("textbox", name="Text").fill("kar1")
    expect(page.locator("#writing-notice")).to_be_visible()
    check_state(page, f"{name}-5-done-and-error")


@pytest.mark.parametrize("name", widths_and_themes())
def test_what_is_folded_is_laid_out_well_and_accessible(playground: Playground, name: str) -> None:
    page = playground.open("#tokenizer=bpe&vocab_limit=64").wait_worker().page
    open_rail(page, "Data")
    page.get_by_role("radio", name="Bring your own").check()
    page.get_by_role("textbox", name="Your own text").fill("anna\nbob\ncleo\nhannah\n" * 40)
    expect(playground.statistics).to_contain_text("160 lines")
    page.evaluate("document.querySelectorAll('details').forEach((e) => { e.open = true; })")
    open_rail(page, "Model")
    expect(page.locator("#merge-rows tr").first).to_be_attached()
    playground.slider("Embedding size").focus()
    page.keyboard.press("Tab")  # only the keyboard's focus explains
    expect(page.get_by_role("tooltip")).to_be_visible()
    check_state(page, f"{name}-6-all-unfolded")


@pytest.mark.parametrize("name", widths_and_themes())
def test_the_inside_is_laid_out_well_and_accessible(playground: Playground, name: str) -> None:
    opened = ",".join(VIEW_NAMES)
    page = playground.open(f"#open={opened}&temperature=1&top_k=8").wait_worker().page
    expect(page.locator(".view-body:empty")).to_have_count(0)
    expect(page.locator(".regions.waiting")).to_have_count(0)
    check_state(page, f"{name}-7-inside")


@pytest.mark.context_options(color_scheme="light")
def test_the_theme_follows_the_system_until_the_user_chooses_one(playground: Playground) -> None:
    page = playground.open().page
    background = "getComputedStyle(document.documentElement).backgroundColor"
    light = page.evaluate(background)
    page.emulate_media(color_scheme="dark")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    dark = page.evaluate(background)
    assert dark != light
    expect(playground.button("Dark theme")).to_have_attribute("aria-pressed", "true")
    playground.button("Dark theme").click()
    assert page.evaluate(background) == light
    page.reload()
    assert page.evaluate(background) == light
    expect(playground.button("Dark theme")).to_have_attribute("aria-pressed", "false")


@pytest.mark.context_options(viewport=PHONE, has_touch=True)
def test_a_phone_keeps_train_and_the_step_in_view(playground: Playground) -> None:
    page = playground.open("#num_steps=100&pace=full").wait_worker().page
    page.locator("#samples").scroll_into_view_if_needed()
    expect(playground.button("Train")).to_be_in_viewport()
    expect(playground.status).to_be_in_viewport()
    playground.button("Train").tap()
    expect(page.locator("#verdict")).to_contain_text("The loss fell", timeout=60_000)


@pytest.mark.context_options(reduced_motion="reduce")
def test_nothing_is_animated_with_reduced_motion(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    written = playground.tiles.count()
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(written + 1)
    assert page.evaluate("document.getAnimations().length") == 0


def test_every_control_can_be_focused_with_the_keyboard_and_shows_it(
    playground: Playground,
) -> None:
    page = playground.open().wait_worker().page
    wanted = {"train", "step", "n_embd", "temperature", "text", "next", "generate"}
    reached = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        focus = page.evaluate(
            """
            () => {
              const e = document.activeElement;
              if (e === document.body) return [null, true];
              const outlined = (x) => x && getComputedStyle(x).outlineStyle !== "none";
              // The row of tiles stands in for the text box, a button for the choice of files.
              const stand_in = e.closest(".text-row") ?? e.parentElement.querySelector(".button");
              return [e.id || e.outerHTML, outlined(e) || outlined(stand_in)];
            }
            """
        )
        assert focus[1], f"{focus[0]} shows no focus"
        reached.add(focus[0])
    assert wanted <= reached
    # Beside Train, all but the first are reached with the arrow keys.
    playground.button("Step").focus()
    for name in ("Pace", "Runs"):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_label(name, exact=True)).to_be_focused()


def test_the_screenshot_for_the_readme(playground: Playground) -> None:
    """Saves build/screenshots/playground.png, of which the README shows a copy."""
    page = playground.open("#pace=full&open=votes,attention,lens").wait_worker().page
    page.set_viewport_size({"width": 1440, "height": 900})
    playground.button("Train").click()
    expect(page.locator("#verdict")).to_contain_text("The loss fell", timeout=120_000)
    playground.button("Reset").click()
    for count, letter in enumerate("kar", start=1):
        page.locator("#probabilities button").filter(has_text=letter).first.click()
        expect(playground.tiles).to_have_count(count)
    playground.button("Generate").click()
    expect(page.locator("#samples .writing")).to_have_count(0)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.evaluate("scrollTo(0, 0)")
    screenshot = Path(SCREENSHOTS / "playground.png")
    attention = page.get_by_role("region", name="Attention")
    expect(attention).to_contain_text("After “r”, this head reads")
    expect(attention).to_contain_text("Measured over", timeout=60_000)
    page.screenshot(path=screenshot, full_page=True)
    assert screenshot.stat().st_size > 50_000
