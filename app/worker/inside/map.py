"""Map: token and position embeddings in two dimensions, and the neighbours of one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from itertools import islice

from app.shared.inside import MapRequest, MapResult
from app.worker.generation import GeneratingModel
from app.worker.inside.moment import InspectedMoment
from microgpt.interpret.embedding_map import EmbeddingMap, embedding_map, nearest_neighbours
from microgpt.settings import SettingError

MAX_NEIGHBOURS = 3
MAX_POINTS = 600  # of very many tokens, the most frequent ones
MAX_LABELLED = 100  # all are labelled up to this number
LABELLED_OF_MANY = 40
COUNTED_DOCUMENTS = 300  # in which it is counted how frequent the tokens are
COUNTED_CHARACTERS = 1000  # of each


def embeddings(moment: InspectedMoment, request: MapRequest) -> MapResult:
    """The map of a table, and the nearest neighbours of a row.

    Raises `SettingError` for a table that there is not.
    """
    table = request["table"]
    if table not in ("token", "position"):
        raise SettingError(f"There is no map of '{table}'.")
    weights = [
        node.weight
        for node in moment.anatomy.graph.nodes
        if node.op == "embed" and node.index == table
    ]
    result = MapResult(
        rows=[], points=[], labelled=[], shares=(0.0, 0.0), size=0, row=-1, neighbours=[]
    )
    if not weights:
        return result
    vectors = moment.weights[weights[0]]
    frame = _frame(moment, table, vectors)
    rows = list(range(len(vectors)))
    labelled = rows
    if len(rows) > MAX_LABELLED:
        by_frequency = _by_frequency(moment) if table == "token" else rows
        rows, labelled = sorted(by_frequency[:MAX_POINTS]), by_frequency[:LABELLED_OF_MANY]
    result["rows"], result["labelled"] = rows, labelled
    result["points"] = [frame.points[row] for row in rows]
    result["shares"], result["size"] = frame.shares, len(vectors[0])
    if 0 <= request["row"] < len(vectors):
        result["row"] = request["row"]
        result["neighbours"] = nearest_neighbours(vectors, request["row"], MAX_NEIGHBOURS)
    return result


def _frame(moment: InspectedMoment, table: str, vectors: list[list[float]]) -> EmbeddingMap:
    """The map now, close to the one before; along the axes once the model rests."""
    name, step = f"map {table}", moment.model.step()
    before: tuple[int, EmbeddingMap] | None = moment.kept.get(name)
    if before is None:
        frame = embedding_map(vectors)
    elif before[0] != step:
        frame = embedding_map(vectors, before[1])
    elif before[1].turn:
        frame = embedding_map(vectors, before[1], straightening=1)
    else:
        frame = before[1]
    moment.kept[name] = (step, frame)
    if frame.turn:
        moment.survey(f"{name} at rest", _rest)
    return frame


def _rest() -> Generator[None, None, bool]:
    """Ends at once, so that the answer is given again when the model does not learn any more."""
    yield
    return True


def _by_frequency(moment: InspectedMoment) -> list[int]:
    """All tokens, the most frequent in held-out documents first; equal ones by id."""
    order: list[int] | None = moment.kept.get("map frequency")
    if order is None:
        counts = _counted(moment.model)
        tokens = range(moment.model.engine.config.vocab_size)
        order = sorted(tokens, key=lambda token: -counts[token])
        if counts:
            moment.kept["map frequency"] = order
    return order


def _counted(model: GeneratingModel) -> Counter[int]:
    """How often each token comes in held-out documents."""
    known, counts = model.documents(), Counter[int]()
    for document in islice(known.held_out, COUNTED_DOCUMENTS):
        for sequence in known.encode(document[:COUNTED_CHARACTERS]):
            counts.update(sequence)
    return counts
