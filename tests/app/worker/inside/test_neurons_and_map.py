"""Neurons and Map: what the worker tells of them, against the model itself."""

from __future__ import annotations

from itertools import pairwise
from math import hypot

import pytest

from microgpt.checkpoint import from_bytes
from tests.support.fakes import (
    FakeWorker,
    Message,
    paste,
    run_settings,
    small_model,
    the_error,
    training,
)

A, B, C, END = range(4)


@pytest.fixture
def worker() -> FakeWorker:
    worker = FakeWorker()
    worker.tell("load_model", blob=small_model())
    return worker


def shown(worker: FakeWorker, view: str, request: Message) -> Message:
    """What a view shows after `ab`."""
    (answer,) = worker.tell("inspect", tokens=[A, B], position=2, views={view: request})
    result: Message = answer["views"][view]
    return result


def last_shown(worker: FakeWorker, view: str) -> Message:
    """What it showed last."""
    result: Message = worker.of("inspection")[-1]["views"][view]
    return result


def test_a_neuron_s_activation_times_its_push_is_its_vote(worker: FakeWorker) -> None:
    result = shown(worker, "neurons", {"neuron": ""})
    assert result["mlps"] == [["layer0.mlp", 16]]
    assert [result["neuron"], result["activation"]] == result["active"][0]
    sizes = [abs(activation) for _, activation in result["active"]]
    assert sizes == sorted(sizes, reverse=True)
    assert min(sizes) > 0
    assert len(sizes) == min(8, result["firing"])
    number = int(result["neuron"].rpartition("neuron")[2])
    for token, push in result["up"] + result["down"]:
        request = {"token": token, "against": -1, "opened": "layer0.mlp"}
        terms = shown(worker, "votes", request)["terms"]
        vote = dict(zip(terms["shown"], terms["values"], strict=True))[number]
        assert vote == pytest.approx(push * result["activation"], abs=1e-12)
    chosen = shown(worker, "neurons", {"neuron": "layer0.mlp.neuron3"})
    assert chosen["neuron"] == "layer0.mlp.neuron3"
    unknown = shown(worker, "neurons", {"neuron": "layer7.mlp.neuron3"})
    assert unknown["neuron"] == result["neuron"]


def test_the_places_of_a_neuron_are_looked_for_in_held_out_documents(worker: FakeWorker) -> None:
    result = shown(worker, "neurons", {"neuron": ""})
    assert (result["places"], result["scanned"]) == ([], 0)
    paste(worker, "\n".join(["abc", "cab", "bca", "aabb"] * 5).encode())
    assert last_shown(worker, "neurons")["places"] is None
    worker.work()
    result = last_shown(worker, "neurons")
    assert result["scanned"] > 0
    strongest = [place["activation"] for place in result["places"]]
    assert strongest == sorted(strongest, reverse=True)
    assert strongest
    for place in result["places"]:
        assert place["begins"]
        assert place["tokens"][0] == END
        read = place["tokens"][1 : place["place"] + 1]
        views = {"neurons": {"neuron": result["neuron"]}}
        (there,) = worker.tell("inspect", tokens=read, position=len(read), views=views)
        assert there["views"]["neurons"]["activation"] == pytest.approx(place["activation"])


def test_the_map_keeps_to_the_table_and_names_neighbours(worker: FakeWorker) -> None:
    result = shown(worker, "map", {"table": "token", "row": B})
    assert result["rows"] == result["labelled"] == [A, B, C, END]
    assert result["size"] == 4
    rows = from_bytes(small_model()).weights["wte"]
    for one in (A, B, C):
        for other in (B, C, END):
            far = hypot(*(x - y for x, y in zip(rows[one], rows[other], strict=True)))
            flat = hypot(*(result["points"][one][i] - result["points"][other][i] for i in (0, 1)))
            assert flat <= far + 1e-9
    variance = sum(sum((x - sum(c) / 4) ** 2 for x in c) for c in zip(*rows, strict=True))
    for axis in (0, 1):
        along = sum(point[axis] ** 2 for point in result["points"])
        assert along / variance == pytest.approx(result["shares"][axis], abs=1e-9)
    cosines = {
        other: sum(x * y for x, y in zip(rows[B], rows[other], strict=True))
        / (hypot(*rows[B]) * hypot(*rows[other]))
        for other in (A, C, END)
    }
    assert [row for row, _ in result["neighbours"]] == sorted(
        cosines, key=lambda row: -cosines[row]
    )
    assert dict(result["neighbours"]) == pytest.approx(cosines, abs=1e-6)
    places = shown(worker, "map", {"table": "position", "row": 2})
    assert (places["rows"], places["row"]) == (list(range(6)), 2)
    assert shown(worker, "map", {"table": "token", "row": 99})["neighbours"] == []
    answers = worker.tell("inspect", views={"map": {"table": "tea", "row": 0}})
    assert the_error(answers, "inspect") == "There is no map of 'tea'."


def test_the_map_moves_little_from_frame_to_frame_and_rests_on_its_axes() -> None:
    worker = training(run_settings(num_steps=60), tick=0.005)
    worker.tell("inspect", views={"map": {"table": "token", "row": 0}})
    worker.work()
    frames = [event["views"]["map"]["points"] for event in worker.of("inspection")]
    assert len(frames) > 3
    for before, after in pairwise(frames):
        moved = sum(hypot(a[0] - b[0], a[1] - b[1]) for a, b in zip(after, before, strict=True))
        assert moved < 0.5 * sum(hypot(*point) for point in before)
    points = frames[-1]
    across, up, both = (sum(p[i] * p[j] for p in points) for i, j in ((0, 0), (1, 1), (0, 1)))
    assert across >= up
    assert abs(both) < 1e-3 * across
