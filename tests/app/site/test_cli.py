"""The command line of serve.py."""

from __future__ import annotations

import os
import signal
import socket
import sys
from pathlib import Path

import pytest

from app.site import assemble, cli
from tests.support.processes import started


@pytest.mark.parametrize("port", ["-1", "abc", "65536", "8.5", ""])
def test_a_wrong_port_is_a_usage_error_of_one_line(
    port: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.run(["--port", port])
    assert ended.value.code == 2
    error = capsys.readouterr().err
    assert "from 1 to 65535" in error
    assert error.count("\n") == 1


def test_a_port_in_use_is_reported_in_one_line_before_the_build(
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
def test_ctrl_c_ends_it_cleanly(tmp_path: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.site import assemble, cli;"
        "assemble.SITE = Path(sys.argv[1]); assemble.build = lambda out: out;"
        "cli.import_server_packages = lambda: None;"
        "sys.exit(cli.run(['--host', '127.0.0.1', '--port', '0']))"
    )
    command = [sys.executable, "-c", program, str(tmp_path)]
    with started(command) as process:
        assert process.stdout is not None
        assert "microgpt playground: http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate()
        assert (process.returncode, error) == (0, "")
