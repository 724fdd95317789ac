"""Nothing leaves the machine: the browser itself keeps page and worker from reaching another host."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import web
from playwright.sync_api import Page, Worker, expect

from app.site.policy import header_policy
from tests.browser.app import Playground
from tests.support.serving import serving_app

# Each tries to reach the other server in its own way, and says how that went.
ATTEMPTS = {
    "fetch": "fetch(URL, { mode: 'no-cors' })",
    "import": "import(URL)",
    "socket": """new Promise((resolve, reject) => {
        const socket = new WebSocket(URL.replace('http', 'ws'));
        socket.onopen = resolve;
        socket.onerror = () => reject(new Error('refused'));
    })""",
    "events": """new Promise((resolve, reject) => {
        const source = new EventSource(URL);
        source.onopen = resolve;
        source.onerror = () => reject(new Error('refused'));
    })""",
}
ON_THE_PAGE = {
    **ATTEMPTS,
    "image": "new Promise((resolve, reject) => Object.assign(new Image(), { src: URL, onload: resolve, onerror: () => reject(new Error('refused')) }))",
    "beacon": "Promise.resolve(navigator.sendBeacon(URL, 'text') || Promise.reject(new Error('refused')))",
}


def outcome(attempt: str, url: str) -> str:
    """A script that returns what came of an attempt to reach `url`."""
    return f"""async () => {{
        const URL = {url!r};
        try {{ await {attempt}; return "reached"; }} catch (error) {{ return "refused"; }}
    }}"""
