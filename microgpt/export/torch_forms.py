"""The vector operations in PyTorch, on whole batches: tensors (batch, position, n).

Those that compute each number of a vector by the same formula follow from their scalar forms; the
others are written out here.
"""

from __future__ import annotations

from microgpt.export.definitions import Definitions, UsedOperations
from microgpt.export.excerpts import elementwise, summary
from microgpt.export.function_writer import NumberOperation
from microgpt.export.source import ExportError
from microgpt.model import Operations
from microgpt.scalar.operations import RMSNORM_EPS, ROTARY_BASE, SCALAR_FORMS

# The bodies of the methods.
TORCH_FORMS = {
    "embed": "return table[index]",
    "row": "return table[number]",
    "linear": "return x @ weight.T",
    "rmsnorm": f"return x * (x.square().mean(-1, keepdim=True) + {RMSNORM_EPS}) ** -0.5",
    "rotate": f"""\
head_dim = x.shape[-1] // n_head
pairs = torch.arange(0, head_dim, 2, device=x.device)
angles = position.unsqueeze(-1) * {ROTARY_BASE} ** (-pairs / head_dim)
angles = torch.cat([angles] * n_head, -1)  # the same in each head
cos, sin = angles.cos(), angles.sin()
a, b = x[..., ::2], x[..., 1::2]
return torch.stack((a * cos - b * sin, b * cos + a * sin), -1).flatten(-2)""",
    "repeat": "return x.unflatten(-1, (n_head, -1)).repeat_interleave(times, -2).flatten(-2)",
}
# Attention, to all earlier positions or to those that the switches leave.
ATTENTION_SCORES = """\
q, k, v = (x.unflatten(-1, (n_head, -1)).transpose(-2, -3) for x in (q, k, v))
scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5  # (..., head, position, earlier)
"""
ATTENTION_TO_ALL = "unseen = torch.ones_like(scores).triu(1).bool()\n"
ATTENTION_DISTANCE = """\
positions = torch.arange(q.shape[-2], device=q.device)
distance = positions[:, None] - positions
unseen = distance < 0
"""
ATTENTION_WINDOW = """\
if window:
    unseen = unseen | (distance >= window)
"""
ATTENTION_ALIBI = """\
if alibi:
    slopes = 2.0 ** (-8 * torch.arange(1, n_head + 1, device=q.device) / n_head)
    scores = scores - slopes[:, None, None] * distance
"""
ATTENTION_SUMS = """\
x = scores.masked_fill(unseen, -math.inf).softmax(-1) @ v
return x.transpose(-2, -3).flatten(-2)"""
TORCH_ARGUMENTS = {
    "embed": "table, index",
    "row": "table, number",
    "linear": "x, weight",
    "rmsnorm": "x",
    "rotate": "x, position, n_head",
    "repeat": "x, n_head, times",
}


def _named(name: str) -> NumberOperation:
    return NumberOperation(f"torch.{name}", lambda *x: f"torch.{name}({', '.join(x)})")


# What stands for the operations on single numbers that formulas may have.
TENSORS = {name: _named(name) for name in ("exp", "log", "relu", "sigmoid")} | {
    # f(x) for a function of `math`, which PyTorch has under the same name
    "function": NumberOperation("", lambda f, _, x: f"torch.{f.removeprefix('math.')}({x})"),
}


def add_torch_members(definitions: Definitions, used: UsedOperations) -> None:
    """The methods of a model's operations.

    Raises:
        ExportError: one of them has no form in PyTorch.
    """
    definitions.add_apply(used)
    for name in used.names:
        doc = summary(getattr(Operations, name, None))
        if name == "attention":
            switches = ["window=0", "alibi=False"]
            given = [text for text in switches if text.split("=")[0] not in used.off]
            arguments = ", ".join(["q, k, v, n_head, cache", *given])
            unseen = ATTENTION_DISTANCE if given else ATTENTION_TO_ALL
            unseen += "" if "window" in used.off else ATTENTION_WINDOW
            unseen += "" if "alibi" in used.off else ATTENTION_ALIBI
            definitions.add_text(
                name, arguments, doc, f"{ATTENTION_SCORES}{unseen}{ATTENTION_SUMS}"
            )
        elif name in TORCH_FORMS:
            definitions.add_text(name, TORCH_ARGUMENTS[name], doc, TORCH_FORMS[name])
        else:
            form = SCALAR_FORMS[name]
            found = elementwise(form, TENSORS, name, doc)
            if found is None:
                raise ExportError(
                    f"The operation {name} has no form in PyTorch yet: export the model as Python."
                )
            definitions.add_excerpt(name, found, form)
