"""Reading and writing data and models, and one sentence for every error."""

from __future__ import annotations

from pathlib import Path

import pytest

from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.cli.files import (
    FileError,
    check_writable,
    data_sets,
    read_files,
    read_model,
    write_model,
)
from tests.support.models import SMALL, weights_of

MODEL = Checkpoint(SMALL, tuple("abcd"), weights_of(SMALL))


def test_every_data_set_is_read_by_its_name() -> None:
    names = [path.stem for path in data_sets()]
    assert names == sorted(names)
    assert "us-names" in names
    for name in names:
        ((file, content),) = read_files([name])
        assert file == f"{name}.txt"
        assert len(content.splitlines()) >= 50


def test_files_are_read_unchanged_by_their_paths(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_bytes(b"\xffzo\xe9\r\n\0")
    files = read_files([str(path), "us-names"])
    assert [name for name, _ in files] == [str(path), "us-names.txt"]
    assert files[0][1] == b"\xffzo\xe9\r\n\0"


@pytest.mark.parametrize("name", ["unicorns", "a/b/c.txt", "", "x" * 5000], ids=len)
def test_names_of_no_data(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileError) as caught:
        read_files([name])
    assert str(caught.value).startswith(("There is no data set or file called", f"'{name}' "))
    assert "\n" not in str(caught.value)


def test_the_error_for_missing_data_lists_the_data_sets() -> None:
    with pytest.raises(FileError) as caught:
        read_files(["unicorns"])
    assert "'unicorns'" in str(caught.value)
    assert all(path.stem in str(caught.value) for path in data_sets())


def test_a_folder_in_place_of_data(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        read_files([str(tmp_path)])


def test_a_model_is_written_and_read(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    check_writable(path)
    write_model(path, MODEL)
    assert read_model(path) == MODEL
    check_writable(path)
    write_model(path, Checkpoint(SMALL, tuple("wxyz"), MODEL.weights))
    assert read_model(path).characters == tuple("wxyz")
    assert list(tmp_path.iterdir()) == [path]


def test_a_model_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "model"
    with pytest.raises(FileError, match="cannot be read: No such file"):
        read_model(path)
    with pytest.raises(FileError, match="cannot be read: Is a directory"):
        read_model(tmp_path)
    path.write_bytes(to_bytes(MODEL)[:-1])
    with pytest.raises(FileError, match="model': The model file was cut off"):
        read_model(path)


@pytest.mark.parametrize("name", ["", "missing/model"])
def test_paths_that_cannot_be_written(name: str, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be written"):
        check_writable(tmp_path / name)
    before = list(tmp_path.iterdir())
    with pytest.raises(FileError, match="cannot be written"):
        write_model(tmp_path / name, MODEL)
    assert list(tmp_path.iterdir()) == before


def test_a_model_that_cannot_be_written_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    write_model(path, MODEL)

    def half(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[: len(data) // 2])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(FileError, match="cannot be written: No space left on device"):
        write_model(path, Checkpoint(SMALL, tuple("wxyz"), MODEL.weights))
    assert read_model(path) == MODEL
