"""Unpacking of archives: all files found, system files skipped, bombs and corruption rejected."""

from __future__ import annotations

import gzip
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus import DataError
from microgpt.corpus.archives import MAX_ARCHIVE_FILES, MAX_TOTAL_BYTES, unpack
from microgpt.generators import drain
from tests.support.corpus import zipped

NAMES = b"emma\nolivia\n"


def unpack_one(content: bytes, name: str = "x") -> dict[str, bytes]:
    return {file.name: file.content for file in drain(unpack([(name, content)]))}


def error_of(content: bytes, name: str = "x") -> str:
    with pytest.raises(DataError) as caught:
        unpack_one(content, name)
    message = str(caught.value)
    assert message.count(". ") == 0
    return message


def test_other_files_are_kept_as_they_are() -> None:
    assert unpack_one(NAMES, "names.zip") == {"names.zip": NAMES}
    assert unpack_one(b"") == {"x": b""}


@pytest.mark.parametrize("name", ["names.txt.gz", "names.txt"])
def test_gzip_is_recognized_by_content(name: str) -> None:
    assert unpack_one(gzip.compress(NAMES), name) == {"names.txt": NAMES}


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=3), st.integers(0, 20))
def test_gzip_round_trip(parts: list[bytes], zeros: int) -> None:
    """Several members may follow each other, and zeros may pad the end."""
    content = b"".join(gzip.compress(b"a" + part) for part in parts) + bytes(zeros)
    assert list(unpack_one(content).values()) == [b"".join(b"a" + part for part in parts)]


def test_large_gzip_round_trip() -> None:
    content = bytes(range(256)) * 8_000 + bytes(3_000_000)
    assert unpack_one(gzip.compress(content)) == {"x": content}


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_zip_with_several_files(method: int) -> None:
    members = {"b.txt": NAMES, "deep/down/a.csv": b"x,y\n", "empty": b""}
    expected = {f"all.zip/{name}": content for name, content in members.items()}
    assert unpack_one(zipped(members, method), "all.zip") == expected


@pytest.mark.parametrize(
    "hidden",
    ["__MACOSX/._a.txt", "__MACOSX/a.txt", ".DS_Store", ".git/config", "a/.b/c", "Thumbs.db", "d/"],
)
def test_system_files_are_skipped(hidden: str) -> None:
    assert list(unpack_one(zipped({hidden: b"", "a.txt": NAMES}))) == ["x/a.txt"]


def test_archive_in_an_archive() -> None:
    inner = zipped({"c.txt.gz": NAMES, "d.txt": NAMES})
    assert unpack_one(zipped({"b.zip": inner}), "a.zip") == {
        "a.zip/b.zip/c.txt.gz": NAMES,
        "a.zip/b.zip/d.txt": NAMES,
    }
    assert unpack_one(gzip.compress(zipped({"a": NAMES})), "x.zip.gz") == {"x.zip/a": NAMES}


def test_archives_nested_too_deep_are_rejected() -> None:
    content = zipped({"d.zip": zipped({"c.zip": zipped({"b.txt": NAMES})})})
    assert "an archive within an archive within another" in error_of(content)


def test_zip_bombs_are_rejected_by_their_unpacked_size() -> None:
    bomb = gzip.compress(bytes(MAX_TOTAL_BYTES + 1), 9)
    assert len(bomb) < 100_000
    assert "'x' unpacks to more than 50 MB" in error_of(bomb)
    half = bytes(MAX_TOTAL_BYTES // 2 + 1)
    assert "unpacks to more than 50 MB" in error_of(zipped({"a": half, "b": half}))


def test_an_archive_may_unpack_to_exactly_the_limit() -> None:
    (content,) = unpack_one(gzip.compress(bytes(MAX_TOTAL_BYTES), 1)).values()
    assert len(content) == MAX_TOTAL_BYTES


def test_files_that_are_too_large_together_are_rejected() -> None:
    half = bytes(MAX_TOTAL_BYTES // 2)
    assert len(drain(unpack([("a", half), ("b", half)]))) == 2
    with pytest.raises(DataError, match=r"'a' and 2 more are 60 MB, but at most 50 MB"):
        drain(unpack([("a", half), ("b", half), ("c", bytes(10_000_000))]))


def test_encrypted_archives_are_rejected() -> None:
    content = bytearray(zipped({"a.txt": NAMES}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    assert "'x' is protected by a password" in error_of(bytes(content))


def test_unsupported_compression_is_rejected() -> None:
    content = zipped({"a.txt": NAMES}, zipfile.ZIP_BZIP2)
    assert "'x' uses a compression method that is not supported" in error_of(content)


@pytest.mark.parametrize("member", ["[Content_Types].xml", "mimetype"])
def test_office_documents_are_rejected(member: str) -> None:
    content = zipped({member: b"", "word/document.xml": NAMES})
    assert "save it as plain text or CSV" in error_of(content, "names.docx")


def test_archives_without_files_are_rejected() -> None:
    assert "an archive without any files" in error_of(zipped({}))
    assert "an archive without any files" in error_of(zipped({".hidden": NAMES}))


def test_archives_with_too_many_files_are_rejected() -> None:
    content = zipped({str(number): b"" for number in range(MAX_ARCHIVE_FILES + 1)})
    assert "contains 1,001 files, but at most 1,000 can be read" in error_of(content)


@pytest.mark.parametrize("pack", [gzip.compress, lambda content: zipped({"a": content})])
def test_truncated_archives_are_rejected(pack: object) -> None:
    assert callable(pack)
    content = pack(bytes(range(256)) * 40)
    for length in range(20, len(content), 97):
        assert "'x' is a damaged archive" in error_of(content[:length])


PACKED = zipped({"names.txt": NAMES * 20, "b/c.csv": b"a,b\n" * 9})


@given(
    st.sampled_from([gzip.compress(NAMES * 20, mtime=0), PACKED]),
    st.lists(st.tuples(st.integers(0, 1000), st.integers(0, 255)), min_size=1, max_size=4),
)
def test_corrupt_archives_are_unpacked_or_rejected_in_one_sentence(
    content: bytes, changes: list[tuple[int, int]]
) -> None:
    damaged = bytearray(content)
    for position, byte in changes:
        damaged[position % len(damaged)] = byte
    try:
        assert unpack_one(bytes(damaged))
    except DataError as error:
        assert str(error).endswith(".")  # noqa: PT017 - both outcomes are fine
