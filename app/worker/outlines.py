"""What a model looks like, for the page to draw: imported when that is first asked."""

from __future__ import annotations

from app.shared import commands, events
from app.shared.models import NodeOutline
from microgpt.config import ModelConfig
from microgpt.model_code.definition import CodeError
from microgpt.model_code.loading import load_code
from microgpt.model_code.outline import outline
from microgpt.settings import SettingError


def outline_event(command: commands.DescribeCommand) -> events.OutlineEvent:
    """The answer to the command: the outline of the model, or what is wrong with it."""
    try:
        code = load_code(command["code"]) if command["code"] else None
        found = outline(ModelConfig(**command["sizes"], code=code))
    except SettingError as error:
        return events.OutlineEvent(
            type="outline",
            number=command["number"],
            problem=str(error),
            line=error.line if isinstance(error, CodeError) else 0,
            num_params=0,
            matrices=[],
            nodes=[],
        )
    return events.OutlineEvent(
        type="outline",
        number=command["number"],
        problem="",
        line=0,
        num_params=found.num_params,
        matrices=[(each.name, each.rows, each.columns, each.user) for each in found.matrices],
        nodes=[
            NodeOutline(
                name=node.name,
                op=node.op,
                line=node.line,
                inputs=list(node.inputs),
                weight=node.weight,
                index=node.index,
                size=node.size,
                heads=node.heads,
                detail=node.detail,
            )
            for node in found.nodes
        ],
    )
