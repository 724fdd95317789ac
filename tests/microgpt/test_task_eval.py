"""Evaluation on a task: its questions, its accuracy, and that the run stays the same."""

from __future__ import annotations

import random

import pytest

from microgpt.bpe import BpeTokenizer
from microgpt.cli.files import DATASETS_FOLDER
from microgpt.config import TrainConfig
from microgpt.dataset import Dataset, make_dataset
from microgpt.generators import drain
from microgpt.run import Run, prepare_run
from microgpt.task_eval import (
    MAX_TASK_LINES,
    MAX_TASK_PLACES,
    CompletionEval,
    PredictionEval,
    TaskEval,
    determined_places,
    make_task_eval,
)
from microgpt.tasks import TASK_CHECKERS
from microgpt.tokenizer import CharTokenizer

# Lines of each task that are short enough for a tiny model to learn by heart.
SHORT = {
    "sums": ["1+1=2", "3+2=5", "4+4=8"],
    "sorting": ["a>a", "ba>ab", "ab>ab"],
    "palindromes": ["aba", "bab", "aaa"],
    "brackets": ["()", "[]", "()[]"],
    "modular-addition": ["1+1=2", "t+5=3", "2+3=5"],
    "code-book": ["a1a1b2b2c3c3d4d4a1b2c3d4", "b7b7a8a8c3c3d4d4a8b7c3d4"],
}


def dataset_of(name: str, eval_fraction: float = 0.1) -> Dataset:
    documents = (DATASETS_FOLDER / f"{name}.txt").read_text(encoding="utf-8").split()
    return make_dataset(documents, eval_fraction, random.Random(1))


def task_eval_of(name: str, dataset: Dataset, block_size: int = 16) -> TaskEval | None:
    documents = dataset.held_out or dataset.train
    return make_task_eval(name, documents, CharTokenizer(dataset.characters), block_size)


def run_of(name: str, steps: int, eval_fraction: float = 0.0) -> Run:
    training = TrainConfig(num_steps=steps, learning_rate=0.05, eval_fraction=eval_fraction)
    return prepare_run(SHORT[name], training, "auto", n_embd=8, n_head=2, n_layer=1, block_size=8)


@pytest.mark.parametrize(("name", "end"), [("sums", "="), ("sorting", ">")])
def test_questions_are_from_held_out_documents(name: str, end: str) -> None:
    dataset = dataset_of(name)
    task_eval = task_eval_of(name, dataset)
    assert isinstance(task_eval, CompletionEval)
    tokenizer = CharTokenizer(dataset.characters)
    questions = [tokenizer.decode(prefix) for prefix in task_eval.prefixes]
    expected = dataset.held_out[:MAX_TASK_LINES]
    assert questions == [line[: line.index(end) + 1] for line in expected]
    assert not any(line.startswith(tuple(questions)) for line in dataset.train)
    assert task_eval.description.startswith(
        f"In a test now and then it answers {MAX_TASK_LINES} questions"
    )


def test_questions_are_from_training_documents_if_none_are_held_out() -> None:
    dataset = dataset_of("sums", eval_fraction=0)
    task_eval = task_eval_of("sums", dataset)
    assert isinstance(task_eval, CompletionEval)
    assert len(task_eval.prefixes) == MAX_TASK_LINES


@pytest.mark.parametrize("name", ["palindromes", "brackets"])
def test_lines_without_a_question_have_no_prefix(name: str) -> None:
    task_eval = task_eval_of(name, dataset_of(name))
    assert isinstance(task_eval, CompletionEval)
    assert list(map(tuple, task_eval.prefixes)) == [()] * MAX_TASK_LINES


def test_predictions_are_those_of_held_out_documents_that_are_determined() -> None:
    dataset = dataset_of("code-book")
    task_eval = task_eval_of("code-book", dataset, block_size=32)
    assert isinstance(task_eval, PredictionEval)
    tokenizer = CharTokenizer(dataset.characters)
    expected = [
        line[: place + 1]
        for line in dataset.held_out[:MAX_TASK_LINES]
        for place in range(1, 24, 2)
        if line[place - 1] in line[: place - 1]
    ]
    assert {context[0] for context in task_eval.contexts} == {tokenizer.bos}
    assert [
        tokenizer.decode([*context, target])
        for context, target in zip(task_eval.contexts, task_eval.targets, strict=True)
    ] == expected
    assert f"it predicts {len(expected)} tokens" in task_eval.description


