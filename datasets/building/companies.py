"""Company names, out of pickled tables and into the form in which people use them."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from datasets.building.packages import member
from datasets.building.text import to_ascii

INDICES = ("sp500", "nasdaq100", "dow30")  # the US indices; the others name companies in Chinese

SHARE_CLASS = re.compile(
    r" \(?(Class|Series) [A-Z]\b.*"
    r"| (American Depositary|Common|New York Registry|Ordinary) Shares.*"
)
LEGAL_FORM = re.compile(
    r"(,| &)? (Company|Co|Corporation|Corp|Incorporated|Inc|Limited|N\.V|plc|PLC|SE) ?\.?$"
)
TURNED_ROUND = re.compile(r"^(.*) \((Eli)\)$")  # "Lilly (Eli)"
ASIDE = re.compile(r" \([^)]*\)")  # "(The)", "(DE)"
INITIALS = re.compile(r"([A-Z]\.) (?=[A-Z]\.)")  # "J. B. Hunt"
COLLECTIVE = re.compile(r" (Companies|Group|Holdings)$")


def company(name: str) -> str:
    """Cut share class, legal form and article off a company's name.

    >>> [company(n) for n in ("Alphabet Inc. (Class A)", "Merck & Co., Inc.", "Lilly (Eli)")]
    ['Alphabet', 'Merck', 'Eli Lilly']
    """
    name = TURNED_ROUND.sub(r"\2 \1", to_ascii(name))
    name = ASIDE.sub("", SHARE_CLASS.sub("", name)).removeprefix("The ")
    name = INITIALS.sub(r"\1", name)
    while (shorter := LEGAL_FORM.sub("", name)) != name:
        name = shorter
    return name.strip(" ,.")


def companies(names: Iterable[str]) -> list[str]:
    """Clean names and keep one spelling of each, sorted without regard to case.

    Of spellings that differ in case alone the one with the fewest capitals stays; a name with
    "Group", "Holdings" or "Companies" behind it goes if it is there without.

    >>> companies(["NVIDIA Corporation", "Nvidia", "Fossil Group", "Fossil", "Dover Corporation"])
    ['Dover', 'Fossil', 'Nvidia']
    """
    spellings: dict[str, str] = {}
    for name in sorted(map(company, names), key=lambda name: (sum(map(str.isupper, name)), name)):
        spellings.setdefault(name.lower(), name)
    return [
        spellings[key]
        for key in sorted(spellings)
        if not COLLECTIVE.search(spellings[key])
        or COLLECTIVE.sub("", spellings[key]).lower() not in spellings
    ]


def read_companies(package: Path) -> list[str]:
    """The package holds one pickled table an index: today's members, and those of all years."""
    names: list[str] = []
    for when in ("latest", "history"):
        for index in INDICES:
            pickled = member(package, f"index_constitution/_data/{when}/{index}.pkl")
            names += pickled_column(pickled, "name")
    return companies(names)


class Inert:
    """Stands for any class that a pickle names: keeps what it is given and runs nothing."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Inert:
        """Take any arguments."""
        return object.__new__(cls)

    def __setstate__(self, state: Any) -> None:
        pass


def pickled_column(pickled: bytes, column: str) -> list[str]:
    """Read a column of text from a pickled pandas table, without pandas and without its code.

    An array of text arrives as a state whose last item is the list of its strings; the columns of
    text come in their order, and the list of all column names after them.
    """
    texts: list[list[str]] = []

    class Array(Inert):
        def __setstate__(self, state: Any) -> None:
            if isinstance(state, tuple) and isinstance(state[-1], list):
                texts.append(state[-1])

    class Reader(pickle.Unpickler):
        def find_class(self, _module: str, name: str) -> Any:
            return type(name, (Array if name == "_reconstruct" else Inert,), {})

    Reader(io.BytesIO(pickled)).load()
    *columns, header = texts
    return columns[header.index(column)]
