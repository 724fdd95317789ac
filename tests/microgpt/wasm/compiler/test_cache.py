"""Compiled models between processes: found again, never in the way, never more than allowed."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from microgpt.config import ModelConfig
from microgpt.model_code.loading import load_code
from microgpt.model_code.source import default_source
from microgpt.wasm.compiler import cache
from microgpt.wasm.compiler.cache import ON, SWITCH, ModuleCache, cache_folder
from microgpt.wasm.compiler.compile import compile_model
from microgpt.wasm.compiler.interface import Interface
from microgpt.wasm.compiler.load import load_module

CONFIG = ModelConfig(5, n_embd=4, n_head=2, block_size=3)

pytestmark = pytest.mark.skipif(sys.platform == "emscripten", reason="nothing is kept in a page")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder, in use."""
    monkeypatch.setenv(SWITCH, ON)
    monkeypatch.setattr(cache, "cache_folder", lambda: tmp_path / "cache" / "microgpt")
    return tmp_path / "cache" / "microgpt"


def emitted(config: ModelConfig = CONFIG, precision: str = "f32") -> tuple[bytes, Interface]:
    """The module and its interface as a process gets them that has compiled nothing before."""
    compile_model.cache_clear()
    try:
        return load_module(config, precision)
    finally:
        compile_model.cache_clear()


def test_a_model_is_compiled_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = emitted()
    model = compile_model(CONFIG)
    assert first == (model.bytes, model.interface)
    assert len(list(folder.iterdir())) == 1
    with monkeypatch.context() as patch:
        trace = "microgpt.wasm.compiler.compile.trace"
        patch.setattr(trace, lambda *_: pytest.fail("it was compiled again"))
        assert emitted() == first
    assert emitted(precision="f64") != first
    assert emitted(ModelConfig(6, n_embd=4, n_head=2, block_size=3)) != first
    assert len(list(folder.iterdir())) == 3


def test_a_model_is_kept_by_its_text(folder: Path) -> None:
    source = default_source()
    texts = (source, source.replace("ops.relu", "ops.silu"))
    one, other = (replace(CONFIG, code=load_code(text)) for text in texts)
    assert emitted(one) != emitted(other)
    assert emitted(one) == emitted(CONFIG)
    assert emitted(other) == emitted(other)
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize("content", [b"", b"\0asm", b"x" * 100])
def test_a_damaged_file_is_ignored_and_written_again(folder: Path, content: bytes) -> None:
    first = emitted()
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(content)
    assert emitted() == first
    assert file.read_bytes() == whole


def test_other_sources_make_other_modules(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    emitted()
    (tmp_path / "wasm" / "compiler").mkdir(parents=True)
    (tmp_path / "wasm" / "compiler" / "compile.py").write_text("changed = True\n")
    monkeypatch.setattr(cache, "PACKAGE", tmp_path)
    emitted()
    assert len(list(folder.iterdir())) == 2


def test_nothing_is_kept_where_nobody_asked(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("off", ""):
        monkeypatch.setenv(SWITCH, value)
        emitted()
    monkeypatch.delenv(SWITCH)
    emitted()
    assert not folder.exists()


def test_without_a_folder_to_write_to_it_works_all_the_same(folder: Path) -> None:
    folder.parent.write_text("a file where the folder should be")
    assert emitted() == emitted()


def test_the_oldest_modules_are_deleted(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cache, "MAX_CACHE_BYTES", 350)
    for number in range(5):
        kept = ModuleCache(f"model {number}")
        kept.keep(bytes(68))  # a hundred bytes with its digest
        assert kept.load() is not None
        for age, file in enumerate(sorted(folder.iterdir(), key=lambda path: path.stat().st_mtime)):
            os.utime(file, (age, age))
    found = [ModuleCache(f"model {number}").load() is not None for number in range(5)]
    assert found == [False, False, True, True, True]
    assert len(list(folder.iterdir())) == 3


@pytest.mark.parametrize(
    ("platform", "variables", "folder"),
    [
        ("linux", {"XDG_CACHE_HOME": "/elsewhere"}, Path("/elsewhere/microgpt")),
        ("linux", {"XDG_CACHE_HOME": "not/absolute"}, Path("~/.cache/microgpt")),
        ("linux", {}, Path("~/.cache/microgpt")),
        ("darwin", {"XDG_CACHE_HOME": "/elsewhere"}, Path("~/Library/Caches/microgpt")),
        ("win32", {"LOCALAPPDATA": "/local"}, Path("/local/microgpt")),
        ("win32", {}, Path("~/AppData/Local/microgpt")),
    ],
)
def test_the_folder_is_where_each_system_has_it(
    platform: str, variables: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("XDG_CACHE_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "platform", platform)
    assert cache_folder() == folder.expanduser()
