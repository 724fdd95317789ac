"""Tables and JSON: which columns there are, what they contain, and which one is the default."""

from __future__ import annotations

import csv
import io
import json
from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus import DataError
from microgpt.corpus.columns import MAX_COLUMNS
from microgpt.corpus.json_parser import MAX_NESTING
from tests.support.corpus import documents_of, load_one

# Cells that survive a round trip unchanged: one line, stripped.
CELLS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Zl", "Zp", "Cn", "Mn"]), min_size=1
).filter(lambda text: text == text.strip() and "\ufeff" not in text and not text.startswith("{"))
WORDS = st.text("abcdeé", min_size=1, max_size=6)


def columns_of(content: str | bytes, name: str, **options: Any) -> list[str]:
    return [column.name for column in load_one(content, name, **options).columns]


# ---- rows and cells ------------------------------------------------------------------------------


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("name", ["x.csv", "x.tsv"])
def test_the_delimiter_is_the_one_that_splits_evenly(delimiter: str, name: str) -> None:
    rows = [
        ["city", "country"],
        ["Bern", "Schweiz"],
        ["Rome, the old", "Italy"],
        ["Oslo", "Norway"],
    ]
    written = io.StringIO()
    csv.writer(written, delimiter=delimiter).writerows(rows)
    assert columns_of(written.getvalue(), name) == ["city", "country"]
    assert documents_of(written.getvalue(), name, column="city") == [
        "Bern",
        "Rome, the old",
        "Oslo",
    ]
    assert documents_of(written.getvalue(), name, column="country") == [
        "Schweiz",
        "Italy",
        "Norway",
    ]


def test_decimal_commas_are_not_delimiters() -> None:
    assert columns_of("a;b\n1,5;2,5\n2,5;x\n", "x.csv") == ["a", "b"]


@given(
    st.integers(2, 4).flatmap(
        lambda width: st.lists(
            st.lists(CELLS, min_size=width, max_size=width), min_size=1, max_size=8
        )
    ),
    st.sampled_from([csv.excel, csv.excel_tab, csv.unix_dialect]),
)
def test_csv_round_trip(rows: list[list[str]], dialect: type[csv.Dialect]) -> None:
    written = io.StringIO()
    csv.writer(written, dialect=dialect, quoting=csv.QUOTE_ALL).writerows(rows)
    table = written.getvalue()
    names = columns_of(table, "x.csv", format="rows")
    assert len(names) == len(rows[0])
    for name, cells in zip(names, zip(*rows, strict=True), strict=True):
        documents = documents_of(table, "x.csv", format="rows", column=name)
        assert documents == [normalize("NFC", cell) for cell in cells]


def test_quoted_cells_may_contain_delimiters_newlines_and_quotes() -> None:
    table = 'name,say\nEmma,"Hi, ""you""\nthere"\nMia,"Bye"\n'
    assert documents_of(table, "x.csv", column="say", cut="paragraphs") == [
        'Hi, "you"\nthere',
        "Bye",
    ]
    assert documents_of(table, "x.csv", column="say") == ['Hi, "you"', "there", "Bye"]


def test_an_unpaired_quote_swallows_nothing() -> None:
    lines = ["size,name", "5,Emma", '6,"Mia', "7,Ava", "8,Zoé"]
    assert documents_of("\n".join(lines), "x.csv") == ["Emma", '"Mia', "Ava", "Zoé"]


def test_rows_may_be_too_short_or_too_long() -> None:
    table = "name,n\nEmma,1\nMia\nAva,2,more\nZoe,3\nIda,4\n"
    corpus = load_one(table, "x.csv")
    assert [(column.name, column.filled) for column in corpus.columns] == [
        ("name", 5),
        ("n", 4),
        ("column 3", 1),
    ]
    assert corpus.documents == ["Emma", "Mia", "Ava", "Zoe", "Ida"]


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("name,age\nEmma,5\nMia,6\n", ["name", "age"]),
        (",name\n0,Emma\n1,Mia\n", ["column 1", "name"]),
        ("Emma,5\nMia,6\n", ["column 1", "column 2"]),
        ("yes,Emma\nno,Mia\nyes,Ava\n", ["column 1", "column 2"]),
        ("name\nEmma\nMia\n", ["name"]),
        ("Emma\nMia\nAva\n", ["column 1"]),
    ],
)
def test_headers_are_detected(table: str, names: list[str]) -> None:
    assert columns_of(table, "x.csv") == names


