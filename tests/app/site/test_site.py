"""The server of the site, and the command line that starts it. Needs no browser and no network."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from app.site import BUILD_LABEL, assemble, cli
from app.site.address import listen, url_of
from app.site.environment import ROOT, SetupError
from tests.support.serving import serving

SCRIPT = "release/static/boot.js"
BIG_SCRIPT = b"// a script\n" * 100


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A small site: a page, a script with its compressed forms, a binary, an archive."""
    files = {
        "index.html": b"<!doctype html><title>A page</title>",
        SCRIPT: BIG_SCRIPT,
        f"{SCRIPT}.br": b"as brotli",
        f"{SCRIPT}.gz": b"as gzip",
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


def test_only_the_page_is_asked_for_again(client: Client) -> None:
    page, _ = client.get("/")
    script, _ = client.get("/release/static/boot.js")
    assert page.headers["Cache-Control"] == "no-cache"
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
def test_the_compressed_form_goes_to_browsers_that_take_it(
    client: Client, accepted: str, encoding: str | None, body: bytes
) -> None:
    answer, got = client.get("/release/static/boot.js", {"Accept-Encoding": accepted})
    assert answer.headers["Content-Encoding"] == encoding
    assert got == body
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"


def test_a_file_that_the_browser_has_is_not_sent_again(client: Client) -> None:
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
def test_a_part_of_a_file_can_be_asked_for(
    client: Client, asked: str, status: int, sent: str
) -> None:
    answer, body = client.get(f"/{SCRIPT}", {"Range": asked})
    assert (answer.status, answer.headers["Content-Range"]) == (status, sent)
    if status == 206:
        assert body in BIG_SCRIPT


def test_head_has_the_headers_without_the_body(client: Client) -> None:
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


def test_a_site_lives_below_a_path(site: Path) -> None:
    with served(site, "/microgpt/") as client:
        assert client.get("/microgpt/")[0].status == 200
        assert client.get("/microgpt/release/app/page.py")[0].status == 200
        assert client.get("/")[0].status == 404
        assert client.get("/release/app/page.py")[0].status == 404


def build_anew(site: Path, name: str, page: bytes) -> None:
    """Puts another site in the place of one: its page, its label, and one file of its own."""
    part, old = site.with_name("part"), site.with_name(f"before-{Path(name).stem}")
    (part / name).parent.mkdir(parents=True)
    (part / name).write_bytes(b"new")
    (part / "index.html").write_bytes(page)
    (part / BUILD_LABEL).write_bytes(b"{}")
    site.rename(old)
    part.rename(site)


@pytest.mark.parametrize("page", [b"<!doctype html>", b"<!doctype html>" * 9999, b""])
def test_a_site_built_anew_is_served_whole_by_a_running_server(site: Path, page: bytes) -> None:
    with served(site) as client:
        before, _ = client.get("/")
        build_anew(site, "r-2/one.js", page)
        answer, body = client.get("/", {"If-None-Match": before.headers["ETag"]})
        assert (answer.status, body) == (200, page)
        assert client.get("/r-2/one.js")[1] == b"new"
        assert client.get(f"/{SCRIPT}")[0].status == 404
        build_anew(site, "r-3/two.js", b"<p>the third")
        assert client.get("/")[1] == b"<p>the third"
        assert client.get("/r-3/two.js")[1] == b"new"
        assert client.get("/r-2/one.js")[0].status == 404


def test_a_site_is_served_again_after_it_was_away_for_a_moment(site: Path) -> None:
    with served(site) as client:
        assert client.get("/")[0].status == 200
        site.rename(site.with_name("away"))
        assert client.get("/")[0].status == 404
        site.mkdir()
        build_anew(site, "r-2/one.js", b"<p>the second")
        assert client.get("/")[1] == b"<p>the second"


def test_a_site_that_is_made_after_the_server_is_served(tmp_path: Path) -> None:
    site = tmp_path / "site"
    with served(site) as client:
        assert client.get("/")[0].status == 404
        site.mkdir()
        build_anew(site, "r-1/one.js", b"<p>the page")
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


@pytest.mark.parametrize("port", ["-1", "abc", "65536", "8.5", ""])
def test_what_is_no_port_is_a_usage_error_of_one_line(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run(["--port", port])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "from 1 to 65535" in error
    assert error.count("\n") == 1


def test_a_port_in_use_is_one_clear_line_before_the_build(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assemble, "build", lambda _out: pytest.fail("it built the site first"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert cli.run(["--host", "127.0.0.1", "--port", str(port)]) == 1
    error = capsys.readouterr().err
    assert f"Port {port} is in use" in error
    assert error.count("\n") == 1


@pytest.mark.skipif(os.name == "nt", reason="Ctrl+C is another thing there")
def test_ctrl_c_ends_it_cleanly(site: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.site import assemble, cli;"
        "assemble.SITE = Path(sys.argv[1]); assemble.build = lambda out: out;"
        "cli.import_server_packages = lambda: None;"
        "sys.exit(cli.run(['--host', '127.0.0.1', '--port', '0']))"
    )
    command = [sys.executable, "-c", program, str(site)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert "microgpt playground: http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=20)
    assert (process.returncode, error) == (0, "")
