"""A run as a program: it prints what the scalar engine computes, to the last bit."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from microgpt.config import SampleConfig, TrainConfig
from microgpt.export.documents import MAX_INSIDE_CHARS
from microgpt.export.exports import export_files, repeatable_training
from microgpt.export.source import ExportError
from microgpt.model_code.gallery import GALLERY, Edit
from microgpt.model_code.loading import OPERATION_NAMES
from microgpt.optimizer import OPTIMIZERS
from microgpt.segments import first_segment
from microgpt.settings import setting
from microgpt.training_record import TrainingRecord
from tests.support.exported import (
    exported_lines,
    lines_of,
    printed,
    run_program,
    tiny_run,
    write_files,
)
from tests.support.processes import SECONDS

NAMES = ("annabel", "bernadette", "clementine", "dorothea", "emmanuel", "florentina")
SCHEDULES = [str(value) for value, _ in setting("schedule").choices]
SUMS = ["1+2=3", "4+4=8", "no mark", "2+5=7", "9+0=9", "123456789+1"]
# A model of every operation that there is.
ALL_OPERATIONS = '''
def parameter_shapes(config):
    n = config.n_embd
    return [("wte", (config.vocab_size, n)), ("w", (n, n)), ("half", (n // 2, n)), ("gain", (2, n))]


def gpt(ops, config, weights, token, position, caches):
    """Everything at once."""
    x = ops.embed(weights["wte"], token)
    q = ops.rotate(ops.linear(x, weights["w"]), position, 2)
    k = ops.repeat(ops.linear(x, weights["half"]), n_head=1, times=2)
    x = ops.attention(q, k, ops.gelu(x), 2, caches[7], window=3, alibi=True)
    gain = ops.row(weights["gain"], 1)
    x = ops.add(ops.multiply(ops.relu(x), gain), ops.silu(ops.rmsnorm(x)))
    return ops.linear(x, weights["wte"])
'''
CASES: dict[str, dict[str, Any]] = {
    **{f"optimizer {name}": {"optimizer": name} for name in OPTIMIZERS},
    **{f"schedule {name}": {"schedule": name, "warmup": 0.4} for name in SCHEDULES},
    "cosine without a warm-up": {"schedule": "cosine", "warmup": 0.0},
    "cosine of a warm-up alone": {"schedule": "cosine", "warmup": 1.0},
    "wsd without a decay": {"schedule": "wsd", "decay": 0.0},
    "clip": {"clip": 0.5, "batch_size": 3},
    "betas and spread": {"beta1": 0.5, "beta2": 0.9, "init_std": 0.3, "seed": 7},
    "held out": {"eval_fraction": 0.3},
    "mask": {"documents": SUMS, "mask": "=", "eval_fraction": 0.3, "num_steps": 6},
    "bpe": {"tokenizer": "bpe", "documents": ["anna banana"] * 9 + ["nab an ban"]},
    "bpe with many merges": {
        "tokenizer": "bpe",
        "documents": [f"{first}{last}" for first in NAMES for last in NAMES],
    },
    "bpe with a mask": {"tokenizer": "bpe", "documents": ["an=na", "na=an"] * 5, "mask": "="},
    "windows": {"documents": ["one long te", "xt in pie", "ces\nand lines"], "windowed": True},
    "two layers": {"architecture": {"n_embd": 6, "n_head": 3, "n_layer": 2, "block_size": 5}},
    "all operations": {"code": ALL_OPERATIONS},
}


@pytest.mark.parametrize("name", CASES)
def test_it_prints_what_the_engine_computes(name: str, tmp_path: Path) -> None:
    run, exported = tiny_run(**CASES[name])
    lines = exported_lines(tmp_path, exported)
    assert lines == lines_of(run)
    assert [line["step"] for line in lines if "loss" in line][-1] == exported.training.num_steps


@pytest.mark.parametrize("edit", GALLERY, ids=lambda edit: str(edit.name))
def test_every_edit_of_the_gallery(edit: Edit, tmp_path: Path) -> None:
    run, exported = tiny_run(edit.source, batch_size=2)
    assert exported_lines(tmp_path, exported) == lines_of(run)


@pytest.mark.parametrize(
    ("sampling", "prefix"),
    [
        (SampleConfig(temperature=0.0), ""),
        (SampleConfig(temperature=1.3), "a"),
        (SampleConfig(top_k=3), ""),
        (SampleConfig(top_k=4, top_p=0.6), "do"),
    ],
)
def test_samples_are_written_as_the_settings_say(
    sampling: SampleConfig, prefix: str, tmp_path: Path
) -> None:
    run, exported = tiny_run()
    exported = replace(exported, sampling=sampling, prefix=prefix)
    lines = exported_lines(tmp_path, exported)
    assert lines == lines_of(run, sampling, prefix)
    assert all(line["sample"].startswith(prefix) for line in lines if "sample" in line)


@pytest.mark.parametrize("prefix", ["{a", "{}"])
def test_a_prefix_is_text_whatever_it_contains(prefix: str, tmp_path: Path) -> None:
    run, exported = tiny_run(documents=["{ab}", "{}ba", "a{}b"] * 4)
    exported = replace(exported, prefix=prefix)
    assert exported_lines(tmp_path, exported) == lines_of(run, exported.sampling, prefix)


def test_all_operations_are_in_the_test() -> None:
    """Whoever adds one enters it in `ALL_OPERATIONS` above."""
    missing = [name for name in OPERATION_NAMES if f"ops.{name}(" not in ALL_OPERATIONS]
    assert missing == [], f"ALL_OPERATIONS lacks {missing}"


def test_what_the_run_does_not_use_is_not_there() -> None:
    text = export_files("python", tiny_run()[1])["program.py"].decode()
    for absent in ("clipped", "silu", "window", "alibi", "MASK", "BATCH_SIZE", "sgd", "TOP_K"):
        assert absent not in text
    clipped = export_files("python", tiny_run(clip=1.0, optimizer="sgd")[1])["program.py"].decode()
    assert "def clipped(" in clipped
    assert "adam" not in clipped.replace("madam", "")


def test_it_is_short() -> None:
    text = export_files("python", tiny_run()[1])["program.py"].decode()
    assert len(text.splitlines()) < 285


def test_it_is_laid_out_as_our_own_code_is(tmp_path: Path) -> None:
    for name, case in CASES.items():
        text = export_files("python", tiny_run(**case)[1])["program.py"]
        (tmp_path / f"{name.replace(' ', '_')}.py").write_bytes(text)
    options = ["--isolated", "--no-cache", "--line-length", "100", str(tmp_path)]
    for arguments in (["format", "--check", "--diff"], ["check", "--select", "E,F,W,I,B,UP"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *arguments, *options],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stdout


def test_large_data_lie_beside_it(tmp_path: Path) -> None:
    documents = [f"{number} words" for number in range(MAX_INSIDE_CHARS // 8)]
    run, exported = tiny_run(documents=documents, num_steps=2)
    files = export_files("python", exported)
    assert list(files) == ["program.py", "program.documents.txt"]
    program = write_files(tmp_path, files)
    assert printed(program) == lines_of(run)
    (tmp_path / "program.documents.txt").unlink()
    done = run_program(program)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Put program.documents.txt, exported with this, beside it")


@pytest.mark.parametrize(
    "documents",
    [
        ['say """no"""', "back\\slash", 'ends with "', "ünï ☕ 日本"],
        ["two\nlines", "a\rb", "\u2028", "\x07 and \u202e"],
        ["é" * MAX_INSIDE_CHARS, "line\nbreak\r\n"],
    ],
)
def test_documents_of_any_characters(documents: list[str], tmp_path: Path) -> None:
    run, exported = tiny_run(documents=documents, num_steps=2)
    assert exported_lines(tmp_path, exported) == lines_of(run)


def test_it_stops_early_and_prints_words(tmp_path: Path) -> None:
    program = write_files(tmp_path, export_files("python", tiny_run()[1]))
    done = run_program(program, "--stop-after", "2")
    steps = [line for line in done.stdout.splitlines() if line.startswith("step ")]
    assert [line.split(" | ")[0] for line in steps] == ["step 1", "step 2"]
    assert done.stdout.count("sample ") == 3


def test_a_run_that_diverges_says_so_in_a_sentence(tmp_path: Path) -> None:
    exported = tiny_run(num_steps=300, optimizer="sgd", learning_rate=10.0, init_std=5.0)[1]
    done = run_program(write_files(tmp_path, export_files("python", exported)))
    assert done.returncode == 1
    assert done.stderr.startswith("Training diverged (")
    assert done.stderr.count("\n") == 1


def test_code_of_any_python_is_exported_too(tmp_path: Path) -> None:
    code = "from __future__ import annotations\n\nimport functools\n" + ALL_OPERATIONS.replace(
        'ops.embed(weights["wte"], token)', 'functools.partial(ops.embed, weights["wte"])(token)'
    ).replace("ops.relu(x)", 'ops.apply("relu", x)')
    run, exported = tiny_run(code, trusted=True)
    assert exported_lines(tmp_path, exported) == lines_of(run)


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        (ALL_OPERATIONS + "\n\ndef dot(a):\n    return a\n", "has a 'dot' of its own"),
        (ALL_OPERATIONS + "\n\nmax = 5\n", "has a 'max' of its own"),
        ("import microgpt.model\n" + ALL_OPERATIONS, "imports microgpt"),
    ],
)
def test_code_that_cannot_stand_alone_is_refused(code: str, sentence: str) -> None:
    with pytest.raises(ExportError, match=sentence):
        export_files("python", tiny_run(code, trusted=True)[1])


def test_names_that_anybody_may_have_written_stay_words(tmp_path: Path) -> None:
    evil = '"""\nimport os; os._exit(9)\n"""'
    run, exported = tiny_run()
    exported = replace(exported, data=evil, documents=exported.documents)
    assert exported_lines(tmp_path, exported) == lines_of(run)
    large = replace(exported, documents=["abc" * MAX_INSIDE_CHARS])
    assert "os._exit(9)" not in export_files("python", large)["program.py"].decode()


def test_a_run_that_was_steered_has_no_program() -> None:
    training = TrainConfig(num_steps=9)
    first = first_segment(training)
    gone_back = TrainingRecord(segments=[first, first.then(4, training), first.then(7, training)])
    assert repeatable_training(gone_back) == training
    steered = first.then(4, replace(training, learning_rate=0.5))
    longer = first.then(9, training, 9, 18)
    for changed in (steered, longer):
        with pytest.raises(ExportError, match="or it was trained longer"):
            repeatable_training(TrainingRecord(segments=[first, changed]))
    with pytest.raises(ExportError, match="does not tell how it was trained"):
        repeatable_training(TrainingRecord())
    with pytest.raises(ExportError, match="from the model of another one"):
        repeatable_training(TrainingRecord(base_step=5, segments=[first]))
