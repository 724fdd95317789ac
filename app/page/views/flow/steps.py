"""The steps that a picture of a model has: its operations, or several equal layers as one box.

Plain Python that MicroPython understands.
"""

from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from app.shared.models import NodeOutline

# Operations that are drawn as signs where lines meet: of two values, and of one with itself.
JOINS = {"add": ("+", "2x"), "multiply": ("×", "x²")}
MAX_DRAWN_LAYERS = 2  # of more equal layers only the first is drawn


class FlowStep:
    """Something that is drawn, and where: an operation, or the box of the layers left out.

    Args:
        number: that of the operation in the outline; -1 for the box of layers.
        node: the operation, None for the box of layers.
        inputs: the places of the steps that it takes something from, each once.
    """

    def __init__(self, number: int, node: "NodeOutline | None", inputs: list[int]) -> None:
        self.number, self.node, self.inputs = number, node, inputs
        self.size = node["size"] if node else 0
        self.sign = JOINS.get(node["op"], ("", ""))[len(inputs) == 1] if node else ""
        self.label = self.detail = ""
        self.used = True  # whether the result depends on it
        # Where it is drawn: column and lane, how many lanes it spans, left edge and width.
        self.column = self.lane = 0
        self.lanes = 1
        self.x = self.width = 0.0


class Folded:
    """Equal layers, of which only the first is drawn.

    Args:
        first: the first operation of the first of them.
        period: how many operations each has.
        count: how many layers there are.
        shared: whether all use the same matrices.
    """

    def __init__(self, first: int, period: int, count: int, shared: bool) -> None:
        self.first, self.period, self.count, self.shared = first, period, count, shared


def steps_of(nodes: "list[NodeOutline]", opened: bool) -> "tuple[list[FlowStep], Folded | None]":
    """The steps to draw, and which layers can be folded, or are.

    Args:
        nodes: the operations in order.
        opened: whether all layers are drawn even if they are equal and many.
    """
    folded = equal_layers(nodes)
    if folded is not None and folded.count <= MAX_DRAWN_LAYERS:
        folded = None
    if folded is None or opened:
        return _steps(nodes), folded
    begin = folded.first + folded.period  # of the layers that are left out
    end = folded.first + folded.period * folded.count
    taken: list[int] = []
    for node in nodes[begin:end]:
        taken += [number for number in node["inputs"] if number < begin]
    box = FlowStep(-1, None, _distinct(taken))
    box.size = nodes[end - 1]["size"]
    after = _steps(nodes)[end:]
    for step in after:
        step.inputs = _distinct([_moved(number, begin, end) for number in step.inputs])
    return _steps(nodes[:begin]) + [box] + after, folded


def equal_layers(nodes: "list[NodeOutline]") -> "Folded | None":
    """The longest part of the model that is the same operations again and again, None for none."""
    keys = [_key(node) for node in nodes]
    period = _period(keys)
    first, length = 0, 0
    if period:
        first, length = _longest_run([a == b for a, b in zip(keys, keys[period:])])
    count = length // period + 1 if period else 1
    moves = [_move(nodes, i, period, first) for i in range(first, first + period * (count - 1))]
    # Each layer must differ from the one before it as the second does from the first.
    if count < 2 or -1 in moves or moves != moves[:period] * (count - 1):
        return None
    return Folded(first, period, count, shared=1 not in moves)


def layers_of(nodes: "list[NodeOutline]") -> list[int]:
    """The numbers of the layers whose matrices are used; where none is, of those with a cache."""
    found = {layer_number(node["weight"]) for node in nodes}
    if not found - {-1}:
        found = {layer_number(node["name"]) for node in nodes if node["op"] == "attention"}
    return sorted(found - {-1})


def layer_number(name: str) -> int:
    """The number of the layer that a matrix or a result belongs to, -1 for none."""
    head, _, rest = name.partition(".")
    return int(head[5:]) if rest and head[:5] == "layer" and head[5:].isdigit() else -1


def short_name(name: str) -> str:
    """The name of a matrix without that of its layer."""
    return name.partition(".")[2] if layer_number(name) >= 0 else name


def _key(node: "NodeOutline") -> tuple[object, ...]:
    """What is the same for an operation and its counterpart in another layer."""
    weight = short_name(node["weight"])
    return (node["op"], node["line"], weight, node["size"], node["heads"], len(node["inputs"]))


def _period(keys: list[tuple[object, ...]]) -> int:
    """The most frequent distance from an operation to the next one like it, 0 for none."""
    latest: dict[object, int] = {}
    votes: dict[int, int] = {}
    for i, key in enumerate(keys):
        if key in latest:
            distance = i - latest[key]
            votes[distance] = votes.get(distance, 0) + 1
        latest[key] = i
    return max(votes, key=lambda distance: (votes[distance], -distance)) if votes else 0


def _longest_run(flags: list[bool]) -> tuple[int, int]:
    """Beginning and length of the longest run of true flags."""
    best, start = (0, 0), 0
    for i, flag in enumerate(flags + [False]):
        if not flag:
            if i - start > best[1]:
                best = start, i - start
            start = i + 1
    return best


def _move(nodes: "list[NodeOutline]", i: int, period: int, first: int) -> int:
    """By how many layers the matrix of the next such operation is behind that of operation `i`.

    -1 where that is not the same operation one layer later.
    """
    now, later = nodes[i], nodes[i + period]
    for a, b in zip(now["inputs"], later["inputs"]):
        # What comes from before the layers may be the same in each, or come from the layer before.
        if not (b == a + period or (a < first and (b == a or i < first + period > b))):
            return -1
    move = layer_number(later["weight"]) - layer_number(now["weight"])
    return move if move in (0, 1) else -1


def _steps(nodes: "list[NodeOutline]") -> list[FlowStep]:
    """Each operation as a step of its own."""
    return [FlowStep(i, node, _distinct(node["inputs"])) for i, node in enumerate(nodes)]


def _distinct(numbers: list[int]) -> list[int]:
    result: list[int] = []
    for number in numbers:
        if number not in result:
            result.append(number)
    return result


def _moved(number: int, begin: int, end: int) -> int:
    """The place of an operation's step once those from `begin` to `end` are in one box."""
    if number < begin:
        return number
    return begin if number < end else number - (end - begin) + 1
