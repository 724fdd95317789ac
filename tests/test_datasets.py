"""The data sets as they lie in datasets/, their table in app/presets.py, and how they are made.

Nothing here uses the network: build.py is tested on small inputs and on packages made on the spot.
"""

import hashlib
import importlib.util
import io
import json
import pickle
import re
import sys
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.presets import DEFAULT_PRESET, PRESETS, Preset, find

DATASETS = Path(__file__).resolve().parent.parent / "datasets"


def load_build() -> ModuleType:
    """Import datasets/build.py, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("datasets_build", DATASETS / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


build = load_build()
each_preset = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)


# --- the files and their table ----------------------------------------------------------------


@each_preset
def test_file_holds_clean_unique_lines(preset: Preset) -> None:
    raw = (DATASETS / preset.file).read_bytes()
    assert raw.endswith(b"\n")
    assert b"\r" not in raw
    lines = raw.decode("utf-8").removesuffix("\n").split("\n")
    assert all(lines)
    assert [line for line in lines if line != line.strip()] == []
    assert len(set(lines)) == len(lines) == preset.n_docs


@each_preset
def test_vocabulary_is_small(preset: Preset) -> None:
    vocabulary = sorted(set((DATASETS / preset.file).read_text("utf-8")) - {"\n"})
    print(preset.name, len(vocabulary), "".join(vocabulary))
    assert all(character.isascii() and character.isprintable() for character in vocabulary)
    assert len(vocabulary) < 100


@each_preset
def test_sources_state_the_figures(preset: Preset) -> None:
    characters = len(set((DATASETS / preset.file).read_text("utf-8")) - {"\n"})
    row = f"| `{preset.file}` | {preset.n_docs:,} | {characters} |"
    assert row in (DATASETS / "SOURCES.md").read_text("utf-8")


@each_preset
def test_preset_is_found_by_the_name_of_its_file(preset: Preset) -> None:
    assert preset.file == f"{preset.name}.txt"
    assert find(preset.name) is preset
    assert re.fullmatch("[a-z]+(-[a-z]+)*", preset.name)
    assert preset.title
    assert preset.description.endswith(".")
    assert preset.noun in ("name", "title")


def test_table_lists_every_file_once_and_the_default_first() -> None:
    files = {file.name for file in DATASETS.glob("*.txt")}
    assert sorted(preset.file for preset in PRESETS) == sorted(files)
    assert PRESETS[0].name == DEFAULT_PRESET == "us-names"
    assert find("no-such-data") is None


def test_lists_of_lower_case_names_hold_letters_alone() -> None:
    for name in ("us-names", "baby-names"):
        assert re.fullmatch("[a-z\n]+", (DATASETS / f"{name}.txt").read_text("utf-8"))


def test_there_are_at_least_a_thousand_movies() -> None:
    titles = (DATASETS / "movies.txt").read_text("utf-8").lower().splitlines()
    assert len(set(titles)) == len(titles) >= 1000


def test_every_package_stands_in_sources() -> None:
    text = (DATASETS / "SOURCES.md").read_text("utf-8")
    for source in build.SOURCES.values():
        assert f"`{source.package}` {source.version}" in text


# --- the transformations ----------------------------------------------------------------------


def test_us_names_merge_the_sexes_and_put_the_most_given_first() -> None:
    rows = [("Emma", 9), ("Riley", 6), ("Zoe", 2), ("Riley", 4), ("Ada", 2)]
    assert build.us_names(rows) == ["riley", "emma", "ada", "zoe"]


def test_us_names_refuse_what_is_not_a_letter() -> None:
    with pytest.raises(build.BuildError, match="'anne-marie'"):
        build.us_names([("Anne-Marie", 5)])


def test_pokemon_keep_a_small_alphabet_and_no_duplicates() -> None:
    names = ["Nidoran♀", "Nidoran♂", "Farfetch'd", "Farfetch\u2019d", "Type: Null", "Porygon2"]
    assert build.pokemon([*names, "Ho-Oh", "Flabébé"]) == [
        "nidoran",
        "farfetch'd",
        "type null",
        "porygon",
        "ho-oh",
        "flabebe",
    ]


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
    assert build.company(name) == cleaned


def test_companies_keep_one_spelling_and_sort_without_regard_to_case() -> None:
    names = ["NVIDIA Corporation", "Nvidia", "eBay Inc.", "EBay", "Fossil Group", "Fossil"]
    assert build.companies([*names, "CME Group"]) == ["CME Group", "eBay", "Fossil", "Nvidia"]


def test_no_company_still_bears_a_legal_form() -> None:
    lines = (DATASETS / "companies.txt").read_text("utf-8").splitlines()
    legal = re.compile(r"Class [A-Z]\b|[()]| (Inc|Corp|plc)\b")
    assert [line for line in lines if legal.search(line)] == []


# --- pickled tables, read without running them ------------------------------------------------


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
    assert build.pickled_column(pickled, "name") == ["Apple", "3M"]
    assert build.pickled_column(pickled, "symbol") == ["AAPL", "MMM"]


# --- the command line -------------------------------------------------------------------------


@pytest.fixture
def package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> bytes:
    """A stand-in for the pokemon package, delivered in place of the registry's; files go to tmp."""
    names = json.dumps(["Mew", "Mr. Mime"]).encode()
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        member = tarfile.TarInfo("package/data/en.json")
        member.size = len(names)
        archive.addfile(member, io.BytesIO(names))
    content = buffer.getvalue()

    def deliver(*_command: str, cwd: Path) -> None:
        (cwd / "pokemon.tgz").write_bytes(content)

    monkeypatch.setattr(build, "run", deliver)
    monkeypatch.setattr(build, "HERE", tmp_path)
    return content


def pin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    source = build.SOURCES["pokemon"]._replace(sha256=hashlib.sha256(content).hexdigest())
    monkeypatch.setitem(build.SOURCES, "pokemon", source)


def test_build_writes_and_check_notices_a_change(
    package: bytes,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    pin(monkeypatch, package)
    assert build.main(["pokemon"]) == 0
    assert "2 documents" in capsys.readouterr().out
    file = tmp_path / "pokemon.txt"
    assert file.read_bytes() == b"mew\nmr mime\n"
    assert build.main(["--check", "pokemon"]) == 0
    file.write_bytes(b"mew\n")
    assert build.main(["--check", "pokemon"]) == 1
    assert "pokemon.txt differs" in capsys.readouterr().err
    assert file.read_bytes() == b"mew\n"


@pytest.mark.usefixtures("package")
def test_build_refuses_a_package_with_another_hash(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert build.main(["pokemon"]) == 1
    assert "SHA-256 differs" in capsys.readouterr().err
    assert list(tmp_path.glob("*.txt")) == []


def test_build_says_which_client_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build.shutil, "which", lambda _program: None)
    assert build.main(["--check", "pokemon"]) == 1
    assert capsys.readouterr().err.startswith("build.py: npm is needed")


def test_build_passes_on_the_complaint_of_a_client() -> None:
    with pytest.raises(build.BuildError, match="could not fetch a package: no such thing"):
        build.run(sys.executable, "-c", "raise SystemExit('no such thing')")


def test_build_refuses_a_name_it_does_not_make(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        build.main(["movies"])
    assert stopped.value.code == 2
    assert "'movies' is not made from a package" in capsys.readouterr().err
