"""Sets up what the measurements need on a machine that only has Python, then takes them.

    python3 -m tests.bench              everything
    python3 -m tests.bench scalar       seconds per training step, here and in the browser
    python3 -m tests.bench compiled     the same for the compiled engine, a token, the compiler
    python3 -m tests.bench press        from pressing Train to the last loss on the chart
    python3 -m tests.bench bars         from pressing a bar to the next bars
    python3 -m tests.bench frames       from frame to frame while a run is drawn
    python3 -m tests.bench inside       from a press to all views of the inside, and what they need
    python3 -m tests.bench gallery      a training step of each edit of the model
    python3 -m tests.bench optimizers   a training step with each optimizer, and with clipping
    python3 -m tests.bench throughput   floating-point operations per second, and NumPy's
    python3 -m tests.bench jax          the same of JAX, beside the compiled engine
    python3 -m tests.bench data         files of 1 and 50 MB: time from drop to statistics, memory
    python3 -m tests.bench startup      from opening the page until it and its worker are ready
    python3 -m tests.bench keep         what keeping a run costs, and how soon it is back
    python3 -m tests.bench workbench    100,000 steps, 20 past runs in one picture, going back
    python3 -m tests.bench lab          every ready experiment in full; whether what it says is true
    python3 -m tests.bench experiments  256 runs and the scaling law in the Lab, on the page
    python3 -m tests.bench live         from a change to the bars with Live; many runs at once
    python3 -m tests.bench browsers     the same, and 1,000 steps, in Chromium, Firefox and WebKit
    python3 -m tests.bench lighthouse   Lighthouse's scores, for a phone and a desktop

A missed target shows in the table, but not in the exit code.
"""

from __future__ import annotations

import os
import subprocess

from app.site.environment import ROOT, SetupError, say
from tests.__main__ import set_up, start

PARTS = (
    *("scalar", "compiled", "press", "bars", "frames", "inside", "gallery", "optimizers"),
    *("throughput", "jax", "data", "startup", "keep", "workbench", "live", "lab"),
    *("experiments", "browsers"),
    "lighthouse",
)
# Read by OpenBLAS when it is loaded; the compiled engine uses one thread, too.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}


def main(arguments: list[str]) -> int:
    """Takes the measurements that `arguments` name, by default all; returns the exit code."""
    if "-h" in arguments or "--help" in arguments:
        print(__doc__)
        return 0
    unknown = [name for name in arguments if name not in PARTS]
    if unknown:
        say(f"There is no measurement called {unknown[0]}: name {' or '.join(PARTS)}.")
        return 2
    try:
        python = set_up(browser=True)
    except SetupError as error:
        say(str(error))
        return 1
    command = [str(python), "-m", "tests.bench.measure", *(arguments or PARTS)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | ONE_THREAD, check=False).returncode


if __name__ == "__main__":
    start(main)
