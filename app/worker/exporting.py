"""The model of a run, written as programs that need nothing of this page."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace

from app.shared.commands import ExportModelCommand
from app.shared.events import ExportedModelEvent
from microgpt.checkpoint import CheckpointError
from microgpt.config import SampleConfig, TrainConfig
from microgpt.corpus.loading import Corpus
from microgpt.export.exported_run import ExportedRun
from microgpt.export.exports import export_files, run_of_file, with_documents
from microgpt.export.source import ExportError
from microgpt.settings import SettingError
from microgpt.tokenizer import UnknownCharacterError

MODULE_NAME = "model"  # of the module for PyTorch, which others import
NO_EXPORT_DATA = (
    "The data that the model was trained on are not here, and a program that trains needs them: "
    "choose them, or export the weights."
)


def exported_model(
    command: ExportModelCommand, corpus: Corpus | None, sampling: SampleConfig, prefix: str
) -> ExportedModelEvent:
    """The answer to the command.

    Args:
        command: it.
        corpus: the data that are chosen, if there are any.
        sampling, prefix: how samples are written now.
    """
    event = ExportedModelEvent(type="exported_model", number=command["number"], problem="", name="")
    try:
        files = export_files(command["form"], _run(command, corpus, sampling, prefix))
    except (CheckpointError, SettingError, UnknownCharacterError) as error:
        event["problem"] = str(error)
        return event
    event["name"], event["blob"] = _one_file(command["name"], files)
    return event


def _run(
    command: ExportModelCommand, corpus: Corpus | None, sampling: SampleConfig, prefix: str
) -> ExportedRun:
    name = MODULE_NAME if command["form"] == "pytorch" else command["name"]
    run, record = run_of_file(command["blob"], name)
    seed = int(record.settings.get("seed", run.training.seed))
    run = replace(run, sampling=sampling, prefix=prefix, training=TrainConfig(seed=seed))
    if command["form"] != "python":
        return run
    if corpus is None:
        raise ExportError(NO_EXPORT_DATA)
    return with_documents(run, record, corpus.documents, corpus.options.windowed)


def _one_file(name: str, files: Mapping[str, bytes]) -> tuple[str, bytes]:
    """The name and the contents of the one file that there is, or of a .zip of all."""
    if len(files) == 1:
        return next(iter(files.items()))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for each, content in files.items():
            archive.writestr(each, content)
    return f"{name}.zip", packed.getvalue()
