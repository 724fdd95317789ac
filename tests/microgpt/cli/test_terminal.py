"""Nothing that comes from outside reaches a terminal with control characters in it."""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from microgpt.checkpoint import Checkpoint, from_bytes, to_bytes
from microgpt.cli import files
from microgpt.cli.main import main
from microgpt.cli.terminal import json_line, one_line, printable
from microgpt.config import ModelConfig

# Escape, BEL, C1's CSI and OSC, DEL, an override, an isolate, a mark, a line separator.
HOSTILE = "\x1b\x07\x9b\x9d\x7f\u202e\u2066\u200f\u2028\r\n\t\b"
BIDIRECTIONAL = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
FAST = ["--engine", "scalar", "--n-embd", "2", "--n-head", "1", "--block-size", "4"]

texts = st.text('ab,"[{é ' + HOSTILE, min_size=1, max_size=8)
names = texts.map(lambda text: text.replace("\r", "")).filter(lambda text: text.strip() != "")


def run(*arguments: str) -> tuple[int, str, str]:
    """The exit code of a command, and what it printed, without the line breaks of its own lines."""
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        try:
            code = main(arguments)
        except SystemExit as ended:
            code = int(ended.code or 0)
    assert controls(out.getvalue()) <= {"\n", "\t"}, out.getvalue()
    assert controls(err.getvalue()) <= {"\n"}, err.getvalue()
    return code, out.getvalue(), err.getvalue()


def controls(text: str) -> set[str]:
    """The characters of a text that a terminal obeys."""
    return {
        character
        for character in text
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")
        or unicodedata.bidirectional(character) in BIDIRECTIONAL
        or character in "\u061c\u200e\u200f"
    }


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with TemporaryDirectory() as path:
        yield Path(path)


@given(text=st.text())
def test_a_line_has_no_control_character_and_plain_text_stays(text: str) -> None:
    assert controls(one_line(text)) == set()
    assert controls(printable(text)) <= {"\n", "\t"}
    assert re.sub(r"[\n\t]", "", printable(text)) == one_line(re.sub(r"[\n\t]", "", text))
    if not controls(text):
        assert one_line(text) == text


@given(text=st.text())
def test_json_is_plain_ascii_and_reads_back(text: str) -> None:
    line = json_line({"text": text})
    assert line.isascii()
    assert line.isprintable()
    assert json.loads(line) == {"text": text}


@settings(max_examples=40)
@given(name=names, column=names, cells=st.lists(texts, min_size=1, max_size=3))
def test_names_columns_and_members(folder: Path, name: str, column: str, cells: list[str]) -> None:
    rows = [{column: cell, "other": "word"} for cell in cells]
    table = folder / f"{name}.json"
    table.write_text(json.dumps(rows), encoding="utf-8")
    archive = folder / f"{name}.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(f"{name}.json", json.dumps(rows))
        opened.writestr(f"{name}.bin", b"\x00\x01" * 50)  # no text, so a note names it
        opened.writestr(f"{name}.txt", "".join(cells).encode("cp1252", "ignore") + b"\xe9\xff")
    for path in (table, archive):
        code, _, _ = run("data", str(path), "--column", column)
        assert code in (0, 2)
        code, out, _ = run("data", str(path), "--json")
        if code == 0:
            assert json.loads(out)["encodings"][0][0].endswith(f"{name}.json")
        for tokenizer in ("characters", "bpe"):
            train = ["train", "--data", str(path), "--steps", "1", "--samples", "2", *FAST]
            assert run(*train, "--tokenizer", tokenizer)[0] in (0, 2)
        assert run("inspect", "--data", str(path), "--column", "word" + column)[0] == 2


@settings(max_examples=40)
@given(text=texts)
def test_errors_and_options(folder: Path, text: str) -> None:
    missing = str(folder / f"{text} is missing")
    hostile = [
        *(["train", "--data", missing], ["data", missing], ["generate", "--model", missing]),
        *(["--save", missing + "/model"], ["generate", "--prefix", "Z" + text], [text]),
        *(["train", text], ["--" + text], ["--steps", text + "x"], ["--engine", text]),
        ["--rare", "replace", "--rare-with", "xx" + text],
    ]
    for arguments in hostile:
        code, out, err = run(*arguments)
        assert (code, out, err.count("\n")) == (2, "", 1)


@settings(max_examples=40)
@given(
    alphabet=st.sets(st.sampled_from("a\x00" + HOSTILE + "\ud800"), min_size=1),
    seed=st.integers(0, 99),
)
def test_the_alphabet_of_a_model(folder: Path, alphabet: set[str], seed: int) -> None:
    config = ModelConfig(len(alphabet) + 1, n_layer=1, n_embd=2, block_size=4, n_head=1)
    weights = {name: [[0.0] * columns] * rows for name, (rows, columns) in config.shapes}
    path = folder / "model.safetensors"
    path.write_bytes(to_bytes(Checkpoint(config, tuple(sorted(alphabet)), weights)))
    generate = ["generate", "--model", str(path), "--seed", str(seed), "--engine", "scalar"]
    _, out, _ = run(*generate)
    assert out
    _, out, _ = run(*generate, "--json")
    written = "".join(json.loads(line)["sample"] for line in out.splitlines())
    assert set(written) <= alphabet
    run(*generate, "--prefix", "é")


@settings(max_examples=10)
@given(content=texts.filter(str.strip))
def test_a_saved_model_keeps_every_character(folder: Path, content: str) -> None:
    text, saved = folder / "text.txt", folder / "saved.safetensors"
    text.write_text(content, encoding="utf-8", newline="\n")
    name = str(text)
    assert (
        run(
            "--data",
            name,
            "--steps",
            "1",
            "--samples",
            "2",
            "--cut",
            "windows",
            *FAST,
            "--save",
            str(saved),
        )[0]
        == 0
    )
    model = from_bytes(saved.read_bytes())
    assert set(model.characters) == set(content.replace("\r", "\n")) - {"\0"}
    assert model.about["data"] == name


def test_the_list_of_data_sets(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    datasets = folder / "datasets"
    datasets.mkdir()
    (datasets / "SOURCES.md").touch()
    (datasets / "x\x1b[2J.txt").write_text("\x1b]0;title\x07\n\u202eabc\n", encoding="utf-8")
    monkeypatch.setattr(files, "DATASETS_FOLDER", datasets)
    assert run("datasets")[1].startswith("x\\x1b[2J")
    assert json.loads(run("datasets", "--json")[1])["name"] == "x\x1b[2J"
