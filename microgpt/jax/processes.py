"""Several processes as one run: they find each other, and none outlives another.

Process 0 listens at an address that all are told. Each of the others connects to it, learns there
where JAX's own service is, and keeps the connection: a byte each second says that it lives. Whose
connection ends, or falls silent, is taken for dead, and the others end at once, with one sentence.
JAX itself would end them later, with a stack trace, or wait in a barrier for who never comes.
"""

from __future__ import annotations

import os
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

import jax

from microgpt.jax.layout import Layout, make_layout
from microgpt.settings import SettingError

START_SECONDS = 300  # for all processes to come
BEAT_SECONDS = 1.0
SILENCE_SECONDS = 8.0  # after which a process is taken for dead
GRACE_SECONDS = 1.0  # for this process to end by itself, if it fails for the same reason
FAILED = 1  # exit code
GREETING = b"microgpt1"
HELLO = struct.Struct(f"!{len(GREETING)}sHH")  # with the process's number, and that of all
PORT = struct.Struct("!H")  # of JAX's service
ALIVE, DONE = b".", b"d"


@dataclass(frozen=True, slots=True)
class Cluster:
    """Which processes a run has, and which of them this one is. Raises `SettingError`.

    Args:
        coordinator: `HOST:PORT`, where process 0 listens; empty for a single process.
        num_processes: of all.
        process_id: the number of this one, from 0 on.
        devices: how many this process uses, and where it has no accelerator makes of its
            processor; 0 for all accelerators, or the processor as one device.
    """

    coordinator: str = ""
    num_processes: int = 1
    process_id: int = 0
    devices: int = 0

    def __post_init__(self) -> None:
        if self.devices < 0:
            raise SettingError(f"--devices must be at least 1, but is {self.devices}.")
        if not 1 <= self.num_processes < 2**16:
            raise SettingError(f"--num-processes must be at least 1, but is {self.num_processes}.")
        if not 0 <= self.process_id < self.num_processes:
            raise SettingError(
                f"--process-id counts from 0 to {self.num_processes - 1}, but is {self.process_id}."
            )
        if (self.num_processes > 1) != bool(self.coordinator):
            raise SettingError(
                "Several processes need --coordinator HOST:PORT, --num-processes and --process-id; "
                "one needs none of them."
            )
        if self.coordinator:
            self.address  # noqa: B018 - it is checked

    @property
    def address(self) -> tuple[str, int]:
        """The coordinator's host and port."""
        host, _, port = self.coordinator.rpartition(":")
        if not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 2**16:
            raise SettingError(f"--coordinator must be HOST:PORT, not '{self.coordinator}'.")
        return host.strip("[]"), int(port)


def single_process(devices: int = 0) -> Layout:
    """The layout over the devices of this process alone; `devices` as of `Cluster`."""
    _make_devices(devices)
    return _layout(devices)


