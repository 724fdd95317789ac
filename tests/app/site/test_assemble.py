"""Building the site: once, whole, and only over what was built here."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app.site import BUILD_LABEL, assemble, release, vendor
from app.site.environment import ROOT, SetupError, remove
from app.site.tree import files_below

SITE_LABEL = {"release": "r-0123abcd", "vendor": {"uplot": "vendor/uplot-1"}, "inputs": "old"}


@pytest.fixture
def assembling(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Assembles tiny sites from inputs that stay the same; lists the folders."""
    asked: list[Path] = []

    def make(site: Path, _modules: Path, inputs: str) -> None:
        asked.append(site)
        (site / "index.html").write_text(f"site {len(asked)}", encoding="utf-8")
        for name in ("r-0123abcd/page.py", "vendor/uplot-1/uPlot.js"):
            (site / name).parent.mkdir(parents=True)
            (site / name).touch()
        label = json.dumps({**SITE_LABEL, "inputs": inputs})
        (site / BUILD_LABEL).write_text(label, encoding="utf-8")

    monkeypatch.setattr(assemble, "inputs_hash", lambda: "the inputs")
    monkeypatch.setattr(assemble, "ensure_npm_packages", lambda: Path("node_modules"))
    monkeypatch.setattr(assemble, "_assemble", make)
    return asked


def test_a_site_is_built_once_until_its_inputs_change(
    tmp_path: Path, assembling: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "site"
    assemble.build(out)
    assemble.build(out)
    assert len(assembling) == 1
    monkeypatch.setattr(assemble, "inputs_hash", lambda: "other inputs")
    assemble.build(out)
    assert (out / "index.html").read_text(encoding="utf-8") == "site 2"
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_an_interrupted_build_leaves_no_half_site(
    tmp_path: Path, assembling: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(site: Path, _modules: Path, _inputs: str) -> None:
        (site / "index.html").write_text("half a site", encoding="utf-8")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(assemble, "_assemble", interrupted)
        with pytest.raises(KeyboardInterrupt):
            assemble.build(tmp_path / "site")
    assert list(tmp_path.iterdir()) == []
    # One that was killed could not clean up: what it left is not taken for a site.
    (tmp_path / ".site.part").mkdir()
    (tmp_path / ".site.part" / "rubbish").touch()
    built = assemble.build(tmp_path / "site")
    assert len(assembling) == 1
    assert {path.name for path in built.iterdir()} == {
        BUILD_LABEL,
        "index.html",
        "r-0123abcd",
        "vendor",
    }


def test_a_folder_that_is_no_site_is_left_alone(tmp_path: Path, assembling: list[Path]) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(SetupError, match="left alone"):
        assemble.build(tmp_path)
    assert assembling == []
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "years of work"


@pytest.mark.parametrize(
    "label",
    [
        {},
        {"name": "another program's", "version": 2},
        {"inputs": "the inputs"},
        {**SITE_LABEL, "name": "another program's"},
        {**SITE_LABEL, "release": ""},
        {**SITE_LABEL, "release": "."},
        {**SITE_LABEL, "release": "src"},
        {**SITE_LABEL, "release": "r-ffffffff"},
        {**SITE_LABEL, "release": None},
    ],
)
def test_a_folder_with_the_build_json_of_another_program_is_left_alone(
    tmp_path: Path, assembling: list[Path], label: dict[str, object]
) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "r-0123abcd").mkdir()
    (tmp_path / "index.html").write_text("their page", encoding="utf-8")
    (tmp_path / BUILD_LABEL).write_text(json.dumps(label), encoding="utf-8")
    with pytest.raises(SetupError, match="left alone"):
        assemble.build(tmp_path)
    assert assembling == []
    assert (tmp_path / "index.html").read_text(encoding="utf-8") == "their page"


@pytest.mark.parametrize("missing", ["index.html", "r-0123abcd"])
def test_a_damaged_site_in_a_folder_of_the_user_is_left_alone(
    tmp_path: Path, assembling: list[Path], missing: str
) -> None:
    out = assemble.build(tmp_path / "site")
    remove(out / missing)
    kept = files_below(out)
    with pytest.raises(SetupError, match="left alone"):
        assemble.build(out)
    assert len(assembling) == 1
    assert files_below(out) == kept


@pytest.mark.parametrize("missing", ["index.html", "r-0123abcd", "vendor/uplot-1", BUILD_LABEL])
def test_a_damaged_site_of_our_own_is_rebuilt(
    tmp_path: Path, assembling: list[Path], monkeypatch: pytest.MonkeyPatch, missing: str
) -> None:
    monkeypatch.setattr(assemble, "SITE", tmp_path / "site")
    whole = files_below(assemble.build(assemble.SITE))
    remove(assemble.SITE / missing)
    assert files_below(assemble.build(assemble.SITE)) == whole
    assert len(assembling) == 2


def test_what_the_build_writes_is_recognized_as_a_site_built_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("pyodide", "pyscript", "micropython", "uplot", "fonts")
    folders = {name: f"vendor/{name}-1" for name in names}

    def lay_out(_modules: Path, site: Path, _folders: dict[str, str]) -> str:
        for folder in ("r-0123abcd", *folders.values()):
            (site / folder).mkdir(parents=True)
        return "r-0123abcd"

    monkeypatch.setattr(release, "lay_out", lay_out)
    monkeypatch.setattr(vendor, "lay_out", lambda *_where: folders)
    monkeypatch.setattr(assemble, "compress", lambda *_where: None)
    assemble._assemble(tmp_path, Path("node_modules"), "the inputs")
    assert assemble._label(tmp_path) == ("r-0123abcd", folders, "the inputs")


def test_what_the_page_begins_with_is_fetched_at_once_and_what_it_fetches_later_is_not() -> None:
    names = assemble.first_scripts()
    assert {"band", "bundle", "curves", "past_curves", "page_places"} == set(names)
    for name in names:
        path = ROOT / "static" / f"{name}.mjs"
        content = path.read_text(encoding="utf-8") if path.exists() else ""  # one is generated
        late = set(assemble.STATIC_IMPORT.findall(content)) - set(names)
        assert not late, f"what {name} imports would be fetched after it"
