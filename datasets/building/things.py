"""Things with names: creatures, drinks and molecules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from datasets.building.packages import BuildError, member
from datasets.building.text import to_ascii, unique

CRUDE = ("Irish Car Bomb", "Orgasm", "Sex on the Beach")

MOLECULES = 5000
LONGEST_MOLECULE = 31  # with the end of the document it fills a context of 32
# Atoms of organic molecules, bonds, branches and rings: no charges, isotopes, mixtures or sides.
ORGANIC = re.compile(r"(?:Cl|Br|[CNOFSPI()=#1-9])+")


def pokemon(names: Iterable[str]) -> list[str]:
    """Lower the case and keep a-z, space, hyphen and apostrophe alone; order as given.

    >>> pokemon(["Mr. Mime", "Nidoran♀", "Nidoran♂", "Flabébé", "Ho-Oh"])
    ['mr mime', 'nidoran', 'flabebe', 'ho-oh']
    """
    return unique(re.sub("[^a-z '-]", "", to_ascii(name).lower()) for name in names)


def read_pokemon(package: Path) -> list[str]:
    """The package holds one JSON list of names a language."""
    return pokemon(json.loads(member(package, "package/data/en.json")))


def read_pokemon_japanese(package: Path) -> list[str]:
    """The Japanese list stays as it is."""
    return unique(json.loads(member(package, "package/data/ja.json")))


def read_birds(package: Path) -> list[str]:
    """The English words of faker are a program; the birds are one text in it, parted by dots."""
    program = member(package, "package/dist/en-Blck6vH3.js").decode()
    birds = re.search(r"\bbird:`([^`]+)`\.split\(`\.`\)", program)
    if birds is None:
        raise BuildError(f"{package.name} does not hold the list of birds as it did.")
    return unique(birds[1].split("."))


def drinks(names: Iterable[str]) -> list[str]:
    """Part names that are given as one; leave out those broken or not for a class; sorted.

    >>> drinks(["White Lady or Delilah", "SakurÃ¡", "Gin"])
    ['Delilah', 'Gin', 'White Lady']
    """
    usable = (name for name in names if name.isascii() and name not in CRUDE)
    return sorted({part for name in usable for part in name.split(" or ")})


def read_cocktails(package: Path) -> list[str]:
    """The drinks are one of the lists of food."""
    return drinks(json.loads(member(package, "mimesis/datasets/en/food.json"))["drinks"])


def molecules(rows: Iterable[tuple[int, str]]) -> list[str]:
    """The first organic molecules that are short enough.

    Args:
        rows: PubChem's number of each molecule, and its structure as SMILES.

    >>> molecules([(702, "CCO"), (222, "N"), (280, "C(=O)=O"), (5234, "[Na+].[Cl-]")])
    ['C(=O)=O', 'CCO']
    """
    suitable = (
        smiles
        for _, smiles in sorted(rows)
        if "C" in smiles.replace("Cl", "")
        and len(smiles) <= LONGEST_MOLECULE
        and ORGANIC.fullmatch(smiles)
    )
    return unique(suitable)[:MOLECULES]


def read_molecules(package: Path) -> list[str]:
    """Two tables: number, CAS number, formula, weight, SMILES and much else, parted by tabs."""
    rows = []
    for size in ("small", "large"):
        table = member(package, f"chemicals/Identifiers/chemical identifiers pubchem {size}.tsv")
        cells = (line.split("\t", 5) for line in table.decode().splitlines())
        rows += [(int(number), smiles) for number, _, _, _, smiles, _ in cells]
    return molecules(rows)
