"""Several processes as one run: they agree with one, and none outlives another."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from microgpt.checkpoint import from_bytes
from microgpt.jax import processes
from microgpt.jax.processes import HELLO, Cluster, Watch
from microgpt.jax.run import LARGE_MODEL
from microgpt.settings import SettingError
from microgpt.training_record import record_from_about
from tests.support.processes import started

TEXT = "".join(f"{name}{ending}\n" for name in ("an", "el", "mi") for ending in ("a", "na", "lo"))
OPTIONS = [
    *("--engine", "jax", "--n-embd", "8", "--n-head", "2", "--block-size", "8"),
    *("--batch-size", "4", "--samples", "1", "--json"),
]
END_SECONDS = 10  # in which a process ends after another one


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    """The command on a few names."""
    data = tmp_path / "names.txt"
    data.write_text(TEXT, encoding="utf-8")
    return [sys.executable, "-m", "microgpt", "train", "--data", str(data), *OPTIONS]


@contextmanager
def two_processes(command: Sequence[str]) -> Iterator[list[subprocess.Popen[str]]]:
    """Starts both."""
    cluster = ["--coordinator", f"127.0.0.1:{free_port()}", "--num-processes", "2"]
    with ExitStack() as stack:
        yield [
            stack.enter_context(started([*command, *cluster, "--process-id", str(number)]))
            for number in (0, 1)
        ]


def losses_in(output: str) -> list[float]:
    lines: list[dict[str, Any]] = [json.loads(line) for line in output.splitlines()]
    return [line["loss"] for line in lines if "loss" in line]


def alone(command: Sequence[str]) -> list[float]:
    """The losses of the same run in one process."""
    with started(command) as process:
        output, errors = process.communicate()
    assert process.returncode == 0, errors
    return losses_in(output)


def test_two_processes_agree_with_one(command: list[str], tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    # More than a million weights, so that JAX draws them, and matrices that are spread.
    command += ["--n-embd", "320", "--steps", "4", "--save", str(path)]
    with two_processes(command) as both:
        outputs = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    assert outputs[1][0] == ""
    assert from_bytes(path.read_bytes()).config.num_params > LARGE_MODEL
    assert losses_in(outputs[0][0]) == pytest.approx(alone(command), abs=1e-4)


def test_a_process_that_dies_ends_the_other_and_the_run_goes_on(
    command: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "m.safetensors"
    command += ["--steps", "100000", "--learning-rate", "0.001"]
    with two_processes([*command, "--save", str(path), "--save-every", "1"]) as (first, second):
        assert first.stdout is not None
        while '"step"' not in first.stdout.readline():
            pass
        while not path.is_file():
            assert first.poll() is None
        first.kill()
        assert second.wait(END_SECONDS) == 1
        last = (second.stderr.read() if second.stderr else "").strip().splitlines()[-1]
    assert last.startswith("microgpt: process 0 of 2 has ended, and so this one ends, too")
    step = record_from_about(from_bytes(path.read_bytes()).about).step
    command += ["--stop-after", str(step + 8)]
    losses = alone([*command, "--resume", str(path)])
    assert losses == pytest.approx(alone(command)[step:], abs=1e-4)


@pytest.mark.parametrize("end", ["closed", "silent"])
def test_whoever_is_gone_or_silent_is_noticed(
    end: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(processes, "PEER_SILENCE_SECONDS", 0.5)
    monkeypatch.setattr(processes, "GRACE_SECONDS", 0.1)
    address = f"127.0.0.1:{free_port()}"
    watches: list[Watch] = []
    thread = threading.Thread(target=lambda: watches.append(Watch(Cluster(address, 2, 0))))
    thread.start()
    peer = connected(address)
    peer.sendall(HELLO.pack(processes.GREETING, 1, 2))
    thread.join()
    child, ours = sleeping_child()
    if end == "closed":
        peer.close()
    assert watches[0].follow(child, ours) == 1
    peer.close()
    assert child.exitcode == -signal.SIGKILL
    words = {"closed": "has ended", "silent": "has not answered for 0.5 s"}[end]
    assert f"microgpt: process 1 of 2 {words}, and so" in capsys.readouterr().err


def connected(address: str) -> socket.socket:
    """A connection to who will listen there in a moment."""
    host, port = address.split(":")
    while True:
        try:
            return socket.create_connection((host, int(port)), timeout=10)
        except ConnectionRefusedError:
            continue


def sleeping_child() -> Any:
    """A child that does nothing, and the connection that it is given."""
    from multiprocessing import get_context
    from time import sleep

    context = get_context("spawn")
    ours, _ = context.Pipe()
    child = context.Process(target=sleep, args=(1000,), daemon=True)
    child.start()
    return child, ours


def test_a_process_of_another_run_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "START_SECONDS", 0.5)
    address = f"127.0.0.1:{free_port()}"
    failed: list[str] = []

    def gather() -> None:
        with pytest.raises(SettingError) as caught:
            Watch(Cluster(address, 2, 0))
        failed.append(str(caught.value))

    thread = threading.Thread(target=gather)
    thread.start()
    with connected(address) as peer:
        peer.sendall(HELLO.pack(processes.GREETING, 1, 3))
        assert peer.recv(1) == b""
    thread.join()
    assert "Process 1 has not come within" in failed[0]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("", 2), "need --coordinator"),
        (("host:1", 1), "one needs none"),
        (("host", 2), "must be HOST:PORT"),
        (("host:70000", 2), "must be HOST:PORT"),
        (("host:1", 2, 2), "counts from 0 to 1"),
        (("", 0), "at least 1"),
        (("", 1, 0, -1), "at least 1"),
    ],
)
def test_impossible_clusters_are_told_of(arguments: Any, message: str) -> None:
    with pytest.raises(SettingError, match=message):
        Cluster(*arguments)
