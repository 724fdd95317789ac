"""Serving of the site, and the command line that does it. Knows no browser and no network."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.client import HTTPResponse
from pathlib import Path

import pytest

from app.site import assemble, cli
from app.site.environment import ROOT
from app.site.server import make_server

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
    """Asks one server, and reads whole answers."""

    def __init__(self, port: int) -> None:
        self.port = port

    def get(
        self, path: str, headers: dict[str, str] | None = None, method: str = "GET"
    ) -> tuple[HTTPResponse, bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request(method, path, headers=headers or {})
            answer = connection.getresponse()
            return answer, answer.read()


@contextlib.contextmanager
def served(site: Path, prefix: str = "/") -> Iterator[Client]:
    with make_server(site, "127.0.0.1", 0, prefix) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield Client(server.server_address[1])
        finally:
            server.shutdown()
            thread.join()


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


def test_a_port_in_use_is_one_clear_line(
    site: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(assemble, "build", lambda _out: site)
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
        "assemble.build = lambda out: Path(sys.argv[1]);"
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