def test_predictions_beyond_the_context_are_left_out() -> None:
    dataset = dataset_of("code-book")
    task_eval = task_eval_of("code-book", dataset, block_size=8)
    assert isinstance(task_eval, PredictionEval)
    assert max(map(len, task_eval.contexts)) == 8
    assert task_eval_of("code-book", dataset, block_size=2) is None


def test_of_tokens_of_several_characters_all_must_be_determined() -> None:
    tokenizer = BpeTokenizer("ab", [(0, 1)])
    merged = tokenizer.encode("abab")
    assert determined_places(merged, [3], tokenizer) == []
    assert determined_places(merged, [2, 3], tokenizer) == [2]
    assert determined_places(tokenizer.encode("baab"), [1, 2], tokenizer) == [2]


def test_only_tasks_are_evaluated() -> None:
    assert task_eval_of("us-names", dataset_of("us-names")) is None
    assert task_eval_of("no-such-data", dataset_of("sums")) is None


def test_questions_that_fill_the_context_are_left_out() -> None:
    task_eval = task_eval_of("sums", dataset_of("sums"), block_size=6)
    assert isinstance(task_eval, CompletionEval)
    assert {len(prefix) for prefix in task_eval.prefixes} <= {4, 5}
    assert task_eval_of("sums", dataset_of("sums"), block_size=2) is None


def test_data_without_right_lines_is_not_evaluated() -> None:
    dataset = Dataset(("twelve", "1+1=3"), ("12",), ("1", "2"))
    assert task_eval_of("sums", dataset) is None


@pytest.mark.parametrize("name", TASK_CHECKERS)
def test_a_model_that_knows_its_lines_gets_them_right(name: str) -> None:
    run = run_of(name, steps=250)
    run.add_task_eval(name)
    assert run.task_eval is not None
    before = drain(run.task_eval.accuracy(run.engine))
    accuracies = [progress.accuracy for progress in run.train() if progress.accuracy is not None]
    assert accuracies[-1] > 0.9
    assert before < 0.5


def test_the_evaluation_is_the_same_each_time() -> None:
    run = run_of("brackets", steps=60)
    run.add_task_eval("brackets")
    assert run.task_eval is not None
    for _ in run.train():
        pass
    assert drain(run.task_eval.accuracy(run.engine)) == drain(run.task_eval.accuracy(run.engine))


@pytest.mark.parametrize("name", ["sorting", "palindromes", "code-book"])
def test_a_run_is_the_same_with_an_evaluation_as_without(name: str) -> None:
    runs = [run_of(name, steps=30, eval_fraction=0.4) for _ in range(2)]
    runs[1].add_task_eval(name)
    # How many steps come at a time follows the clock.
    losses = [[loss for part in run.train() for loss in part.losses] for run in runs]
    assert losses[0] == losses[1]
    assert runs[0].engine.weights() == runs[1].engine.weights()
    assert runs[0].rng.getstate() == runs[1].rng.getstate()


@pytest.mark.parametrize("eval_fraction", [0.0, 0.5])
def test_modular_addition_is_tested_on_both_halves(eval_fraction: float) -> None:
    """On the answers of hundreds of sums; on training data as well where others are held out."""
    documents = (DATASETS_FOLDER / "modular-addition.txt").read_text(encoding="utf-8").split()
    training = TrainConfig(num_steps=1, eval_fraction=eval_fraction)
    run = prepare_run(documents, training, "auto", n_embd=4, n_head=2, block_size=8)
    run.add_task_eval("modular-addition")
    task_eval, on_training = run.task_eval, run.train_task_eval
    assert isinstance(task_eval, PredictionEval)
    tested = [(task_eval, run.dataset.held_out or run.dataset.train)]
    if eval_fraction:
        assert isinstance(on_training, PredictionEval)
        tested.append((on_training, run.dataset.train))
    else:
        assert on_training is None
    for evaluation, lines in tested:
        asked = [
            run.tokenizer.decode([*context, target])
            for context, target in zip(evaluation.contexts, evaluation.targets, strict=True)
        ]
        assert asked == list(lines[:MAX_TASK_PLACES])
