"""Serves a built site on this machine, with the types, caching and compression that it is made for.

A request is answered from a table of the site's files, so none can reach any other file. The
table is read again when the site was built anew. Knows nothing of how the site is built.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from email.utils import formatdate, parsedate_to_datetime
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from app.site import LABEL
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


class Page(NamedTuple):
    """What one address answers with: its type, its caching, and its files by encoding."""

    type: str
    caching: str
    variants: dict[str, Path]


class Table(NamedTuple):
    """The pages of a site by address, and the build of the site that they were read from."""

    build: tuple[int, int] | None
    pages: dict[str, Page]


class Version(NamedTuple):
    """The state of one file when it was opened."""

    size: int
    modified: float
    etag: str


class SiteServer(ThreadingHTTPServer):
    """A server of one site; `url` is the address to open in a browser."""

    daemon_threads = True

    def __init__(self, site: Path, host: str, port: int, prefix: str) -> None:
        self._site, self._prefix = site, prefix
        self._table = _table(site, prefix)
        self.address_family, address = _address(host, port)
        super().__init__(address, Handler)
        self.url = f"http://{_as_written(host)}:{self.server_address[1]}{prefix}"

    def page(self, address: str) -> Page | None:
        """What an address of the site, as it is now, answers with."""
        if _build(self._site) not in (None, self._table.build):
            self._table = _table(self._site, self._prefix)
        return self._table.pages.get(address)

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
        page = self.server.page(unquote(urlsplit(self.path).path))
        if page is None:
            self._no_page(with_body=with_body)
            return
        encoding = best_encoding(self.headers.get("Accept-Encoding", ""), page.variants)
        try:
            file = page.variants[encoding].open("rb")
        except OSError:  # it was removed since the table was read
            self._no_page(with_body=with_body)
            return
        with file:
            version = _version(file.fileno(), encoding)
            if self._is_known(version):
                self._headers(HTTPStatus.NOT_MODIFIED, page, version, {})
                return
            about = {"Content-Type": page.type, "Content-Length": str(version.size)}
            if encoding:
                about["Content-Encoding"] = encoding
            self._headers(HTTPStatus.OK, page, version, about)
            if with_body and version.size:
                sent = self.connection.sendfile(file, count=version.size)
                # A browser must not wait for bytes that a file cut meanwhile no longer has.
                self.close_connection |= sent < version.size

    def _is_known(self, version: Version) -> bool:
        """Whether the browser already has this very form of the file."""
        tags = self.headers.get("If-None-Match")
        if tags is not None:
            known = {tag.strip().removeprefix("W/") for tag in tags.split(",")}
            return version.etag in known or "*" in known
        try:
            since = parsedate_to_datetime(self.headers.get("If-Modified-Since", ""))
            return int(version.modified) <= since.timestamp()
        except ValueError:
            return False

    def _headers(
        self, status: HTTPStatus, page: Page, version: Version, more: dict[str, str]
    ) -> None:
        self.send_response(status)
        self.send_header("Cache-Control", page.caching)
        self.send_header("ETag", version.etag)
        self.send_header("Last-Modified", formatdate(version.modified, usegmt=True))
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

    It listens when it is returned; `serve_forever()` answers, by when the site must be there.
    Port 0 takes any free port.
    """
    try:
        return SiteServer(site, host, port, prefix)
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
    except UnicodeError as error:
        raise SetupError(f"{host} is no name of a host: choose another with --host.") from error


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
        caching = FOR_EVER if "/" in name else ASK_EACH_TIME
        page = Page(TYPES.get(path.suffix, UNKNOWN_TYPE), caching, {"": path, **companions})
        pages[prefix + name] = page
        if path.name == "index.html":
            pages[prefix + name.removesuffix("index.html")] = page
    return pages


def best_encoding(accepted: str, variants: dict[str, Path]) -> str:
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


def _table(site: Path, prefix: str) -> Table:
    """Reads the table of a site; one replaced meanwhile is read again at the next request."""
    build = _build(site)
    try:
        return Table(build, pages_of(site, prefix))
    except OSError:
        return Table(None, {})


def _build(site: Path) -> tuple[int, int] | None:
    """Which build of the site is there; None where there is none, or it does not say."""
    try:
        stat = (site / LABEL).stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino


def _version(file: int, encoding: str) -> Version:
    stat = os.fstat(file)
    etag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}{encoding}"'
    return Version(stat.st_size, stat.st_mtime, etag)


def _address(host: str, port: int) -> tuple[socket.AddressFamily, Any]:
    """The family and the address to listen on; of a host with several, one of IPv4 if it has one.

    Every program that asks for localhost tries IPv4, and not every one tries IPv6.
    """
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _, _, _, address = min(found, key=lambda info: info[0] != socket.AF_INET)
    return family, address


def _as_written(host: str) -> str:
    """A host as an address shows it: one that means every interface is opened as localhost."""
    if host in {"", "0.0.0.0", "::"}:
        return "localhost"
    return f"[{host}]" if ":" in host else host
