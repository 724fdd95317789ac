"""Downloads what the unit tests need inside Pyodide: pytest, hypothesis and their dependencies.

Runs on a bare Python 3.11 with pip.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from app.site.environment import ROOT, pip_command, pip_for, remove, run_pip

REQUIREMENTS = ROOT / "tests" / "browser" / "requirements.txt"
WHEELS = ROOT / "build" / "pyodide-test-wheels"
# The tags of Pyodide 314: pip accepts pure Python wheels, and those built for it.
PLATFORM = (
    *("--platform", "pyemscripten_2026_0_wasm32", "--platform", "any"),
    *("--implementation", "cp", "--python-version", "3.14"),
    *("--abi", "cp314", "--abi", "none", "--only-binary", ":all:"),
)


def ensure_wheels(python: Path) -> list[Path]:
    """The wheels of `REQUIREMENTS`, downloaded once.

    pip rejects a file whose hash differs. The stamp is written last, so that an interrupted
    download starts again.
    """
    wanted = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    stamp = WHEELS / "requirements.stamp"
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted):
        remove(WHEELS)
        WHEELS.mkdir(parents=True)
        pip = pip_for(python, pip_command())
        chosen = ["--no-deps", "--require-hashes", "-r", str(REQUIREMENTS)]
        run_pip(pip, ["download", *PLATFORM, *chosen, "--dest", str(WHEELS)])
        stamp.write_text(wanted, encoding="utf-8")
    return sorted(WHEELS.glob("*.whl"))
