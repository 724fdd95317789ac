"""Company names: read from pickled tables, and shortened to their everyday form."""

from __future__ import annotations

import io
import pickle
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from datasets.building.packages import read_member
from datasets.building.text import to_ascii

INDICES = ("sp500", "nasdaq100", "dow30")  # the US indices; in the others, names are in Chinese

SHARE_CLASS = re.compile(
    r" \(?(Class|Series) [A-Z]\b.*"
    r"| (American Depositary|Common|New York Registry|Ordinary) Shares.*"
)
LEGAL_FORM = re.compile(
    r"(,| &)? (Company|Co|Corporation|Corp|Incorporated|Inc|Limited|N\.V|plc|PLC|SE) ?\.?$"
)
INVERTED_NAME = re.compile(r"^(.*) \((Eli)\)$")  # "Lilly (Eli)"
PARENTHESES = re.compile(r" \([^)]*\)")  # "(The)", "(DE)"
INITIALS = re.compile(r"([A-Z]\.) (?=[A-Z]\.)")  # "J. B. Hunt"
COLLECTIVE = re.compile(r" (Companies|Group|Holdings)$")


def clean_company_name(name: str) -> str:
    """Remove share class, legal form and article from a company's name.

    >>> list(map(clean_company_name, ("Alphabet Inc. (Class A)", "Merck & Co.", "Lilly (Eli)")))
    ['Alphabet', 'Merck', 'Eli Lilly']
    """
    name = INVERTED_NAME.sub(r"\2 \1", to_ascii(name))
    name = PARENTHESES.sub("", SHARE_CLASS.sub("", name)).removeprefix("The ")
    name = INITIALS.sub(r"\1", name)
    while (shorter := LEGAL_FORM.sub("", name)) != name:
        name = shorter
    return name.strip(" ,.")


def clean_company_names(names: Iterable[str]) -> list[str]:
    """Clean names and keep one spelling of each, sorted case-insensitively.

    Of spellings that differ only in case, the one with the fewest capitals is kept. A name that
    ends in "Group", "Holdings" or "Companies" is dropped if the name without it exists.

    >>> clean_company_names(["NVIDIA Corp.", "Nvidia", "Fossil Group", "Fossil", "Dover Corp."])
    ['Dover', 'Fossil', 'Nvidia']
    """
    spellings: dict[str, str] = {}
    cleaned = map(clean_company_name, names)
    for name in sorted(cleaned, key=lambda name: (sum(map(str.isupper, name)), name)):
        spellings.setdefault(name.lower(), name)
    return [
        spellings[key]
        for key in sorted(spellings)
        if not COLLECTIVE.search(spellings[key])
        or COLLECTIVE.sub("", spellings[key]).lower() not in spellings
    ]


def read_companies(package: Path) -> list[str]:
    """Read the companies of each index, today's and former ones; each is a pickled table."""
    names: list[str] = []
    for when in ("latest", "history"):
        for index in INDICES:
            pickled = read_member(package, f"index_constitution/_data/{when}/{index}.pkl")
            names += read_pickled_column(pickled, "name")
    return clean_company_names(names)


class InertObject:
    """Stands in for any class that a pickle names; ignores its arguments and its state."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> InertObject:
        """Accept any arguments."""
        return object.__new__(cls)

    def __setstate__(self, state: Any) -> None:
        pass


def read_pickled_column(pickled: bytes, column: str) -> list[str]:
    """Read a text column of a pickled pandas table, without pandas and without running any code.

    The state of each text array ends with the list of its strings. The arrays are the text columns
    in their order, and then the names of all columns.
    """
    texts: list[list[str]] = []

    class InertArray(InertObject):
        def __setstate__(self, state: Any) -> None:
            if isinstance(state, tuple) and isinstance(state[-1], list):
                texts.append(state[-1])

    class InertUnpickler(pickle.Unpickler):
        def find_class(self, _module: str, name: str) -> Any:
            return type(name, (InertArray if name == "_reconstruct" else InertObject,), {})

    InertUnpickler(io.BytesIO(pickled)).load()
    *columns, header = texts
    return columns[header.index(column)]
