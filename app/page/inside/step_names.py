"""What the steps of the model's arithmetic are called in plain words."""

from app.page.views.tiles import spoken
from app.shared.inside import StepFields

BOS = "the beginning"
# By how the name of an activation or a matrix ends.
ACTIVATIONS = (
    (".mlp_fc1.relu", "neuron {}"),
    (".mlp_fc1", "neuron {} before ReLU"),
    (".mlp_fc2", "MLP's output, element {}"),
    (".attn_wq", "query, element {}"),
    (".attn_wk", "key, element {}"),
    (".attn_wv", "value, element {}"),
    (".attn_wo", "attention's output, element {}"),
    (".attention", "what the heads read, element {}"),
    (".rmsnorm", "after the norm, element {}"),
    (".rotate", "turned by its position, element {}"),
    ("wte.add", "token plus position, element {}"),
    (".add", "residual stream, element {}"),
)
UNNAMED = {
    "exp": "exponential",
    "sum": "sum",
    "log": "logarithm",
    "power": "power",
    "+": "sum",
    "*": "product",
    "sum of products": "sum of products",
}


class StepNames:
    """The names at one moment.

    Args:
        vocabulary: the text of each token.
        read: the tokens that the model reads, without BOS.
        root: what the number is called whose steps they are.
        layers: how many layers the model has.
    """

    def __init__(self, vocabulary: "list[str]", read: "list[int]", root: str, layers: int) -> None:
        self._vocabulary, self._read, self._root = vocabulary, read, root
        self._layers = layers

    def name(self, step: StepFields, above: "StepFields | None") -> str:
        """What a step is called; `above` is the one that it is an input of."""
        if above is None:
            return self._root
        name, indices = parts(step["name"])
        if step["operation"] == "weight" and len(indices) == 2:
            return self._weight(name, indices[0], indices[1])
        if step["operation"] == "earlier":
            kind = "key" if name.endswith(".keys") else "value"
            words = f"{kind} of {self.place(indices[0])}, element {indices[1]}"
            return self._layer(name, words)
        if not name:
            return self._unnamed(step, above)
        if ".head" in name:
            return self._head(name, indices[0])
        if name == "lm_head":
            return f"logit of {self.token(indices[0])}"
        for ending, words in ACTIVATIONS:
            if name.endswith(ending):
                return self._layer(name, words.replace("{}", str(indices[0])))
        return step["name"]

    def token(self, token: int) -> str:
        """A token in quotes, or the end."""
        if token >= len(self._vocabulary):
            return "the end"
        return f"“{spoken(self._vocabulary, token)}”"

    def place(self, place: int) -> str:
        """The token that stands at a place of what the model reads; BOS stands at 0."""
        if not 0 < place <= len(self._read):
            return BOS
        token = self._read[place - 1]
        if self._read.count(token) > 1:
            return f"{self.token(token)} ({place})"
        return self.token(token)

    def _weight(self, matrix: str, row: int, column: int) -> str:
        if matrix == "wte":
            token = BOS if row >= len(self._vocabulary) else self.token(row)
            return f"embedding of {token}, element {column}"
        if matrix == "wpe":
            return f"embedding of position {row}, element {column}"
        if matrix == "lm_head":
            return f"weight of lm_head: row of {self.token(row)}, column {column}"
        return self._layer(matrix, f"weight of {matrix.split('.')[-1]}: row {row}, column {column}")

    def _head(self, name: str, place: int) -> str:
        head = name.split(".head")[1].split(".")[0]
        kind = "score of" if name.endswith(".score") else "attention of"
        return self._layer(name, f"{kind} head {head} for {self.place(place)}")

    def _layer(self, name: str, words: str) -> str:
        """With the layer before it, where there is more than one."""
        if self._layers > 1 and name.startswith("layer"):
            return f"layer {name.split('.')[0][5:]}: {words}"
        return words

    def _unnamed(self, step: StepFields, above: StepFields) -> str:
        operation, constant = step["operation"], step["constant"]
        if operation == "+" and above["operation"] == "exp":
            return "less the largest"  # or an exponential could overflow
        if operation == "+" and constant is not None:
            return "mean square, never quite 0"
        if operation == "*" and constant is not None and _adds_a_constant(above):
            return "mean square"
        if operation == "power" and constant == -1:
            return "one over the sum"
        if operation == "power" and constant == -0.5:
            return "scale of the norm"
        index = int(step["path"].split(".")[-1])  # among the inputs of the step above
        if above["operation"] == "sum of products":
            return f"product {index}"
        if above["operation"] == "sum" and operation == "exp":
            of_tokens = above["count"] > len(self._vocabulary)
            return f"exponential for {self.token(index) if of_tokens else self.place(index)}"
        return UNNAMED.get(operation, operation)


def _adds_a_constant(step: StepFields) -> bool:
    """Whether a step in the middle of an operation adds a plain number to its input."""
    return step["operation"] == "+" and step["constant"] is not None and not step["name"]


def parts(name: str) -> "tuple[str, list[int]]":
    """A step's name without its indices, and these: `wte[5][3]` is ("wte", [5, 3])."""
    pieces = name.split("[")
    return pieces[0], [int(piece[:-1]) for piece in pieces[1:]]
