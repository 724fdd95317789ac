"""`python -m microgpt inspect`: what a model is compiled to."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest

from microgpt.config import ModelConfig
from microgpt.settings import SettingError
from microgpt.wasm.compiler.compile import compile_model
from tests.support.command import TINY, call, error_line, output


def test_operations_are_printed_below_their_lines_of_python() -> None:
    lines = output("inspect", *TINY).splitlines()
    assert lines[0].startswith("num params: ")
    assert "bytes" in lines[0]
    place = lines.index('# model.py:' + next(
        line.removeprefix("# model.py:") for line in lines if "attn_wq" in line
    ))  # fmt: skip
    assert lines[place].endswith('q = ops.linear(x, weights[f"layer{layer}.attn_wq"])')
    assert lines[place + 1].startswith("layer0.attn_wq (4) = linear(")
    assert any(line.startswith("# gradient of model.py:") for line in lines)


def test_the_module_is_printed_as_text() -> None:
    text = output("inspect", "--wat", "--n-layer", "2", *TINY)
    assert text.startswith("(module\n")
    assert '(func $train (export "train") (param $first i32) (param $count i32)' in text
    assert "layer1.mlp_fc2" in text


def test_precision_and_optimizer_change_the_module() -> None:
    texts = {
        output("inspect", "--wat", *TINY, *options)
        for options in ((), ("--precision", "f64"), ("--optimizer", "sgd"))
    }
    assert len(texts) == 3


def num_params(*arguments: str) -> str:
    done = call(*arguments, "--n-embd", "4", "--n-head", "2")
    found = re.search(r"^num params: ([\d,]+)", done.stdout, re.MULTILINE)
    assert found is not None, done.stderr
    return found[1].replace(",", "")


def test_the_model_is_that_of_training_on_the_same_files(tmp_path: Path) -> None:
    path = tmp_path / "towns.csv.gz"
    path.write_bytes(gzip.compress("town,n\nZürich,1\nGenève,2\nZug,3\nChur,4\n".encode("cp1252")))
    given = ["--data", str(path), "baby-names", "--column", "town", "--case", "lower"]
    for more in ([], ["--tokenizer", "bpe", "--vocab-limit", "64", "--eval-fraction", "0.4"]):
        trained = num_params("train", *given, *more, "--steps", "1", "--samples", "0")
        assert num_params("inspect", *given, *more) == trained
    assert num_params("inspect", *given[:-2]) != num_params("inspect", *given)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (["--n-layer", "0"], "Layers must lie between 1 and 12"),
        (["--precision", "f16"], "must be one of f32, f64"),
        (["--data", "no-such-file"], "no-such-file"),
        (["--data", "datasets/models/us-names.safetensors"], "is not text; choose a file"),
        (["--tokenizer", "bpe", "--vocab-limit", "9"], "Vocabulary must lie between"),
        (["--n-embd", "6", "--n-head", "4"], "must be a multiple of the attention heads"),
    ],
)
def test_invalid_input_is_an_error(options: list[str], reason: str) -> None:
    assert reason in error_line("inspect", *options)


def test_a_model_too_large_for_a_module_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microgpt.wasm.compiler.compile.MAX_PAGES", 4)
    with pytest.raises(SettingError, match=r"needs 0\.\d GB of memory.*choose fewer layers"):
        compile_model(ModelConfig(31, n_embd=16, n_layer=3), "f64", False)
