"""Specifications of the Lab's pictures, and a page that draws them by themselves."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from playwright.sync_api import Locator, Page

from app.site.environment import ROOT

SVG = "{http://www.w3.org/2000/svg}"
Specification = dict[str, Any]
# Makes room for pictures over the page, and functions that draw them and save them.
PREPARE = """
async ([release, vendor, sheet]) => {
  const { drawLab } = await import(release + "lab.mjs");
  const { default: Plot } = await import(vendor);
  const { savePicture } = await import(release + "saving.mjs");
  const rules = new CSSStyleSheet();
  rules.replaceSync(sheet);
  document.adoptedStyleSheets.push(rules);
  const box = document.createElement("div");
  box.id = "lab-box";
  box.style.cssText =
    "position: fixed; inset: 20px 20px auto; z-index: 100; background: var(--paper)";
  document.body.prepend(box);
  window.said = [];
  window.draw = (json) =>
    drawLab(Plot, box, json, (id) => said.push(`at ${id}`), (id) => said.push(`press ${id}`));
  window.svg = async () => {
    let content;
    window.microgpt.download = (name, blob) => (content = blob.text());
    await savePicture(box, "svg", "name", "title", "description");
    return content;
  };
}
"""
# Where a value lies, in pixels of the window.
PLACE = """
([x, y]) => {
  const { plot } = document.querySelector("#lab-box .lab-plot");
  const box = plot.over.getBoundingClientRect();
  return [box.x + plot.valToPos(x, "x"), box.y + plot.valToPos(y, "y")];
}
"""
# How a pixel of a canvas looks that lies at a place of the window.
PIXEL = """
([x, y]) => {
  const canvas = document.querySelector("#lab-box canvas");
  const box = canvas.getBoundingClientRect();
  const scale = canvas.width / box.width;
  const [left, top] = [x - box.x, y - box.y].map((each) => Math.round(each * scale));
  return [...canvas.getContext("2d").getImageData(left, top, 1, 1).data].slice(0, 3);
}
"""
RANGES = """
() => {
  const { x, y } = document.querySelector("#lab-box .lab-plot").plot.scales;
  return [x.min, x.max, y.min, y.max];
}
"""


def point(name: str, x: float, median: float | None, spread: float = 0.1) -> Specification:
    low, high = (None, None) if median is None else (median - spread, median + spread)
    return {"id": name, "x": x, "low": low, "median": median, "high": high}


def series(name: str, colour: str, points: list[Specification], **more: bool) -> Specification:
    shape = {"dashed": False, "dots": True, "joined": True} | more
    return {"name": name, "colour": colour, **shape, "points": points}


def lines(*drawn: Specification, log: bool = False, **more: Any) -> Specification:
    return {
        "kind": "lines",
        "label": "Held-out loss over the learning rate",
        "x": {"title": "Learning rate", "log": log, "ticks": None},
        "y": {"title": "Held-out loss", "log": log, "percent": False, "range": None},
        "series": list(drawn),
        "laws": [],
        "predicted": [],
    } | more


TWO_SERIES = lines(
    series("16", "run-1", [point("a0", 1, 3.0), point("a1", 2, 2.5), point("a2", 3, 2.4)]),
    series("32", "run-2", [point("b0", 1, 2.0), point("b1", 2, 1.5), point("b2", 3, 1.7)]),
)
MAP: Specification = {
    "kind": "map",
    "label": "Gap by documents and size",
    "x": {"title": "Training documents", "ticks": ["100", "300", "1,000"]},
    "y": {"title": "Embedding size", "ticks": ["8", "16"]},
    "value": {"title": "Gap", "digits": 3, "better": "lower"},
    "cells": [
        {"id": "0:0", "x": 0, "y": 0, "value": 0.5},
        {"id": "0:1", "x": 1, "y": 0, "value": 0.1},
        {"id": "1:0", "x": 0, "y": 1, "value": 0.9},
        {"id": "1:1", "x": 1, "y": 1, "value": None},
    ],
}


def prepare_page(page: Page, site: Path) -> None:
    """Opens the page, with a box over it."""
    page.goto("")
    [release] = site.glob("r-*")
    [vendor] = site.glob("vendor/uplot-*")
    sheet = ROOT / "static" / "css" / "lab" / "figure.css"
    scripts = [f"{page.url}{release.name}/static/", f"{page.url}vendor/{vendor.name}/uPlot.esm.js"]
    page.evaluate(PREPARE, [*scripts, sheet.read_text(encoding="utf-8")])


def draw(page: Page, spec: Specification) -> Locator:
    """Draws a specification; returns the element that the picture lies in."""
    page.evaluate("json => window.draw(json)", json.dumps(spec))
    return page.locator("#lab-box")


def said(page: Page) -> list[str]:
    """What the picture has told since this was asked last."""
    told: list[str] = page.evaluate("window.said.splice(0)")
    return told


def place(page: Page, x: float, y: float) -> tuple[float, float]:
    left, top = page.evaluate(PLACE, [x, y])
    return left, top


def field(page: Page, x: int, y: int) -> tuple[float, float]:
    """The place in the lower left part of a field of `MAP`, beside its number."""
    box = page.locator("#lab-box canvas").bounding_box()
    assert box is not None
    left = box["x"] + box["width"] * (x + 0.15) / 3
    return left, box["y"] + box["height"] * (1 - y + 0.8) / 2


def saved(page: Page) -> ElementTree.Element:
    return ElementTree.fromstring(page.evaluate("window.svg()"))


def texts(root: ElementTree.Element) -> list[str]:
    return [element.text or "" for element in root.iter(f"{SVG}text")]


def colours(page: Page, *names: str) -> list[str]:
    """What custom properties are in the theme of the page."""
    script = "name => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`)"
    return [page.evaluate(script, name).strip() for name in names]


def channels(colour: str) -> list[int]:
    return [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