def test_the_format_says_whether_there_is_a_header() -> None:
    table = "Emma,5\nMia,6\n"
    assert documents_of(table, format="rows", column="column 1") == ["Emma", "Mia"]
    assert documents_of(table, format="table", column="Emma") == ["Mia"]
    assert columns_of("a,,a\nx,y,z\n", "x.csv", format="table") == ["a", "column 2", "a 3"]
    assert documents_of(table) == ["Emma,5", "Mia,6"]  # text without a file name is plain text


def test_a_cell_may_be_enormous() -> None:
    long = "x" * 500_000
    before = csv.field_size_limit()
    assert documents_of(f'name,n\nEmma,1\n"{long}",2\n', "x.csv") == ["Emma", long]
    assert csv.field_size_limit() == before


def test_tables_without_cells_are_rejected() -> None:
    for content in ("a,b\n", ",\n,\n"):
        with pytest.raises(DataError, match=r"no text in 'x\.csv'"):
            load_one(content, "x.csv")


def test_a_row_of_a_million_cells_is_truncated() -> None:
    assert len(load_one("a," * 1_000_000, "x.csv").columns) == MAX_COLUMNS


# ---- JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "column", "documents"),
    [
        (["Emma", "Mia"], "value", ["Emma", "Mia"]),
        ("Emma", "value", ["Emma"]),
        ([{"name": "Emma", "n": 1}, {"name": "Mia"}, {"n": 2}], "name", ["Emma", "Mia"]),
        ([{"name": "Emma", "n": 1.50}, {"n": True}, {"n": None}], "n", ["1.5", "true"]),
        ({"names": ["Emma", "Mia"], "towns": ["Bern"]}, "names", ["Emma", "Mia"]),
        ({"names": ["Emma", "Mia"], "towns": ["Bern"]}, "towns", ["Bern"]),
        ([{"author": {"name": "Emma", "age": 5}}], "author.name", ["Emma"]),
        ({"data": [{"name": "Emma"}, {"name": "Mia"}]}, "data.name", ["Emma", "Mia"]),
        ({"data": {"names": ["Emma"], "n": 3}}, "data.names", ["Emma"]),
        ([{"tags": ["red", "blue"]}, {"tags": ["green"]}], "tags", ["red", "blue", "green"]),
        ({"de": {"name": "Germany"}, "fr": {"name": "France"}}, "name", ["Germany", "France"]),
        ({"de": {"name": "Germany"}, "fr": {"name": "France"}}, "key", ["de", "fr"]),
        ({str(n): f"word {n}" for n in range(30)}, "value", [f"word {n}" for n in range(30)]),
        ({"title": "Emma", "text": "a long one"}, "text", ["a long one"]),
        ([["Emma", "Mia"], ["Ava"]], "value", ["Emma", "Mia", "Ava"]),
    ],
)
def test_json_structures(value: Any, column: str, documents: list[str]) -> None:
    for indent in (None, 2):
        text = json.dumps(value, indent=indent)
        assert documents_of(text, "x.json", column=column) == documents


@given(st.lists(st.dictionaries(WORDS, CELLS, max_size=4), min_size=1, max_size=6))
def test_json_round_trip(records: list[dict[str, str]]) -> None:
    whole = json.dumps(records)
    lines = "\n".join(json.dumps(record, ensure_ascii=False) for record in records)
    for name in {key for record in records for key in record}:
        cells = [record[name] for record in records if name in record]
        expected = normalize("NFC", "\n".join(cells))
        for content, file in ((whole, "x.json"), (lines, "x.jsonl")):
            assert "\n".join(documents_of(content, file, column=name)) == expected


def test_json_lines() -> None:
    lines = '{"name": "Emma", "n": 1}\n\n{"name": "Mia"}\r\n"Ava"\n'
    corpus = load_one(lines, "x.ndjson")
    assert [(column.name, column.filled) for column in corpus.columns] == [
        ("name", 2),
        ("n", 1),
        ("value", 1),
    ]
    assert corpus.documents == ["Emma", "Mia"]


def test_a_few_invalid_json_lines_are_left_out_and_counted() -> None:
    lines = ['{"name": "Emma"}', "oops", '{"name": "Mia"}', '{"name": "Ava"', '{"name": "Zoe"}']
    corpus = load_one("\n".join(lines), "x.jsonl")
    assert corpus.documents == ["Emma", "Mia", "Zoe"]
    assert "2 lines of 'x.jsonl' are not valid JSON and were left out." in corpus.remarks
    with pytest.raises(DataError, match=r"'x.jsonl' is not JSON Lines: most of its lines"):
        load_one("\n".join(lines[1:4]), "x.jsonl")


