"""What the operations and matrices of a model are called: in plain words, and exactly.

Plain Python that MicroPython understands.
"""

from app.page.views.flow.steps import FlowStep, Folded, layers_of, short_name
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.models import NodeOutline

# Activations as curves around the middle of their box.
CURVES = {
    "relu": "M-9 0H0L8 -8",
    "silu": "M-9 0.5C-5 1 -4 2 -2 2S2 -1 8 -8",
    "gelu": "M-9 0C-4 0 -4 2 -2 2S2 -2 8 -8",
}
MAX_LABEL = 12  # characters
# Known matrices: as a row of the table, and as a box of the picture.
MATRIX_WORDS = {
    "wte": ("token embedding", "token"),
    "wpe": ("position embedding", "position"),
    "lm_head": ("output", "output"),
    "attn_wq": ("attention: query", "query"),
    "attn_wk": ("attention: key", "key"),
    "attn_wv": ("attention: value", "value"),
    "attn_wo": ("attention: output", "output"),
    "mlp_fc1": ("MLP: widen", "widen"),
    "mlp_fc2": ("MLP: narrow", "narrow"),
    "mlp_gate": ("MLP: gate", "gate"),
    "attn_gain": ("attention: gains", "gains"),
    "mlp_gain": ("MLP: gains", "gains"),
}
OPERATION_WORDS = {
    "rmsnorm": "norm",
    "relu": "ReLU",
    "silu": "SiLU",
    "gelu": "GELU",
    "add": "sum",
    "multiply": "product",
}


def matrix_words(name: str) -> str:
    """What a matrix is for, "" where that is not known."""
    known = MATRIX_WORDS.get(short_name(name))
    return known[0] if known else ""


def label(step: FlowStep, folded: "Folded | None") -> str:
    """The short name on the box of a step."""
    if step.node is None:
        return folded_words(folded) if folded else ""
    words = _name(step.node)
    return words if len(words) <= MAX_LABEL else words[: MAX_LABEL - 1] + "…"


def detail(step: FlowStep) -> str:
    """What stands below the name: of an attention its heads or what is special about it.

    Else how many numbers come out, but nothing below the name of a curve.
    """
    node = step.node
    if node is None:
        return "as layer 1"
    if node["op"] == "attention":
        return node["detail"] or _heads(node["heads"])
    return "" if node["op"] in CURVES else str(node["size"])


def exact_words(node: "NodeOutline", shape: "tuple[int, int] | None", shared: bool) -> str:
    """An operation in full, for screen readers and below the picture.

    Args:
        node: the operation.
        shape: rows and columns of its matrix, None if it has none.
        shared: whether other operations use the same matrix.
    """
    words = _name(node)
    for layer in layers_of([node]):
        words += f" of layer {layer + 1}"
    further = f" ({node['detail']})" if node["detail"] else ""
    numbers = f"{node['size']} numbers come out"
    if node["op"] == "attention":
        return f"{words}, {_heads(node['heads'])}{further}: {numbers}"
    if shape is None:
        return f"{words}{further}: {numbers}"
    how = f"row of the {node['index']} in" if node["op"] == "embed" else "product with"
    if node["op"] == "row":
        how = "a row of"
    size = f"{shape[0]} × {shape[1]}" + (", used more than once" if shared else "")
    return f"{words}: {how} {node['weight']} ({size}), {numbers}"


def folded_words(folded: Folded) -> str:
    """Which layers are left out."""
    if folded.shared:
        return f"{folded.count - 1} × again"
    return f"layers 2 to {folded.count}" if folded.count > 3 else "layers 2 and 3"


def _name(node: "NodeOutline") -> str:
    """A matrix or an operation in plain words."""
    if not node["weight"]:
        return OPERATION_WORDS.get(node["op"], node["op"].replace("_", " "))
    name = short_name(node["weight"])
    if name == "wte" and node["op"] == "linear":
        return "to tokens"
    known = MATRIX_WORDS.get(name)
    return known[1] if known else name


def _heads(count: int) -> str:
    return "1 head" if count == 1 else f"{count} heads"
