"""Models in links: packed for one, and read from one."""

from __future__ import annotations

import base64

from app.shared.brought import MAX_LINK_CHARACTERS
from app.shared.commands import LoadModelCommand, PackModelCommand
from app.shared.events import PackedModelEvent
from app.worker.generating_model import GeneratingModel
from microgpt.checkpoint import Checkpoint, from_bytes
from microgpt.packed import pack, packed_size, unpack


def packed_model(command: PackModelCommand, model: GeneratingModel) -> PackedModelEvent:
    """The answer to the command: the model as it is now, unless a link cannot hold it."""
    config, tokenizer, letters = model.engine.config, model.tokenizer, ""
    num_letters = packed_size(config) * 4 // 3
    if num_letters <= MAX_LINK_CHARACTERS:
        about = {"data": model.facts["data"], "steps": str(model.facts["steps"])}
        checkpoint = Checkpoint(
            config, tokenizer.characters, model.engine.weights(), about, merges=tokenizer.merges
        )
        letters = base64.urlsafe_b64encode(pack(checkpoint)).decode().rstrip("=")
        num_letters = len(letters)
    return PackedModelEvent(
        type="packed_model",
        number=command["number"],
        letters=letters if num_letters <= MAX_LINK_CHARACTERS else "",
        num_letters=num_letters,
        code=config.code.source if config.code else "",
        facts=model.facts,
    )


def loaded_model(command: LoadModelCommand) -> tuple[Checkpoint, bool]:
    """The command's model, and whether a link has brought it. Raises `CheckpointError`.

    What comes from a link must be packed: a file could hold code, which would run unasked.
    """
    data = command["blob"]
    if "code" in command:
        return from_bytes(unpack(data, command["code"])), True
    return from_bytes(data), False
