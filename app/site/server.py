"""Serves a built site on this machine, with the types, caching and compression that it is made for.

Every file is known before the first request, so no request can reach any other. Knows nothing
of how the site was built.
"""

from __future__ import annotations

import errno
import shutil
import sys
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from app.site.environment import SetupError
from app.site.tree import files_below

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".gz": "application/gzip",
    ".html": "text/html; charset=utf-8",
    ".ico": "image/x-icon",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".py": "text/x-python; charset=utf-8",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
    ".whl": "application/zip",
    ".woff2": "font/woff2",
    ".zip": "application/zip",
}
UNKNOWN_TYPE = "application/octet-stream"
COMPRESSED = {".br": "br", ".gz": "gzip"}
FOR_EVER = "public, max-age=31536000, immutable"
ASK_EACH_TIME = "no-cache"


class Variant(NamedTuple):
    """One stored form of a file: as it is, or compressed."""

    file: Path
    size: int
    modified: float
    etag: str


class Page(NamedTuple):
    """What one address answers with: its type, its caching, and its forms by encoding."""

    type: str
    caching: str
    variants: dict[str, Variant]


class SiteServer(ThreadingHTTPServer):
    """A server of one site; `url` is the address to open in a browser."""

    daemon_threads = True

    def __init__(self, address: tuple[str, int], pages: dict[str, Page], prefix: str) -> None:
        self.pages = pages
        super().__init__(address, Handler)
        self.url = f"http://{_as_written(address[0])}:{self.server_address[1]}{prefix}"

    def handle_error(self, request: object, client_address: object) -> None:
        """A browser that hangs up early is no error; anything else is shown."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD from the table of pages."""

    protocol_version = "HTTP/1.1"
    server: SiteServer

    def do_GET(self) -> None:
        """Answers with a page's headers and body."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answers with a page's headers alone."""
        self._answer(with_body=False)

    def log_message(self, *_args: object, **_more: object) -> None:
        """Keeps the terminal quiet."""

    def _answer(self, *, with_body: bool) -> None:
        page = self.server.pages.get(unquote(urlsplit(self.path).path))
        if page is None:
            self._no_page(with_body=with_body)
            return
        encoding = best_encoding(self.headers.get("Accept-Encoding", ""), page.variants)
        variant = page.variants[encoding]
        if self._is_known(variant):
            self._headers(HTTPStatus.NOT_MODIFIED, page, variant, {})
            return
        try:
            file = variant.file.open("rb")
        except OSError:  # the site was built anew, or removed, since this server started
            self._no_page(with_body=with_body)
            return
        with file:
            about = {"Content-Type": page.type, "Content-Length": str(variant.size)}
            if encoding:
                about["Content-Encoding"] = encoding
            self._headers(HTTPStatus.OK, page, variant, about)
            if with_body:
                shutil.copyfileobj(file, self.wfile, 1 << 18)

    def _is_known(self, variant: Variant) -> bool:
        """Whether the browser already has this very form of the file."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return variant.etag in known or "*" in known
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
            return int(variant.modified) <= since.timestamp()
        except ValueError:
            return False

    def _headers(
        self, status: HTTPStatus, page: Page, variant: Variant, more: dict[str, str]
    ) -> None:
        self.send_response(status)
        self.send_header("Cache-Control", page.caching)
        self.send_header("ETag", variant.etag)
        self.send_header("Last-Modified", formatdate(variant.modified, usegmt=True))
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("X-Content-Type-Options", "nosniff")
        for name, value in more.items():
            self.send_header(name, value)
        self.end_headers()

    def _no_page(self, *, with_body: bool) -> None:
        body = b"There is no such page here.\n"
        self.send_response(HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", ASK_EACH_TIME)
        self.end_headers()
        if with_body:
            self.wfile.write(body)


def make_server(site: Path, host: str, port: int, prefix: str = "/") -> SiteServer:
    """A server of the built `site` below the path `prefix`, as `/` or `/microgpt/`.

    It listens when it is returned; `serve_forever()` answers. Port 0 takes any free port.
    """
    try:
        return SiteServer((host, port), pages_of(site, prefix), prefix)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SetupError(
                f"Port {port} is in use, perhaps by a playground started before: stop that "
                f"program, or choose another port with --port {port + 1}."
            ) from error
        reason = error.strerror or str(error)
        raise SetupError(
            f"Cannot listen on {host} port {port} ({reason}): choose others with --host and --port."
        ) from error
    except OverflowError as error:
        raise SetupError(f"There is no port {port}: choose one from 1 to 65535.") from error


def pages_of(site: Path, prefix: str) -> dict[str, Page]:
    """Every address of the site, with what it answers."""
    files = {path.relative_to(site).as_posix(): path for path in files_below(site)}
    pages = {}
    for name, path in files.items():
        if path.suffix in COMPRESSED and name.removesuffix(path.suffix) in files:
            continue
        companions = {
            encoding: files[name + suffix]
            for suffix, encoding in COMPRESSED.items()
            if name + suffix in files
        }
        variants = {
            encoding: _variant(file, encoding)
            for encoding, file in {"": path, **companions}.items()
        }
        caching = FOR_EVER if "/" in name else ASK_EACH_TIME
        page = Page(TYPES.get(path.suffix, UNKNOWN_TYPE), caching, variants)
        pages[prefix + name] = page
        if path.name == "index.html":
            pages[prefix + name.removesuffix("index.html")] = page
    return pages


def best_encoding(accepted: str, variants: dict[str, Variant]) -> str:
    """The name of the smallest form that the browser takes; "" is the file as it is.

    >>> best_encoding("gzip, br;q=0", {"": ..., "br": ..., "gzip": ...})
    'gzip'
    """
    taken = {""}
    for offer in accepted.lower().split(","):
        name, _, weight = offer.replace(" ", "").partition(";q=")
        if weight.strip("0.") or not weight:
            taken.add(name)
    return next((name for name in ("br", "gzip") if name in variants and name in taken), "")


def _variant(file: Path, encoding: str) -> Variant:
    stat = file.stat()
    return Variant(
        file, stat.st_size, stat.st_mtime, f'"{stat.st_mtime_ns:x}-{stat.st_size:x}{encoding}"'
    )


def _as_written(host: str) -> str:
    """A host as an address shows it: one that means every interface is opened as localhost."""
    if host in {"", "0.0.0.0", "::"}:
        return "localhost"
    return f"[{host}]" if ":" in host else host
