"""Files on the command line: their summary, and training on them."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from microgpt.cli.corpus_summary import summarize
from microgpt.cli.files import DATASETS_FOLDER
from microgpt.corpus.archives import MAX_TOTAL_BYTES
from microgpt.settings import DATA
from tests.support.command import TINY, call, done_objects, error_line, objects, output
from tests.support.corpus import load_one

TABLE = 'id,title\n1,"Émma, one"\n2,Zoé\n3,Zoé\n4,Ida 7\n'
SHORT = ["--steps", "2", "--samples", "0", "--n-embd", "4", "--n-head", "2"]


@pytest.fixture
def table(tmp_path: Path) -> str:
    path = tmp_path / "titles.csv"
    path.write_text(TABLE, encoding="utf-8")
    return str(path)


def test_the_statistics_of_a_file(table: str) -> None:
    text = output("data", table)
    lines = dict(line.split(": ", 1) for line in text.splitlines() if ": " in line)
    assert text.startswith(f"file: {table}, utf-8\ncolumn: id, 4 of 4 rows")
    assert "column: title (selected), 4 of 4 rows, such as 'Émma, one', 'Zoé', 'Ida 7'\n" in text
    assert lines["documents"] == "4, 1 of them duplicates, 0 held out"
    assert lines["shortest"] == "'Zoé'"
    assert lines["longest"] == "'Émma, one'"
    assert lines["characters"] == "20, 13 distinct"
    assert lines["most common"].startswith("o 3, ' ' 2, Z 2, a 2, m 2, é 2, ',' 1, 7 1, ")
    assert lines["recommended"].startswith(
        "--block-size 16 --n-embd 16 --n-head 4 --n-layer 1 --steps 300 "
    )
    assert "note: There are only 4 documents, so the model may learn them by heart.\n" in text


def test_a_long_text_in_one_line_gets_advice(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_text("the quick brown fox jumps over the lazy dog. " * 100, encoding="utf-8")
    text = output("data", str(path))
    assert "with a context length of 16, 1 document is cut, and" in text
    assert "note: Even with a context length of 64, the model would see only 1% of" in text
    assert "Cut it into pieces with --cut windows.\n" in text
    assert text.splitlines()[-1].endswith("--eval-fraction 0.0")
    assert "with --cut windows." not in output("data", str(path), "--cut", "windows")
    done = call("train", "--data", str(path), *SHORT)
    assert "Cut it into pieces with --cut windows." in done.stderr


def test_an_encoding_is_detected(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes("Москва\nНовосибирск\nКазань\n".encode("koi8-r"))
    text = output("data", str(path))
    assert text.startswith(f"file: {path}, probably koi8-r\n")
    assert "it was read as Cyrillic (KOI8-R). If letters look wrong, choose another" in text


def test_the_context_length_is_marked_in_the_histogram(table: str) -> None:
    bars = re.findall(
        r"^ +(\d+) \| (#*-*) +(\d+)$", output("data", table, "--block-size", "6"), re.M
    )
    assert [(length, sign[:1], count) for length, sign, count in bars if count != "0"] == [
        ("4", "#", "2"),
        ("6", "#", "1"),
        ("10", "-", "1"),
    ]


def test_the_recommended_options_can_be_used(table: str) -> None:
    suggested = output("data", table).splitlines()[-1].removeprefix("recommended: ").split()
    done = call("train", "--data", table, *suggested, "--stop-after", "1", "--samples", "0")
    assert done.returncode == 0, done.stderr


def test_the_summary_as_json(table: str) -> None:
    (line,) = objects(output("data", table, "--json", "--case", "lower", "--accents", "remove"))
    assert line["statistics"]["documents"] == 4
    assert dict(line["statistics"]["vocabulary"])["e"] == 4
    assert line["column"] == "title"
    assert line["encodings"] == [[table, "utf-8", False]]
    as_read = load_one(TABLE, table, case="lower", accents="remove").as_dict()
    assert line == json.loads(json.dumps({**as_read, "held_out": 0, "tokens": None}))


def test_the_summary_with_bpe(table: str) -> None:
    options = ["--tokenizer", "bpe", "--vocab-limit", "64", "--eval-fraction", "0.25"]
    text = output("data", table, *options)
    assert "documents: 4, 1 of them duplicates, 1 held out\n" in text
    assert re.search(r"^tokens: 1[5-7], [1-3] of more than one character: '", text, re.M), text
    assert "lengths, in tokens plus one for the end:\n" in text
    (line,) = objects(output("data", table, *options, "--json"))
    assert line["held_out"] == 1
    tokens = line["tokens"]
    assert tokens["vocab_size"] == 13 + len(tokens["made"]) + 1
    assert sum(bar["documents"] for bar in tokens["histogram"]) == 4


def test_what_the_context_cuts_is_counted_in_tokens() -> None:
    characters = output("data", "us-names", "--block-size", "8")
    bpe = output("data", "us-names", "--block-size", "8", "--tokenizer", "bpe")
    cut = [re.search(r"of 8, ([\d,]+) documents are cut", text) for text in (characters, bpe)]
    in_characters, in_tokens = (int(found[1].replace(",", "")) for found in cut if found)
    assert in_characters > 1000 > in_tokens


def test_the_summary_of_a_data_set() -> None:
    (line,) = objects(output("data", "baby-names", "--json"))
    assert line["statistics"]["documents"] == 50
    assert line["columns"] == []


def test_every_option_for_loading_data_exists() -> None:
    for command in ("data", "train"):
        options = set(re.findall(r"--[a-z-]+", output(command, "--help")))
        assert {"--" + row.name.replace("_", "-") for row in DATA} <= options


def test_training_on_a_table(table: str) -> None:
    done = call("train", "--data", table, "--column", "title", "--digits", "drop", *SHORT)
    assert done.returncode == 0
    assert done.stdout.startswith("num docs: 4\nvocab size: 13\n")
    unique = call("train", "--data", table, "--duplicates", "drop", "--json", *SHORT)
    assert (unique.returncode, unique.stderr) == (0, "")
    assert len(done_objects(unique.stdout)) == 2


def test_training_on_several_files(table: str, tmp_path: Path) -> None:
    path = tmp_path / "more.txt.gz"
    path.write_bytes(gzip.compress("noël\nlea\n".encode("latin-1")))
    done = call(
        "train", "--data", str(path), table, "baby-names", "--save", str(tmp_path / "m"), *SHORT
    )
    assert done.returncode == 0
    assert done.stdout.startswith("num docs: 56\n")
    assert "was read as Western European (Latin-1)" in done.stderr.splitlines()[0]
    written = call("generate", "--model", str(tmp_path / "m"), "--samples", "1")
    assert written.returncode == 0


def test_one_long_text_in_windows(tmp_path: Path) -> None:
    path = tmp_path / "book.txt"
    path.write_text("It was the best of times,\nit was the worst of times. " * 9, encoding="utf-8")
    done = call("train", "--data", str(path), "--cut", "windows", "--block-size", "12", *SHORT)
    assert done.returncode == 0
    assert done.stdout.startswith("num docs: 40\n")
    assert done.stderr == ""
    text = output("data", str(path), "--cut", "windows", "--block-size", "12")
    assert "lengths, in characters:\n" in text
    assert "with a context length of 12, 0 documents are cut, and 0.0% of the text is lost" in text


@pytest.mark.parametrize("data", [["baby-names"], []])
def test_plain_text_without_options_has_a_document_per_line(
    data: list[str], tmp_path: Path
) -> None:
    """One document per line, whatever is in it, and no remark on how it was loaded."""
    name = data[0] if data else "us-names"
    copy = tmp_path / "copy.txt"
    copy.write_bytes((DATASETS_FOLDER / f"{name}.txt").read_bytes())
    arguments = ["train", "--steps", "3", "--samples", "3", "--n-embd", "4", "--n-head", "2"]
    given = ["--data", *data] if data else []
    assert output(*arguments, *given) == output(*arguments, "--data", str(copy))


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("data", "the following arguments are required: FILE"),
        ("data no-such-data", "no data set or file called 'no-such-data'"),
        ("data microgpt", "cannot be read: Is a directory"),
        ("data us-names --cut words", "Documents must be one of lines, paragraphs"),
        ("data us-names --rare-below many", "Rare below must be a whole number"),
        ("data us-names --rare-with ab", "Replacement must be one character, not 'ab'"),
        ("data us-names --encoding latin1", "Encoding must be one of auto, utf-8"),
        ("data us-names --format json", "'us-names.txt' is not valid JSON: line 1"),
        ("data datasets/models/us-names.safetensors", "is not text; choose a file"),
        ("train --data us-names no-such-data", "no data set or file called 'no-such-data'"),
        ("train --data us-names --digits none", "Digits must be one of keep, drop, zero"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments: str, part: str) -> None:
    assert part in error_line(*arguments.split())


def test_a_column_that_does_not_exist(table: str) -> None:
    message = f"There is no column called 'name' in '{table}'; there are: id, title."
    assert message in error_line("data", table, "--column", "name")
    assert message in error_line("train", *TINY[:4], "--data", table, "--column", "name")


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    with path.open("wb") as file:
        file.truncate(100 * MAX_TOTAL_BYTES)
    assert f"'{path}' is 5,000 MB, but at most 50 MB can be read at once" in error_line(
        "data", str(path)
    )


def test_invisible_characters_are_escaped() -> None:
    text = summarize(load_one("a b\u200d\nc, d\n"))
    assert "'\\u200d' 1" in text
    assert "',' 1" in text
    assert "most common pairs: ' b' 1, ' d' 1, " in text
