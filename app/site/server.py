"""Serves a built site on this machine, with the types and the caching that it is made for.

aiohttp sends the files, with byte ranges, ETags and the `.br` or `.gz` companion that a browser
accepts. A file is looked up at each request, so a rebuilt site is served at once.
"""

from __future__ import annotations

import re
import socket
from contextlib import suppress
from pathlib import Path

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter

from app.site.policy import header_policy

# The standard library's own table depends on the machine, and has no charset.
CONTENT_TYPES = {
    **dict.fromkeys((".js", ".mjs"), "text/javascript; charset=utf-8"),
    **dict.fromkeys((".whl", ".zip"), "application/zip"),
    ".css": "text/css; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json; charset=utf-8",
    ".woff2": "font/woff2",
}
IMMUTABLE = "public, max-age=31536000, immutable"
REFUSED_ENCODING = re.compile(r"[^,]*;\s*q=0(?:\.0*)?\s*(?=,|$)")  # of an Accept-Encoding header


class SiteFile(web.FileResponse):
    """A response with one file of the site."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        """Hides refused encodings (`br;q=0`) from aiohttp, which would take them for accepted."""
        headers = request.headers.copy()
        headers["Accept-Encoding"] = REFUSED_ENCODING.sub("", headers.get("Accept-Encoding", ""))
        return await super().prepare(request.clone(headers=headers))


def make_app(site: Path, prefix: str = "/") -> web.Application:
    """An application that serves the folder `site` below a path, as `/` or `/microgpt/`."""

    async def get(request: web.Request) -> web.StreamResponse:
        path = _find(site, request.match_info["name"] or "index.html")
        content_type = CONTENT_TYPES.get(path.suffix, "application/octet-stream")
        return SiteFile(path, headers={"Content-Type": content_type})

    async def add_headers(request: web.Request, response: web.StreamResponse) -> None:
        # The path of every file below a folder holds a hash of its contents.
        hashed = response.status < 400 and "/" in request.match_info.get("name", "")
        response.headers["Cache-Control"] = IMMUTABLE if hashed else "no-cache"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Content-Security-Policy"] = header_policy("embed" in request.query)

    app = web.Application()
    app.router.add_get(prefix + "{name:.*}", get)
    app.on_response_prepare.append(add_headers)
    return app


def serve(site: Path, listening: socket.socket) -> None:
    """Serves `site` on a socket until Ctrl+C."""
    web.run_app(make_app(site), sock=listening, access_log=None, print=None, shutdown_timeout=1)


def _find(site: Path, name: str) -> Path:
    """The file `name` of the site; companions of another file are not found by their own name."""
    with suppress(OSError, ValueError):  # a name that no file can have
        path = (site / name).resolve()
        companion = path.suffix in {".br", ".gz"} and path.with_suffix("").is_file()
        if path.is_relative_to(site.resolve()) and path.is_file() and not companion:
            return path
    raise web.HTTPNotFound
