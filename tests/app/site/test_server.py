"""The server of the site, asked by a plain HTTP client."""

from __future__ import annotations

import contextlib
import http.client
import socket
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.site import BUILD_LABEL
from app.site.address import listen, url_of
from app.site.environment import SetupError
from app.site.policy import header_policy
from tests.support.serving import serving

SCRIPT = "release/static/boot.js"
BIG_SCRIPT = b"// a script\n" * 100


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site: a page, a script with its compressed companions, a binary, an archive."""
    files = {
        "index.html": b"<!doctype html><title>A page</title>",
        "service_worker.js": b"// keeps the site",
        SCRIPT: BIG_SCRIPT,
        f"{SCRIPT}.br": b"as brotli",
        f"{SCRIPT}.gz": b"as gzip",
        "release/manifest.webmanifest": b"{}",
        "release/page.tar.gz": b"an archive",
        "release/app/page.py": b"print('page')\n",
        "vendor/python.wasm": b"\0asm",
        "vendor/package-1.whl": b"PK",
    }
    for name, data in files.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    (tmp_path / "secret.txt").write_text("not for the web", encoding="utf-8")
    return tmp_path / "site"


class Client:
    """Sends requests to one server, and reads whole responses."""

    def __init__(self, url: str) -> None:
        self.address = urlsplit(url)

    def get(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> tuple[HTTPResponse, bytes]:
        host, port = self.address.hostname, self.address.port
        assert host is not None
        connection = http.client.HTTPConnection(host, port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer, answer.read()


@contextlib.contextmanager
def served(site: Path, prefix: str = "/", host: str = "127.0.0.1") -> Iterator[Client]:
    with serving(site, prefix, host) as url:
        yield Client(url)


@pytest.fixture
def client(site: Path) -> Iterator[Client]:
    with served(site) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "content_type"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/index.html", "text/html; charset=utf-8"),
        ("/service_worker.js", "text/javascript; charset=utf-8"),
        ("/release/manifest.webmanifest", "application/manifest+json; charset=utf-8"),
        ("/release/static/boot.js", "text/javascript; charset=utf-8"),
        ("/release/app/page.py", "text/x-python; charset=utf-8"),
        ("/release/page.tar.gz", "application/gzip"),
        ("/vendor/python.wasm", "application/wasm"),
        ("/vendor/package-1.whl", "application/zip"),
    ],
)
def test_every_file_has_its_type(client: Client, path: str, content_type: str) -> None:
    answer, _ = client.get(path)
    assert answer.status == 200
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Encoding"] is None


@pytest.mark.parametrize("path", ["/", f"/{SCRIPT}", "/missing"])
def test_every_answer_has_the_policy(client: Client, path: str) -> None:
    answer, _ = client.get(path)
    assert answer.headers["Content-Security-Policy"] == header_policy()


def test_only_the_page_and_its_service_worker_are_revalidated(client: Client) -> None:
    page, _ = client.get("/")
    keeper, _ = client.get("/service_worker.js")
    script, _ = client.get("/release/static/boot.js")
    assert page.headers["Cache-Control"] == keeper.headers["Cache-Control"] == "no-cache"
    assert "immutable" in script.headers["Cache-Control"]


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("", None, BIG_SCRIPT),
        ("gzip, deflate", "gzip", b"as gzip"),
        ("gzip, deflate, br, zstd", "br", b"as brotli"),
        ("br;q=0, gzip;q=0.5", "gzip", b"as gzip"),
        ("br; q=0.0, gzip; q=0", None, BIG_SCRIPT),
    ],
)
def test_the_compressed_file_goes_to_browsers_that_accept_it(
    client: Client, accepted: str, encoding: str | None, body: bytes
) -> None:
    answer, got = client.get("/release/static/boot.js", {"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == encoding
    assert got == body
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_a_file_that_the_browser_has_cached_is_not_sent_again(client: Client) -> None:
    first, _ = client.get("/")
    by_tag, body = client.get("/", {"If-None-Match": f'"other", {first.headers["ETag"]}'})
    by_date, _ = client.get("/", {"If-Modified-Since": first.headers["Last-Modified"]})
    changed, _ = client.get("/", {"If-None-Match": '"other"'})
    assert (by_tag.status, body, by_date.status, changed.status) == (304, b"", 304, 200)


@pytest.mark.parametrize(
    ("asked", "status", "sent"),
    [
        ("bytes=0-8", 206, "bytes 0-8/1200"),
        ("bytes=-5", 206, "bytes 1195-1199/1200"),
        ("bytes=9999-", 416, "bytes */1200"),
    ],
)
def test_a_range_of_a_file_can_be_requested(
    client: Client, asked: str, status: int, sent: str
) -> None:
    answer, body = client.get(f"/{SCRIPT}", {"Range": asked})
    assert (answer.status, answer.headers["Content-Range"]) == (status, sent)
    if status == 206:
        assert body in BIG_SCRIPT


def test_head_returns_the_headers_without_the_body(client: Client) -> None:
    answer, body = client.get("/release/static/boot.js", method="HEAD")
    assert answer.status == 200
    assert answer.headers["Content-Length"] == str(len(BIG_SCRIPT))
    assert body == b""


@pytest.mark.parametrize(
    "path",
    [
        "/release/",
        "/release",
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/release/..%2f..%2f..%2fsecret.txt",
        "//secret.txt",
        "/release/static/boot.js.br",
        "/release/static/boot.js.gz",
        "/a%00b",
        f"/{'long' * 100}",
    ],
)
def test_nothing_but_the_files_of_the_site_is_served(client: Client, path: str) -> None:
    answer, body = client.get(path)
    assert answer.status == 404
    assert b"not for the web" not in body


def test_a_site_is_served_below_a_path(site: Path) -> None:
    with served(site, "/microgpt/") as client:
        assert client.get("/microgpt/")[0].status == 200
        assert client.get("/microgpt/release/app/page.py")[0].status == 200
        assert client.get("/")[0].status == 404
        assert client.get("/release/app/page.py")[0].status == 404


def rebuild(site: Path, name: str, page: bytes) -> None:
    """Replaces a site by another: its page, its label, and one other file."""
    part, old = site.with_name("part"), site.with_name(f"before-{Path(name).stem}")
    (part / name).parent.mkdir(parents=True)
    (part / name).write_bytes(b"new")
    (part / "index.html").write_bytes(page)
    (part / BUILD_LABEL).write_bytes(b"{}")
    site.rename(old)
    part.rename(site)


@pytest.mark.parametrize("page", [b"<!doctype html>", b"<!doctype html>" * 9999, b""])
def test_a_rebuilt_site_is_served_by_a_running_server(site: Path, page: bytes) -> None:
    with served(site) as client:
        before, _ = client.get("/")
        rebuild(site, "r-2/one.js", page)
        answer, body = client.get("/", {"If-None-Match": before.headers["ETag"]})
        assert (answer.status, body) == (200, page)
        assert client.get("/r-2/one.js")[1] == b"new"
        assert client.get(f"/{SCRIPT}")[0].status == 404
        rebuild(site, "r-3/two.js", b"<p>the third")
        assert client.get("/")[1] == b"<p>the third"
        assert client.get("/r-3/two.js")[1] == b"new"
        assert client.get("/r-2/one.js")[0].status == 404


def test_a_site_is_served_again_after_it_was_away_for_a_moment(site: Path) -> None:
    with served(site) as client:
        assert client.get("/")[0].status == 200
        site.rename(site.with_name("away"))
        assert client.get("/")[0].status == 404
        site.mkdir()
        rebuild(site, "r-2/one.js", b"<p>the second")
        assert client.get("/")[1] == b"<p>the second"


def test_a_site_that_is_built_after_the_server_started_is_served(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with served(site) as client:
        assert client.get("/")[0].status == 404
        site.mkdir()
        rebuild(site, "r-1/one.js", b"<p>the page")
        assert client.get("/")[1] == b"<p>the page"


@pytest.mark.parametrize("data", [b"short", b"longer than before " * 100])
def test_a_changed_file_is_sent_at_its_own_length(site: Path, client: Client, data: bytes) -> None:
    before, _ = client.get("/vendor/python.wasm")
    (site / "vendor" / "python.wasm").write_bytes(data)
    answer, body = client.get("/vendor/python.wasm", {"If-None-Match": before.headers["ETag"]})
    assert (answer.status, body) == (200, data)
    assert answer.headers["Content-Length"] == str(len(data))


def test_a_file_that_vanished_is_not_found(site: Path, client: Client) -> None:
    before, _ = client.get("/vendor/python.wasm")
    (site / "vendor" / "python.wasm").unlink()
    answer, _ = client.get("/vendor/python.wasm", {"If-None-Match": before.headers["ETag"]})
    assert answer.status == 404


def has_ipv6_loopback() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6_loopback(), reason="there is no IPv6 on this machine")
def test_it_serves_on_an_ipv6_address(site: Path) -> None:
    with served(site, host="::1") as client:
        assert client.get("/")[0].status == 200
    with listen("::1", 0) as listening:
        assert url_of("::1", listening) == f"http://[::1]:{listening.getsockname()[1]}/"


def test_a_host_with_both_families_is_served_on_ipv4(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")
    found = [
        (socket.AF_INET6, *stream, ("::1", 0, 0, 0)),
        (socket.AF_INET, *stream, ("127.0.0.1", 0)),
    ]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_asked, **_more: found)
    with listen("localhost", 0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"


@pytest.mark.parametrize("host", ["", "0.0.0.0"])
def test_a_host_that_means_every_interface_is_opened_as_localhost(host: str) -> None:
    with listen(host, 0) as listening:
        assert url_of(host, listening) == f"http://localhost:{listening.getsockname()[1]}/"


def test_a_wrong_host_name_is_reported_in_one_clear_sentence() -> None:
    with pytest.raises(SetupError, match=r"^a\.\.b is not a host name: choose .*--host"):
        listen("a..b", 0)
