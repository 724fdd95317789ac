"""The child of one of several processes: it starts JAX, computes, and ends when it may."""

from __future__ import annotations

import os
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import NoReturn

import jax
from jax.experimental import multihost_utils

from microgpt.jax.layout import DeviceLayout, chosen_layout, make_devices
from microgpt.jax.processes import (
    GRACE_SECONDS,
    PEER_DIED,
    PEER_SILENCE_SECONDS,
    START_SECONDS,
    Cluster,
)


def start_jax(cluster: Cluster, port: int) -> DeviceLayout:
    """Start JAX as one of several processes; returns the layout over the devices of all.

    Args:
        cluster: of them.
        port: of JAX's service, on the machine of process 0.
    """
    make_devices(cluster.devices)
    # Without this it ends the process when another one dies; that is the parent's to do.
    jax.config.update("jax_enable_recoverability", True)
    jax.distributed.initialize(
        f"{cluster.address[0]}:{port}",
        cluster.num_processes,
        cluster.process_id,
        initialization_timeout=START_SECONDS,
    )
    return chosen_layout(cluster.devices)


def work(run: Callable[[], int], cluster: Cluster, parent: Connection) -> NoReturn:
    """Do the work of a child, and end with the exit code that it returns.

    It ends without what JAX does at an exit, which waits long for who is gone; after a success that
    of process 0, where JAX's service is, only when the others have ended.

    Args:
        run: the work.
        cluster: of the processes.
        parent: a connection over which comes that the others have ended; it is cut when the parent
            is gone, and so must be this process.
    """
    if hasattr(os, "setpgid"):
        os.setpgid(0, 0)  # Ctrl+C is the parent's, which passes it on
    released = threading.Event()

    def listen() -> None:
        with suppress(EOFError, OSError):
            parent.recv_bytes()
            released.set()
            parent.recv_bytes()
        os._exit(PEER_DIED)

    threading.Thread(target=listen, daemon=True).start()
    separate_stdout()
    try:
        code = run()
        if code == 0:
            multihost_utils.sync_global_devices("end")
    except Exception:  # JAX's own, mostly of a process that is gone: then the parent ends this one
        time.sleep(PEER_SILENCE_SECONDS + GRACE_SECONDS)
        traceback.print_exc()
        code = PEER_DIED
    if code == 0 and cluster.process_id == 0:
        released.wait()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def separate_stdout() -> None:
    """Keep what libraries print off the output: from here on only Python writes there."""
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "w", buffering=1, encoding="utf-8", errors="backslashreplace")
    os.dup2(2, 1)
    sys.stdout = ours