@pytest.mark.parametrize(
    ("content", "name", "documents"),
    [
        ('["Emma", "Mia"]', "", ["Emma", "Mia"]),
        ('{"name": "Emma"}\n{"name": "Mia"}\n', "", ["Emma", "Mia"]),
        ('{"name": "Emma"}\n{"name": "Mia"}\n', "x.json", ["Emma", "Mia"]),
        ('["Emma", "Mia"]', "x.txt", ['["Emma", "Mia"]']),
        ("[Na+].[Cl-]\n[OH-]", "", ["[Na+].[Cl-]", "[OH-]"]),
        ("[]\n[[]]\n{}", "", ["[]", "[[]]", "{}"]),
        ("{a} b", "mine", ["{a} b"]),
    ],
)
def test_the_format_is_detected_by_name_or_content(
    content: str, name: str, documents: list[str]
) -> None:
    assert documents_of(content, name) == documents


@pytest.mark.parametrize(
    ("content", "part"),
    [
        ("{", "'x.json' is not valid JSON: line 1"),
        ('["a",\n"b"\n"c"]', "'x.json' is not valid JSON: line 3"),
        ('["a" * 3]', "not valid JSON"),
        ("[" * 100_000, "nested more than 100 levels deep"),
        ('{"a":' * 100_000, "nested more than 100 levels deep"),
        ('["' + '\\"' * 100_000, "not valid JSON"),
        ("[]", "no text in 'x.json'"),
        ("{}", "no text in 'x.json'"),
        ("null", "no text in 'x.json'"),
        ('[{"a": [[["b"]]]}]', "no text in 'x.json'"),
    ],
)
def test_invalid_json_is_rejected(content: str, part: str) -> None:
    with pytest.raises(DataError, match=part):
        load_one(content, "x.json")


def test_brackets_in_strings_are_not_nesting() -> None:
    text = "[" * 2 * MAX_NESTING + '"'
    assert documents_of(json.dumps([text]), "x.json") == [text]


def test_numbers_stay_as_they_are_written() -> None:
    digits = "9" * 5000
    assert documents_of(f"[1.50, {digits}, NaN]", "x.json") == ["1.50", digits, "NaN"]


def test_invalid_characters_are_removed() -> None:
    content = r'["a\u0000b", "\ud800c", "\ud83d\ude00", "d\r\ne"]'
    assert documents_of(content, "x.json") == ["ab", "c", "😀", "d", "e"]


# ---- the default column --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "column"),
    [
        ([{"id": "17", "year": "1999", "name": "Emma"}], "name"),
        ([{"kind": "a", "Title": "Emma"}, {"kind": "a", "Title": "Mia"}], "Title"),
        ([{"kind": "a", "city": "Bern"}, {"kind": "a", "city": "Rome"}], "city"),
        ([{"link": "https://a.b/c", "word": "sun"}], "word"),
        ([{"key": "0123456789abcdef0123", "what": "sun"}], "what"),
        ([{"name": "", "city": "Bern"}, {"city": "Rome"}, {"city": "Oslo", "name": "x"}], "city"),
        ([{"n": "1"}, {"n": "2"}], "n"),
    ],
)
def test_the_default_column(rows: list[dict[str, str]], column: str) -> None:
    assert load_one(json.dumps(rows), "x.json").column == column


def test_the_description_of_a_column() -> None:
    rows = [{"name": "Emma" * 50, "n": n} for n in range(9)] + [{"name": "Mia"}, {"n": 9}]
    name, number = load_one(json.dumps(rows), "x.json").columns
    assert (name.filled, name.rows, name.is_text, name.different) == (10, 11, True, 2)
    assert name.examples == (("Emma" * 20), "Mia")
    assert (number.filled, number.is_text, number.examples) == (10, False, ("0", "1", "2"))


def test_unknown_columns_are_rejected() -> None:
    with pytest.raises(
        DataError, match=r"There is no column called 'town' in 'x\.csv'; there are: name, n\."
    ):
        load_one("name,n\nEmma,1\n", "x.csv", column="town")
    assert documents_of("Emma\n", "x.txt", column="town") == ["Emma"]
