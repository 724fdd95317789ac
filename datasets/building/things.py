"""Names of things: Pokémon, birds, drinks and molecules."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from datasets.building.packages import BuildError, read_member
from datasets.building.text import to_ascii, unique

ADULT_DRINKS = ("Irish Car Bomb", "Orgasm", "Sex on the Beach")

MAX_MOLECULES = 5000
MAX_MOLECULE_CHARS = 31  # these and the end of the document fill a context of 32
# Organic atoms, bonds, branches and rings; no charges, isotopes, mixtures or stereochemistry.
ORGANIC_SMILES = re.compile(r"(?:Cl|Br|[CNOFSPI()=#1-9])+")


def clean_pokemon_names(names: Iterable[str]) -> list[str]:
    """Lower the case and keep only a-z, space, hyphen and apostrophe; keep the order.

    >>> clean_pokemon_names(["Mr. Mime", "Nidoran♀", "Nidoran♂", "Flabébé", "Ho-Oh"])
    ['mr mime', 'nidoran', 'flabebe', 'ho-oh']
    """
    return unique(re.sub("[^a-z '-]", "", to_ascii(name).lower()) for name in names)


def read_pokemon(package: Path) -> list[str]:
    """Read the English one of several JSON lists of names."""
    return clean_pokemon_names(json.loads(read_member(package, "package/data/en.json")))


def read_pokemon_japanese(package: Path) -> list[str]:
    """Read the Japanese list unchanged."""
    return unique(json.loads(read_member(package, "package/data/ja.json")))


def read_birds(package: Path) -> list[str]:
    """Extract the birds from a JavaScript program: one string literal, separated by dots."""
    program = read_member(package, "package/dist/en-Blck6vH3.js").decode()
    birds = re.search(r"\bbird:`([^`]+)`\.split\(`\.`\)", program)
    if birds is None:
        raise BuildError(f"{package.name} does not contain the list of birds in its known form.")
    return unique(birds[1].split("."))


def clean_drink_names(names: Iterable[str]) -> list[str]:
    """Split names joined by "or"; drop garbled ones and those unfit for a classroom; sort.

    >>> clean_drink_names(["White Lady or Delilah", "SakurÃ¡", "Gin"])
    ['Delilah', 'Gin', 'White Lady']
    """
    usable = (name for name in names if name.isascii() and name not in ADULT_DRINKS)
    return sorted({part for name in usable for part in name.split(" or ")})


def read_cocktails(package: Path) -> list[str]:
    """Read one of the lists in the package's table of food."""
    food = json.loads(read_member(package, "mimesis/datasets/en/food.json"))
    return clean_drink_names(food["drinks"])


def select_molecules(rows: Iterable[tuple[int, str]]) -> list[str]:
    """Select the first `MAX_MOLECULES` organic molecules that are short enough.

    Args:
        rows: the PubChem number of each molecule, and its structure as SMILES.

    >>> select_molecules([(702, "CCO"), (222, "N"), (280, "C(=O)=O"), (5234, "[Na+].[Cl-]")])
    ['C(=O)=O', 'CCO']
    """
    suitable = (
        smiles
        for _, smiles in sorted(rows)
        if "C" in smiles.replace("Cl", "")
        and len(smiles) <= MAX_MOLECULE_CHARS
        and ORGANIC_SMILES.fullmatch(smiles)
    )
    return unique(suitable)[:MAX_MOLECULES]


def read_molecules(package: Path) -> list[str]:
    """Read two tab-separated tables: number, CAS number, formula, weight, SMILES and more."""
    rows = []
    for size in ("small", "large"):
        name = f"chemicals/Identifiers/chemical identifiers pubchem {size}.tsv"
        table = read_member(package, name)
        cells = (line.split("\t", 5) for line in table.decode().splitlines())
        rows += [(int(number), smiles) for number, _, _, _, smiles, _ in cells]
    return select_molecules(rows)
