"""Several processes as one run: they find each other, and none outlives another.

Each has a child that computes, and knows JAX; what is here only watches. Process 0 listens at an
address that all are told. Each of the others connects to it, learns there where JAX's own service
is, and keeps the connection: a byte each second says that it lives. If a connection ends, or falls
silent, or a child dies, all end at once, with one sentence. JAX itself would end them with a stack
trace, or wait for minutes for who never comes.
"""

from __future__ import annotations

import os
import signal
import socket
import struct
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from queue import SimpleQueue
from typing import Any, Protocol

from microgpt.settings import SettingError

START_SECONDS = 300  # for all processes to come
BEAT_SECONDS = 1.0
PEER_SILENCE_SECONDS = 8.0  # after which a process is taken for dead
GRACE_SECONDS = 1.0  # for a child to end by itself, if it fails for the same reason
PEER_DIED = 1  # exit code, also of what else fails
GREETING = b"microgpt1"
HELLO = struct.Struct(f"!{len(GREETING)}sHH")  # with the process's number, and that of all
SERVICE_PORT = struct.Struct("!H")  # of JAX's service
PEER_ALIVE, PEER_DONE = b".", b"d"
CHILD = -1  # stands for this process's child where a process's number is expected


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


class ClusterJob(Protocol):
    """What a child does; a function of a module, so that it can be sent to it."""

    def __call__(self, cluster: Cluster, port: int, parent: Connection, *arguments: Any) -> None:
        """Do it, as one of `cluster`, with JAX's service at `port`.

        Over the connection comes that the others have ended; it is cut when the parent is gone.
        """


def run_as_one_of_many(cluster: Cluster, job: ClusterJob, *arguments: Any) -> int:
    """Do a job in a child, together with the other processes; returns the exit code.

    Raises:
        SettingError: the address cannot be used, or not all processes have come in time.
    """
    watch = Watch(cluster)
    context = get_context("spawn")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")  # of JAX's messages to developers, errors
    ours, theirs = context.Pipe()
    child = context.Process(target=job, args=(cluster, watch.port, theirs, *arguments))
    child.start()
    theirs.close()
    return watch.follow(child, ours)


class Watch:
    """The connections between the processes of a run, over which they watch each other.

    Args:
        cluster: of several processes. Returns when all of them are there.

    Raises:
        SettingError: the address cannot be used, or not all processes have come in time.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._sending = threading.Lock()
        # What happens: the number of a process, or `CHILD`, and how it ended; "" if it is done.
        self._events: SimpleQueue[tuple[int, str]] = SimpleQueue()
        gather = self._gather if cluster.process_id == 0 else self._find
        self._peers, self.port = gather()
        for number in self._peers:
            threading.Thread(target=self._listen, args=(number,), daemon=True).start()
        threading.Thread(target=self._beat, daemon=True).start()

    def follow(self, child: BaseProcess, end: Connection) -> int:
        """Wait until the child is done, and all others are; returns the exit code.

        Args:
            child: a process that has started.
            end: the connection that keeps it alive, and over which it is told to end.
        """
        threading.Thread(target=self._wait_for, args=(child,), daemon=True).start()
        awaited = set(self._peers)
        while True:
            number, words = self._next_event(child)
            if number == CHILD and child.exitcode != 0:
                return self._failed_child(child)
            if number == CHILD:
                self._send(PEER_DONE)
                if self._cluster.process_id == 0 or not awaited:
                    return 0
            elif words and number in awaited:
                return self._end(child, number, words)
            elif not words:
                awaited.discard(number)
                if self._cluster.process_id != 0:
                    return 0
                if not awaited:  # JAX's service, which is in this child, is not needed any more
                    with suppress(OSError):  # it is gone, which comes as an event of its own
                        end.send_bytes(b"end")

    def _next_event(self, child: BaseProcess) -> tuple[int, str]:
        """What happens next; Ctrl+C is passed on to the child, which then ends."""
        while True:
            try:
                return self._events.get()
            except KeyboardInterrupt:
                if child.pid is not None:
                    os.kill(child.pid, signal.SIGINT)

    def _failed_child(self, child: BaseProcess) -> int:
        code = child.exitcode or PEER_DIED
        if code > 0:
            return code  # it has said why
        name = signal.Signals(-code).name
        print(
            f"\nmicrogpt: this process was ended by {name}, and so are the others.", file=sys.stderr
        )
        return PEER_DIED

    def _end(self, child: BaseProcess, number: int, words: str) -> int:
        """End because of another process; returns the exit code."""
        child.join(GRACE_SECONDS)
        if child.exitcode is not None and child.exitcode > 0:
            return child.exitcode
        child.kill()
        child.join()
        print(
            f"\nmicrogpt: process {number} of {self._cluster.num_processes} {words}, and so this "
            "one ends, too: start all again, with --resume to go on from what was saved last.",
            file=sys.stderr,
        )
        return PEER_DIED

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
            peer.sendall(SERVICE_PORT.pack(service_port))
        return peers, service_port

    def _greeted(self, peer: socket.socket) -> int | None:
        """The number of the process that connects; None if it is none of ours."""
        peer.settimeout(PEER_SILENCE_SECONDS)
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
                peer = socket.create_connection(cluster.address, PEER_SILENCE_SECONDS)
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
            (port,) = SERVICE_PORT.unpack(_received(peer, SERVICE_PORT.size))
        except OSError:
            raise SettingError(
                f"Process 0 at {cluster.coordinator} does not take this one: give each a "
                "--process-id of its own, and all the same --num-processes."
            ) from None
        return {0: peer}, port

    def _listen(self, number: int) -> None:
        """Hears what a process says, until it is done, or gone."""
        peer, words = self._peers[number], "has ended"
        peer.settimeout(PEER_SILENCE_SECONDS)
        try:
            while (said := peer.recv(1)) == PEER_ALIVE:
                pass
            if said == PEER_DONE:
                words = ""
        except TimeoutError:
            words = f"has not answered for {PEER_SILENCE_SECONDS:g} s"
        except OSError:  # the connection was cut
            words = "has ended"
        self._events.put((number, words))

    def _wait_for(self, child: BaseProcess) -> None:
        child.join()
        self._events.put((CHILD, ""))

    def _beat(self) -> None:
        while True:
            self._send(PEER_ALIVE)
            time.sleep(BEAT_SECONDS)

    def _send(self, message: bytes) -> None:
        with self._sending:
            for peer in self._peers.values():
                with suppress(OSError):  # whoever listens to it notices
                    peer.sendall(message)


def _received(peer: socket.socket, size: int) -> bytes:
    """The next `size` bytes. Raises `ConnectionError` if the connection ends before."""
    data = b""
    while len(data) < size:
        more = peer.recv(size - len(data))
        if not more:
            raise ConnectionError("the connection has ended")
        data += more
    return data
