"""What the site is installed with: the manifest, the icon, the colour of the window."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from app.site.offline import PICTURE_SIZES, maskable_icon, picture_of_icon
from tests.browser.app import Playground

# Runs in the page: by how much two pictures differ on average, of 255.
MEAN_DIFFERENCE = """
async (urls) => {
  const [one, other] = await Promise.all(urls.map(async (url) => {
    const image = new Image();
    image.src = url;
    await image.decode();
    const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
    canvas.drawImage(image, 0, 0);
    return canvas.getImageData(0, 0, image.width, image.height).data;
  }));
  if (one.length !== other.length) return 255;
  return one.reduce((sum, value, i) => sum + Math.abs(value - other[i]), 0) / one.length;
}
"""


def test_the_site_can_be_installed(playground: Playground, context: BrowserContext) -> None:
    page = playground.open().page
    session = context.new_cdp_session(page)
    problems = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    # Every context of a test is such a window.
    assert [each["errorId"] for each in problems] == ["in-incognito"]
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    assert found["manifest"]["startUrl"] == found["manifest"]["scope"] == page.url


@pytest.mark.parametrize("size", PICTURE_SIZES)
def test_the_pictures_of_the_icon_are_drawn_from_it(page: Page, size: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": size, "height": size})
    style = f"<style>* {{ margin: 0 }} svg {{ display: block; width: {size}px }}</style>"
    page.set_content(style + maskable_icon())
    drawn = tmp_path / picture_of_icon(size).name
    page.screenshot(path=drawn)
    difference = page.evaluate(MEAN_DIFFERENCE, [as_url(drawn), as_url(picture_of_icon(size))])
    assert difference < 1, f"the icon has changed: put {drawn} into static/"  # of 255


def as_url(picture: Path) -> str:
    return f"data:image/png;base64,{base64.b64encode(picture.read_bytes()).decode()}"


def test_the_window_has_the_colour_of_the_page(playground: Playground) -> None:
    page = playground.open().page
    colour = "() => getComputedStyle(document.documentElement).getPropertyValue('--paper')"
    shown = """() => [...document.querySelectorAll("meta[name=theme-color]")]
        .filter(({ media }) => matchMedia(media).matches).map(({ content }) => content)"""
    light = page.evaluate(shown)
    assert light == [page.evaluate(colour)]
    playground.button("Dark theme").click()
    assert page.evaluate(shown) == [page.evaluate(colour)] != light