class Watch:
    """The connections between the processes of a run, over which they watch each other.

    Args:
        cluster: of several processes. Returns when all of them are there.

    Raises:
        SettingError: the address cannot be used, or not all processes have come in time.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._failing = threading.Event()  # this process ends by itself
        self._sending = threading.Lock()
        self._done: dict[int, threading.Event] = {}  # of each process that this one is connected to
        self._closed: dict[int, threading.Event] = {}
        if cluster.process_id == 0:
            self._peers, self._port = self._gather()
        else:
            self._peers, self._port = self._find()
        for number in self._peers:
            self._done[number], self._closed[number] = threading.Event(), threading.Event()
            threading.Thread(target=self._listen, args=(number,), daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()

    def start(self) -> Layout:
        """Start JAX in this process, as one of all; returns the layout over their devices."""
        cluster = self._cluster
        _make_devices(cluster.devices)
        # Without this it ends the process when another one dies; that is ours to do.
        jax.config.update("jax_enable_recoverability", True)
        jax.distributed.initialize(
            f"{cluster.address[0]}:{self._port}",
            cluster.num_processes,
            cluster.process_id,
            initialization_timeout=START_SECONDS,
        )
        return _layout(cluster.devices)

    def wait_for_death(self) -> None:
        """Wait as long as the death of another process may take to be noticed."""
        time.sleep(SILENCE_SECONDS + GRACE_SECONDS)

    def leave(self, code: int) -> NoReturn:
        """End this process; after a success only with all others.

        It ends without what JAX does at an exit, which waits long for who is gone.
        """
        if code:
            self._failing.set()
        else:
            if self._cluster.process_id == 0:  # the last to go, since JAX's service is here
                self._each(lambda number: self._done[number].wait())
                self._send(DONE)
                self._each(lambda number: self._closed[number].wait(SILENCE_SECONDS))
            else:
                self._send(DONE)
                self._done[0].wait()
        _exit(code)

    def _gather(self) -> tuple[dict[int, socket.socket], int]:
        """Process 0: the connections of all others by number, and the port for JAX's service."""
        cluster, peers = self._cluster, dict[int, socket.socket]()
        host, port = cluster.address
        limit = time.monotonic() + START_SECONDS
        try:
            family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            server = socket.create_server((host, port), family=family)
        except OSError as error:
            raise SettingError(
                f"Process 0 cannot listen at {cluster.coordinator} ({error.strerror}): choose an "
                "address of its machine, and a free port."
            ) from None
        with server, socket.create_server((host, 0), family=family) as free:
            service_port: int = free.getsockname()[1]
            while len(peers) < cluster.num_processes - 1:
                server.settimeout(max(0.01, limit - time.monotonic()))
                try:
                    peer, _ = server.accept()
                except TimeoutError:
                    missing = sorted(set(range(1, cluster.num_processes)) - peers.keys())
                    raise SettingError(
                        f"Process {missing[0]} has not come within {START_SECONDS} s: start all of "
                        "them with the same --coordinator and --num-processes."
                    ) from None
                number = self._greeted(peer)
                if number is None or number in peers:
                    peer.close()
                else:
                    peers[number] = peer
        for peer in peers.values():
            peer.sendall(PORT.pack(service_port))
        return peers, service_port

    def _greeted(self, peer: socket.socket) -> int | None:
        """The number of the process that connects; None if it is none of ours."""
        peer.settimeout(SILENCE_SECONDS)
        try:
            greeting, number, total = HELLO.unpack(_received(peer, HELLO.size))
        except OSError:
            return None
        fits = greeting == GREETING and total == self._cluster.num_processes
        return number if fits and 0 < number < total else None

    def _find(self) -> tuple[dict[int, socket.socket], int]:
        """Another process: its connection to process 0, and the port of JAX's service."""
        cluster, limit = self._cluster, time.monotonic() + START_SECONDS
        while True:
            try:
                peer = socket.create_connection(cluster.address, SILENCE_SECONDS)
                break
            except OSError as error:
                if time.monotonic() > limit:
                    raise SettingError(
                        f"Process 0 does not answer at {cluster.coordinator} ({error}): start it, "
                        "and look whether the two machines reach each other."
                    ) from None
                time.sleep(0.1)
        peer.settimeout(max(1.0, limit - time.monotonic()))
        try:
            peer.sendall(HELLO.pack(GREETING, cluster.process_id, cluster.num_processes))
            (port,) = PORT.unpack(_received(peer, PORT.size))
        except OSError:
            raise SettingError(
                f"Process 0 at {cluster.coordinator} does not take this one: give each a "
                "--process-id of its own, and all the same --num-processes."
            ) from None
        return {0: peer}, port

    def _listen(self, number: int) -> None:
        """Hears what a process says, until it is done; if it dies, this one ends."""
        peer = self._peers[number]
        peer.settimeout(SILENCE_SECONDS)
        words = "has ended"
        try:
            while (said := peer.recv(1)) == ALIVE:
                pass
            if said == DONE:
                self._done[number].set()
                peer.settimeout(None)
                while peer.recv(1):
                    pass
                self._closed[number].set()
                return
        except TimeoutError:
            words = f"has not answered for {SILENCE_SECONDS:g} s"
        except OSError:
            pass
        if self._done[number].is_set():
            self._closed[number].set()
        elif not self._failing.wait(GRACE_SECONDS):
            self._end(number, words)

    def _end(self, number: int, words: str) -> NoReturn:
        print(
            f"\nmicrogpt: process {number} of {self._cluster.num_processes} {words}, and so does "
            "this one; start all of them again, with --resume from what was saved last.",
            file=sys.stderr,
        )
        _exit(FAILED)

    def _beat(self) -> None:
        while True:
            self._send(ALIVE)
            time.sleep(BEAT_SECONDS)

    def _send(self, message: bytes) -> None:
        with self._sending:
            for peer in self._peers.values():
                with suppress(OSError):  # whoever listens to it notices
                    peer.sendall(message)

    def _each(self, act: Callable[[int], object]) -> None:
        for number in self._peers:
            act(number)


def separate_stdout() -> None:
    """Keep what libraries print off the output: from here on only Python writes there."""
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    os.dup2(2, 1)
    sys.stdout = ours


def _make_devices(devices: int) -> None:
    """Make so many devices of the processor; accelerators are as many as there are."""
    if devices:
        jax.config.update("jax_num_cpu_devices", devices)


def _layout(devices: int) -> Layout:
    """The layout over the first `devices` of each process, or over all."""
    if not devices:
        return make_layout()
    if devices > jax.local_device_count():
        raise SettingError(
            f"--devices is {devices}, but there are only {jax.local_device_count()} here."
        )
    chosen = []
    for process in range(jax.process_count()):
        theirs = [device for device in jax.devices() if device.process_index == process]
        chosen += theirs[:devices]
    return make_layout(chosen)


def _received(peer: socket.socket, size: int) -> bytes:
    """The next `size` bytes. Raises `ConnectionError` if the connection ends before."""
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise ConnectionError("the connection has ended")
        data += more
    return data


def _exit(code: int) -> NoReturn:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            code = code or FAILED
    os._exit(code)
