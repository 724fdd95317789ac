"""The figures that microgpt.py by Andrej Karpathy prints with seed 42, and the names it read.

The figures lie in `oracle_names.json`: the loss of each of 1,000 steps to the last bit, and the 20
samples written after them. The names are not ours to ship: they are looked for beside the checkout.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_TESTS = Path(__file__).resolve().parent
_DATA = _TESTS.parents[1] / "shared" / "oracle" / "names.txt"

NAMES: Path | None = _DATA if _DATA.is_file() else None
FIGURES: dict[str, Any] = json.loads((_TESTS / "oracle_names.json").read_text(encoding="utf-8"))
