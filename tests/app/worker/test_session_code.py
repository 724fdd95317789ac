"""Model code in the worker: outlines, runs, and every view of the inside."""

from __future__ import annotations

import json
from typing import Any

import pytest

from microgpt.checkpoint import from_bytes
from microgpt.config import ModelConfig
from microgpt.model_code.gallery import GALLERY
from microgpt.model_code.source import default_source
from tests.support.fakes import FakeWorker, Message, ready_to_train, run_settings, the_error

SOURCE = default_source()
TIED = next(edit.source for edit in GALLERY if edit.name == "tied-embeddings")
BAD = SOURCE.replace("ops.relu(x)", "ops.reul(x)")
SIZES = {"vocab_size": 27, "n_embd": 16, "n_head": 4, "n_layer": 2, "block_size": 16}
VIEWS: Message = {
    "choice": {"number": 0.5},
    "votes": {"token": 1, "against": 2, "opened": ""},
    "lens": {},
    "attention": {},
    "arithmetic": {
        "kind": "loss",
        "token": 1,
        "attention": "",
        "head": 0,
        "place": 0,
        "open": ["0"],
        "whole": [],
    },
    "neurons": {"neuron": ""},
    "map": {"table": "token", "row": 0},
}


def describe(code: str, **sizes: int) -> Message:
    (answer,) = FakeWorker().tell("describe", number=5, code=code, sizes={**SIZES, **sizes})
    assert (answer["type"], answer["number"]) == ("outline", 5)
    json.dumps(answer)
    return answer


# ---- outlines ------------------------------------------------------------------------------------


def test_the_outline_of_the_repositorys_model() -> None:
    answer = describe("")
    assert (answer["problem"], answer["line"]) == ("", 0)
    assert answer == describe(SOURCE)
    assert answer["num_params"] == ModelConfig(27, n_layer=2).num_params
    assert answer["matrices"][0] == ["wte", 27, 16, 0]
    first, *_, last = answer["nodes"]
    assert (first["op"], first["index"], first["weight"]) == ("embed", "token", "wte")
    assert SOURCE.splitlines()[first["line"] - 1].strip().startswith("x = ops.add(ops.embed(")
    assert (last["weight"], last["size"]) == ("lm_head", 27)


def test_the_outline_of_an_edit() -> None:
    answer = describe(TIED)
    assert "lm_head" not in [name for name, *_ in answer["matrices"]]
    assert answer["nodes"][-1]["weight"] == "wte"
    assert answer["num_params"] == ModelConfig(27, n_layer=2).num_params - 27 * 16


def test_of_wrong_code_the_sentence_and_its_line() -> None:
    answer = describe(BAD)
    assert answer["problem"] == "Line 54: there is no operation 'reul'; perhaps 'relu' is meant."
    assert answer["line"] == 54
    assert (answer["num_params"], answer["matrices"], answer["nodes"]) == (0, [], [])


def test_of_sizes_that_do_not_fit_the_sentence() -> None:
    answer = describe("", n_head=3)
    assert "cannot be split evenly into 3" in answer["problem"]
    assert answer["line"] == 0


# ---- runs ----------------------------------------------------------------------------------------


def trained(code: str, **changes: Any) -> FakeWorker:
    worker = ready_to_train()
    settings = run_settings(num_steps=5, **changes)
    worker.tell("warm_up", settings=settings, code=code)
    worker.tell("start", settings=settings, code=code)
    worker.work()
    assert worker.state() == "done"
    return worker


@pytest.mark.parametrize("engine", ["scalar", "auto"])
def test_a_run_of_an_edit_keeps_its_text(engine: str) -> None:
    worker = trained(TIED, engine=engine)
    model = from_bytes(worker.newest_checkpoint().blob or b"")
    assert model.config.code is not None
    assert model.config.code.source == TIED
    assert worker.of("started")[0]["num_params"] == model.config.num_params
    assert worker.losses() != trained("", engine=engine).losses()
    assert trained(SOURCE, engine=engine).losses() == trained("", engine=engine).losses()


def test_a_run_of_an_edit_goes_on_from_its_checkpoint() -> None:
    first, second = trained(TIED), ready_to_train()
    settings = run_settings(num_steps=5)
    blob = first.newest_checkpoint().blob
    second.tell("start", settings=settings, code=TIED, blob=blob, continued=True)
    second.work()
    assert second.state() == "done"
    assert len(second.losses()) == 5


def test_wrong_code_does_not_start_and_harms_nothing() -> None:
    worker = trained("")
    worker.tell("warm_up", settings=run_settings(), code=BAD)
    worker.clock.now += 10
    worker.work()
    answers = worker.tell("start", settings=run_settings(), code=BAD)
    assert "Line 54: there is no operation 'reul'" in the_error(answers, "start")
    worker.tell("start", settings=run_settings(num_steps=3), code="")
    worker.work()
    assert worker.state() == "done"


# ---- every edit of the gallery, every view -------------------------------------------------------


@pytest.mark.parametrize("engine", ["scalar", "auto"])
@pytest.mark.parametrize("edit", GALLERY, ids=lambda edit: str(edit.name))
def test_an_edit_is_trained_written_with_and_looked_into(edit: Any, engine: str) -> None:
    worker = trained(edit.source, engine=engine, n_layer=2)
    (explored,) = worker.tell("explore", tokens=[0, 1, 2], typed=[False] * 3, caret=3)
    assert len(explored["upcoming"]["model"]) > 2
    (answer,) = worker.tell("inspect", tokens=[0, 1, 2], position=3, views=VIEWS)
    assert answer["type"] == "inspection"
    assert answer["views"].keys() == VIEWS.keys()
    worker.work()
    assert worker.of("error") == []
