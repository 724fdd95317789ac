"""What is shown, saved as pictures, in every browser: they open elsewhere, and are not blank."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from aiohttp import web

from tests.browsers.driver import until
from tests.browsers.page import PlaygroundPage
from tests.support.serving import serving_app

# Has what would be downloaded at hand, as an address that holds it.
CATCH = """
() => {
  window.saved = [];
  window.microgpt.download = (name, blob) => {
    const reader = new FileReader();
    reader.onload = () => window.saved.push([name, reader.result]);
    reader.readAsDataURL(blob);
  };
}
"""
TAKE = "() => window.saved.shift() ?? null"
# As an image of another page: its size, how many colours it has, and what the page fetched for it.
SHOW = """
async (address) => {
  const image = new Image();
  image.src = address;
  await image.decode();
  const canvas = document.createElement("canvas");
  const { naturalWidth: width, naturalHeight: height } = image;
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const colours = new Set(new Uint32Array(data.buffer)).size;
  const fetched = performance.getEntriesByType("resource").map(({ name }) => name);
  return [width, height, colours, fetched.filter((name) => !name.startsWith("data:"))];
}
"""
NAMESPACE = "{http://www.w3.org/2000/svg}"


def save(playground: PlaygroundPage, button: str) -> tuple[str, str]:
    """Presses a button; returns the name of the file, and an address that holds it."""
    playground.press(button)
    name, address = until(lambda: playground.driver.evaluate(TAKE), f"“{button}” saves a file")
    return name, address


async def empty_page(_: web.Request) -> web.Response:
    return web.Response(text='<link rel="icon" href="data:,">', content_type="text/html")


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[str]:
    """The address of an empty page of another site, where the page's policy does not hold."""
    app = web.Application()
    app.router.add_get("/", empty_page)
    with serving_app(app) as address:
        yield address


def test_pictures_open_elsewhere(playground: PlaygroundPage, elsewhere: str) -> None:
    playground.open("#open=attention")
    playground.wait("#view-attention", "this head reads")
    driver = playground.driver
    driver.evaluate(CATCH)
    saved: dict[str, str] = {}
    for button in ("Save the chart as", "Save Attention as"):
        for kind in ("SVG", "PNG"):
            name, address = save(playground, f"{button} {kind}")
            saved[name] = address
    assert list(saved) == [
        *("loss.svg", "loss.png"),
        *("attention-after-mari.svg", "attention-after-mari.png"),
    ]
    driver.open(elsewhere)
    for name in ("loss", "attention-after-mari"):
        text = b64decode(saved[f"{name}.svg"].split(",")[1]).decode()
        assert "foreignObject" not in text
        root = ElementTree.fromstring(text)
        assert root.findtext(f"{NAMESPACE}title")
        assert "US first names" in (root.findtext(f"{NAMESPACE}desc") or "")
        width, height, colours, fetched = driver.evaluate(SHOW, saved[f"{name}.svg"])
        assert (str(width), str(height)) == (root.get("width"), root.get("height"))
        assert fetched == [], f"{name} stands alone"
        assert colours > 20, f"{name} shows something"
        wide, high, colours, _ = driver.evaluate(SHOW, saved[f"{name}.png"])
        assert (wide, high) == (2 * width, 2 * height), "the PNG has two pixels for each"
        assert colours > 20, f"the PNG of {name} shows something"
    driver.open(f"{playground.url}nothing")  # a page of the site, where storage can be emptied
