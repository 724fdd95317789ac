"""A run on a task: its accuracy is posted, each sample is marked, and nothing else changes."""

from __future__ import annotations

from typing import Any

from microgpt.tasks import is_balanced
from tests.support.fakes import FakeWorker, ready_to_train, run_settings, sample_settings

BRACKETS = ["()", "[]", "()[]", "[()]", "{}", "({})", "{}()", "[[]]", "(())", "[]{}"]


def task_run(data: str, **changes: Any) -> FakeWorker:
    """A finished run on brackets, the data called `data`."""
    worker = ready_to_train(text="\n".join(BRACKETS).encode())
    settings = run_settings(num_steps=200, eval_fraction=0.2, **changes)
    worker.tell("start", settings=settings, data=data)
    worker.work()
    return worker


def test_on_a_task_the_accuracy_is_posted_and_each_sample_is_marked() -> None:
    worker = task_run("brackets")
    marks = [pair for message in worker.of("progress") for pair in message["accuracy"]]
    assert [step for step, _ in marks] == [100, 200]
    assert all(0 <= share <= 1 for _, share in marks)
    lines = worker.of("live_sample")
    assert [line["step"] for line in lines] == [100, 200]
    for line in lines:
        assert line["mark"] == ("right" if is_balanced(line["text"]) else "wrong")


def test_the_evaluation_is_explained_when_the_run_starts() -> None:
    (started,) = task_run("brackets").of("started")
    assert started["remarks"][-1] == (
        "In a test now and then it writes 40 lines, which are right or wrong."
    )
    assert all("test" not in remark for remark in task_run("own").of("started")[0]["remarks"])


def test_other_data_are_not_marked_and_their_run_is_the_same() -> None:
    task, plain = task_run("brackets"), task_run("own")
    assert all(message["accuracy"] == [] for message in plain.of("progress"))
    assert [line["mark"] for line in plain.of("live_sample")] == ["", ""]
    assert plain.losses() == task.losses()
    assert plain.held_out() == task.held_out()
    assert [line["text"] for line in plain.of("live_sample")] == [
        line["text"] for line in task.of("live_sample")
    ]


def test_samples_are_marked_and_the_right_ones_counted() -> None:
    worker = task_run("brackets")
    worker.tell("set_sampling", settings=sample_settings(temperature=0.8))
    worker.tell("generate", count=60, seed=1)
    worker.work()
    right = 0
    for message in worker.of("samples"):
        for row in message["rows"]:
            right += is_balanced(row["text"])
            assert row["mark"] == ("right" if is_balanced(row["text"]) else "wrong")
        assert message["right"] == right
    assert 0 < right < 60


def test_samples_of_other_data_are_not_marked() -> None:
    worker = task_run("own")
    worker.tell("generate", count=5, seed=1)
    worker.work()
    assert {row["mark"] for row in worker.sample_rows()} == {""}
    assert worker.of("samples")[-1]["right"] == 0


def test_where_a_task_is_tested_on_training_data_both_accuracies_are_posted() -> None:
    sums = [f"{one}+{other}={one + other}" for one in range(5) for other in range(5)]
    worker = ready_to_train(text="\n".join(sums).encode())
    settings = run_settings(num_steps=200, eval_fraction=0.5)
    worker.tell("start", settings=settings, data="modular-addition")
    worker.work()
    told = [message for message in worker.of("progress") if message["accuracy"]]
    for message in told:
        held_out, trained = message["accuracy"], message["train_accuracy"]
        assert [step for step, _ in trained] == [step for step, _ in held_out]
        assert all(0 <= share <= 1 for _, share in trained)
    assert [step for message in told for step, _ in message["accuracy"]] == [100, 200]
    assert not any("train_accuracy" in message for message in task_run("brackets").of("progress"))


def test_a_model_that_only_learned_to_answer_is_asked() -> None:
    sums = [f"{one}+{other}={one + other}" for one in range(5) for other in range(5)]
    worker = ready_to_train(text="\n".join(sums).encode())
    settings = run_settings(num_steps=100, eval_fraction=0.5, mask="=")
    worker.tell("start", settings=settings, data="own")
    worker.work()
    worker.tell("generate", count=12, seed=3)
    worker.work()
    written = [row["text"] for message in worker.of("samples") for row in message["rows"]]
    assert len(written) == 12
    questions = {line.partition("=")[0] + "=" for line in sums}
    live = [message["text"] for message in worker.of("live_sample")]
    for text in [*written, *live]:
        assert text.partition("=")[0] + "=" in questions
