"""The page before, during and after the start of Python."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from app.shared.presets import PRESETS
from tests.browser.app import Playground
from tests.browser.watch import Watch, wait_status

PAGE_MODULES = "**/page.bin*"
BUTTONS = (
    *("Train", "Step", "Start over", "Generate"),
    *("Next token", "Back", "Auto-play", "Reset"),
)
SLIDERS = (
    *("Embedding size", "Attention heads", "Layers", "Context length"),
    *("Learning rate", "Training steps", "Held out", "Temperature", "Samples"),
)


@contextmanager
def python_delayed(page: Page) -> Iterator[None]:
    """Hold back the page's own Python until the end of the block."""
    held_requests: list[Route] = []
    page.route(PAGE_MODULES, lambda route: held_requests.append(route))  # noqa: PLW0108 - it sets attributes
    yield
    page.unroute(PAGE_MODULES)  # which also releases the held requests
    assert held_requests, "no request was held back"


@pytest.mark.context_options(java_script_enabled=False)
def test_every_control_is_in_the_first_paint(playground: Playground) -> None:
    page = playground.page
    page.goto("")
    page.get_by_text("Advanced").click()
    for name in BUTTONS:
        expect(playground.button(name)).to_be_visible()
    for name in SLIDERS:
        expect(playground.slider(name)).to_be_visible()
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("42")
    expect(page.get_by_role("textbox", name="Text")).to_be_visible()
    expect(page.get_by_role("combobox", name="Pace")).to_have_value("watch")
    expect(page.get_by_role("group", name="Dataset").get_by_role("radio")).to_have_count(
        len(PRESETS) + 1  # and the user's own text
    )
    expect(page.get_by_role("radio", name="Bring your own")).to_be_visible()
    expect(page.get_by_label("Choose files")).to_be_attached()
    expect(playground.status).to_contain_text("step 0 / 1,000")
    expect(page.locator("#num-params")).to_have_text("4,192")


def test_nothing_moves_when_python_starts(playground: Playground) -> None:
    playground.page.add_init_script(
        """
        window.shifts = [];
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) {
            const names = entry.sources.map((source) => source.node?.id || source.node?.className);
            window.shifts.push([entry.value, names.join(" ")]);
          }
        }).observe({ type: "layout-shift", buffered: true });
        """
    )
    playground.open().wait_worker()
    shifts = playground.page.evaluate("window.shifts")
    # The cumulative layout shift: below 0.1 counts as good; one line of text that moves is 0.005.
    assert sum(value for value, _ in shifts) < 0.005, shifts


def test_a_click_on_train_before_python_is_up_is_kept(playground: Playground) -> None:
    page = playground.page
    with python_delayed(page):
        page.goto("#num_steps=100&pace=full", wait_until="commit")
        playground.button("Train").click()
    expect(playground.button("Pause")).to_be_visible()
    wait_status(page, r"step 100 / 100", seconds=120)


def test_edits_before_python_is_up_are_kept(playground: Playground) -> None:
    page = playground.page
    with python_delayed(page):
        page.goto("", wait_until="commit")
        page.get_by_role("radio", name="Pokémon names").check()
        playground.set_slider("Layers", 3)
    page.locator("body[data-page=ready]").wait_for(timeout=60_000)
    expect(page.get_by_role("radio", name="Pokémon names")).to_be_checked()
    expect(playground.slider("Layers")).to_have_value("3")
    expect(playground.slider("Training steps")).to_have_value("500")  # as recommended
    expect(page.locator("#statistics")).to_contain_text("1,023 names", timeout=60_000)


def test_an_edited_address_reaches_the_model(playground: Playground) -> None:
    page = playground.open().wait_worker().page
    page.evaluate("location.hash = '#temperature=0&prefix=zo'")
    expect(playground.tiles).to_have_text(["z", "o"])
    playground.button("Next token").click()
    expect(playground.tiles).to_have_count(3)
    assert sorted(playground.probability_by_token().values())[-2:] == [0.0, 1.0]


def test_the_page_says_what_it_is_waiting_for(playground: Playground) -> None:
    playground.page.goto("", wait_until="commit")
    state = playground.page.locator("#python-state")
    expect(state).to_contain_text(re.compile(r"Starting Python, \d of 4: "))
    expect(state).to_contain_text(re.compile(r"Python 3\.\d+\.\d+ is ready"), timeout=60_000)


def test_the_page_needs_no_other_host_and_no_special_headers(
    playground: Playground, page: Page, watch: Watch
) -> None:
    playground.open().wait_worker()
    assert watch.requested, "no request was recorded"
    assert not watch.foreign
    assert page.evaluate("self.crossOriginIsolated") is False


@pytest.mark.expects_errors
def test_the_security_policy_allows_no_other_host(playground: Playground) -> None:
    playground.open()
    # Nothing listens at this address: without the policy, the fetch fails for another reason.
    reason = playground.page.evaluate(
        """
        new Promise((resolve) => {
          document.addEventListener("securitypolicyviolation", (e) => resolve(e.violatedDirective));
          fetch("http://127.0.0.1:9/").catch(() => setTimeout(() => resolve("let through"), 500));
        })
        """
    )
    assert reason == "connect-src"


def test_packages_can_be_installed_from_the_site_itself(playground: Playground, site: Path) -> None:
    """The core's own wheel stands in for any package that the site serves."""
    playground.open().wait_worker()
    worker = playground.worker
    (wheel,) = site.glob("r-*/worker/*.whl")
    installed = worker.evaluate(
        """
        async (wheel) => {
          const micropip = await self.micropip;
          await micropip.install(wheel);
          return [...micropip.list().keys()];
        }
        """,
        playground.page.evaluate(
            "(path) => new URL(path, location.href).href", wheel.relative_to(site).as_posix()
        ),
    )
    assert "microgpt-playground" in installed


def test_settings_and_data_are_kept_in_the_address(playground: Playground) -> None:
    page = playground.open("#data=pokemon&n_embd=32&temperature=0.8&seed=7").page
    expect(page.get_by_role("radio", name="Pokémon names")).to_be_checked()
    expect(playground.slider("Embedding size")).to_have_value("32")
    expect(playground.slider("Temperature")).to_have_value("0.8")
    page.get_by_text("Advanced").click()
    expect(page.get_by_role("spinbutton", name="Seed")).to_have_value("7")
    playground.set_slider("Layers", 2)
    expect(page).to_have_url(re.compile(r"#data=pokemon&.*n_layer=2"))
    page.reload()
    expect(playground.slider("Layers")).to_have_value("2")
    expect(page.get_by_role("radio", name="Pokémon names")).to_be_checked()


def test_invalid_values_in_the_address_are_reported(playground: Playground) -> None:
    page = playground.open("#n_embd=17&seed=x").page
    notice = page.locator("#training-notice")
    expect(notice).to_contain_text("Embedding size can be 8, 16, 32, 64 here, not 17.")
    expect(notice).to_contain_text("Seed must be a whole number")
    expect(playground.slider("Embedding size")).to_have_value("16")
