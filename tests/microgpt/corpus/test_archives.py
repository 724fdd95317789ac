"""Files out of archives: found whole, hidden ones left out, bombs and damage refused."""

from __future__ import annotations

import gzip
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus.archives import MAX_BYTES, MAX_MEMBERS, unpack
from microgpt.corpus.errors import DataError
from microgpt.generators import drain
from tests.support.corpus import zipped

NAMES = b"emma\nolivia\n"


def unpacked(content: bytes, name: str = "x") -> dict[str, bytes]:
    return {file.name: file.content for file in drain(unpack([(name, content)]))}


def complaint(content: bytes, name: str = "x") -> str:
    with pytest.raises(DataError) as caught:
        unpacked(content, name)
    message = str(caught.value)
    assert message.count(". ") == 0
    return message


def test_what_is_no_archive_stays_as_it_is() -> None:
    assert unpacked(NAMES, "names.zip") == {"names.zip": NAMES}
    assert unpacked(b"") == {"x": b""}


@pytest.mark.parametrize("name", ["names.txt.gz", "names.txt"])
def test_gzip_is_known_by_what_is_in_it(name: str) -> None:
    assert unpacked(gzip.compress(NAMES), name) == {"names.txt": NAMES}


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3), st.integers(0, 20))
def test_gzip_there_and_back(parts: list[bytes], zeros: int) -> None:
    """Several may follow each other, and zeros fill the end."""
    content = b"".join(gzip.compress(b"a" + part) for part in parts) + bytes(zeros)
    assert list(unpacked(content).values()) == [b"".join(b"a" + part for part in parts)]


def test_a_large_gzip_there_and_back() -> None:
    content = bytes(range(256)) * 8_000 + bytes(3_000_000)
    assert unpacked(gzip.compress(content)) == {"x": content}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_has_several_files(method: int) -> None:
    members = {"b.txt": NAMES, "deep/down/a.csv": b"x,y\n", "empty": b""}
    expected = {f"all.zip/{name}": content for name, content in members.items()}
    assert unpacked(zipped(members, method), "all.zip") == expected


@pytest.mark.parametrize(
    "hidden",
    ["__MACOSX/._a.txt", "__MACOSX/a.txt", ".DS_Store", ".git/config", "a/.b/c", "Thumbs.db", "d/"],
)
def test_what_systems_leave_in_an_archive_is_left_out(hidden: str) -> None:
    assert list(unpacked(zipped({hidden: b"", "a.txt": NAMES}))) == ["x/a.txt"]


def test_an_archive_in_an_archive() -> None:
    inner = zipped({"c.txt.gz": NAMES, "d.txt": NAMES})
    assert unpacked(zipped({"b.zip": inner}), "a.zip") == {
        "a.zip/b.zip/c.txt.gz": NAMES,
        "a.zip/b.zip/d.txt": NAMES,
    }
    assert unpacked(gzip.compress(zipped({"a": NAMES})), "x.zip.gz") == {"x.zip/a": NAMES}


def test_archives_do_not_go_down_forever() -> None:
    content = zipped({"d.zip": zipped({"c.zip": zipped({"b.txt": NAMES})})})
    assert "an archive within an archive within another" in complaint(content)


def test_a_bomb_is_refused_by_what_it_unpacks_to() -> None:
    bomb = gzip.compress(bytes(MAX_BYTES + 1), 9)
    assert len(bomb) < 100_000
    assert "'x' holds more than 50 MB when it is unpacked" in complaint(bomb)
    half = bytes(MAX_BYTES // 2 + 1)
    assert "holds more than 50 MB" in complaint(zipped({"a": half, "b": half}))


def test_an_archive_may_unpack_to_the_limit() -> None:
    (content,) = unpacked(gzip.compress(bytes(MAX_BYTES), 1)).values()
    assert len(content) == MAX_BYTES


def test_files_that_are_too_large_together() -> None:
    half = bytes(MAX_BYTES // 2)
    assert len(drain(unpack([("a", half), ("b", half)]))) == 2
    with pytest.raises(DataError, match=r"That is 60 MB, and at most 50 MB can be read at once"):
        drain(unpack([("a", half), ("b", half), ("c", bytes(10_000_000))]))


def test_an_archive_with_a_password() -> None:
    content = bytearray(zipped({"a.txt": NAMES}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    assert "'x' is locked with a password" in complaint(bytes(content))


def test_an_archive_packed_in_another_way() -> None:
    content = zipped({"a.txt": NAMES}, zipfile.ZIP_BZIP2)
    assert "'x' is packed in a way that is not known here" in complaint(content)


@pytest.mark.parametrize("member", ["[Content_Types].xml", "mimetype"])
def test_an_office_document_is_not_taken_for_texts(member: str) -> None:
    content = zipped({member: b"", "word/document.xml": NAMES})
    assert "save it there as plain text or CSV" in complaint(content, "names.docx")


def test_an_archive_without_files() -> None:
    assert "an archive without any files" in complaint(zipped({}))
    assert "an archive without any files" in complaint(zipped({".hidden": NAMES}))


def test_an_archive_with_too_many_files() -> None:
    content = zipped({str(number): b"" for number in range(MAX_MEMBERS + 1)})
    assert "holds 1,001 files, and at most 1,000 can be read" in complaint(content)


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"a": content})])
def test_an_archive_that_was_cut_off(pack: object) -> None:
    assert callable(pack)
    content = pack(bytes(range(256)) * 40)
    for length in range(20, len(content), 97):
        assert "'x' is a damaged archive" in complaint(content[:length])


PACKED = zipped({"names.txt": NAMES * 20, "b/c.csv": b"a,b\n" * 9})


@given(
    st.sampled_from([gzip.compress(NAMES * 20, mtime=0), PACKED]),
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_whatever_is_damaged_is_one_sentence_or_still_whole(
    content: bytes, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(content)
    for place, byte in changes:
        damaged[place % len(damaged)] = byte
    try:
        assert unpacked(bytes(damaged))
    except DataError as error:
        assert str(error).endswith(".")  # noqa: PT017 - either way is right
