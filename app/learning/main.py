"""The entry of Learn's worker: passes messages between JavaScript and what answers them.

The only module of Learn that knows JavaScript.
"""

from __future__ import annotations

import json
import random
import signal
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from js import console
from pyodide.ffi import JsProxy, create_proxy

from app.learning.program import ProgramRunner
from app.learning.scalar import scalar
from app.shared.learning import LearningReadyEvent

HOME = Path("/home/pyodide/learn")  # where the programs and their data lie


def start(post: Callable[[str], None]) -> JsProxy:
    """Starts the worker.

    Args:
        post: posts a message to the page, which is JSON.

    Returns:
        The function that takes each message: JSON, and the bytes that it is about or None. The
        worker's script owns it, and keeps it as long as the worker lives.
    """
    random.seed()  # in a Python restored from a snapshot, it would be the same at every visit

    def send(event: Any) -> None:
        post(json.dumps(event))

    runner = ProgramRunner(HOME, send, time.monotonic)
    # The worker's script raises it now and then, even in the midst of a program that never waits.
    signal.signal(signal.SIGINT, lambda _signal, frame: runner.pulse(frame))

    def receive(message: str, blob: JsProxy | None) -> None:
        try:
            command = json.loads(message)
            if command["type"] == "run":
                if blob is not None:
                    command["blob"] = blob.to_bytes()
                runner.run(command)
            else:
                send(scalar(command))
        except Exception as error:
            console.error(traceback.format_exc())
            reason = f"Python has failed ({type(error).__name__})"
            send({"type": "fatal", "message": reason})

    send(LearningReadyEvent(type="ready"))
    return create_proxy(receive)
