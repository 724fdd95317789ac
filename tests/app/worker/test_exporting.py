"""The worker exports a run: the files that the command line writes, and what it refuses."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

from microgpt.checkpoint import from_bytes, to_bytes
from microgpt.training_record import DataDescription, TrainingRecord, record_to_about
from tests.support.exported import printed
from tests.support.fakes import NAMES, FakeWorker, Message, run_settings, training


def done_worker(num_steps: int = 4) -> FakeWorker:
    worker = training(run_settings(num_steps=num_steps))
    worker.work()
    return worker


def model_of(worker: FakeWorker, **record: object) -> bytes:
    """The run's model as the page has it: with what it knows of the run."""
    blob = worker.newest_checkpoint().blob
    assert blob is not None
    model = from_bytes(blob)
    told = TrainingRecord(data=DataDescription("own", len(NAMES)), **record)  # type: ignore[arg-type]
    return to_bytes(replace(model, about={**record_to_about(told), **model.about}))


def export(worker: FakeWorker, form: str, blob: bytes) -> tuple[Message, bytes]:
    (answer,) = worker.tell("export_model", number=3, form=form, name="my-run", blob=blob)
    assert (answer["type"], answer["number"]) == ("exported_model", 3)
    return answer, worker.posted[-1].blob or b""


def test_a_program_trains_as_the_run_did(tmp_path: Path) -> None:
    worker = done_worker()
    answer, content = export(worker, "python", model_of(worker))
    assert (answer["problem"], answer["name"]) == ("", "my-run.py")
    (tmp_path / "my-run.py").write_bytes(content)
    lines = printed(tmp_path / "my-run.py")
    assert [line["step"] for line in lines if "loss" in line] == [1, 2, 3, 4]


def test_for_pytorch_both_files_are_in_one() -> None:
    worker = done_worker()
    blob = model_of(worker)
    answer, content = export(worker, "pytorch", blob)
    assert (answer["problem"], answer["name"]) == ("", "my-run.zip")
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.namelist() == ["model.py", "model.safetensors"]
        assert archive.read("model.safetensors") == blob


def test_what_cannot_be_exported_is_a_sentence() -> None:
    worker = done_worker()
    model = from_bytes(model_of(worker))
    about = {**model.about, "run": json.dumps({"num_steps": 9, "base_step": 2}), "steps": "9"}
    continued = to_bytes(replace(model, about=about))
    answer, _ = export(worker, "python", continued)
    assert "a program begins at the beginning" in answer["problem"]
    assert export(worker, "weights", continued)[0]["problem"] == ""
    other = model_of(worker).replace(b'"documents\\": 10', b'"documents\\": 99')
    answer, _ = export(worker, "python", other)
    assert "These are not the data that the model was trained on" in answer["problem"]
    answer, _ = export(worker, "gguf", model_of(worker))
    assert "There is no export called 'gguf'" in answer["problem"]
    answer, _ = export(worker, "python", b"no model")
    assert answer["problem"]
