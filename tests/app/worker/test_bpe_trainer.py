"""BPE in the worker: merges learned once, posted as they are found, and a run made with them."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from app.worker.bpe_trainer import BpeTrainer
from microgpt.config import TrainConfig
from microgpt.dataset import DataError
from microgpt.generators import drain, map_yields
from microgpt.run import prepare_run
from microgpt.run_tokenizer import learn_merges
from microgpt.settings import SettingError
from microgpt.tokenizer import Tokenizer
from tests.support.fakes import (
    NAMES,
    ONE_PIECE,
    TINY,
    FakeWorker,
    Message,
    ready_to_train,
    run_settings,
    the_error,
)

WORDS = [f"{left}{right}{left}" for left in NAMES for right in NAMES]
LETTERS = len(set("".join(NAMES)))
ONE_SPLIT = TrainConfig(eval_fraction=0.2)
BPE_RUN = run_settings(tokenizer="bpe", vocab_limit=64)


class Learner:
    """A BPE trainer, and all that it posts."""

    def __init__(self) -> None:
        self.told: list[Message] = []
        seconds = count()
        self.looks = 0
        self.wanted = True
        self.trainer = BpeTrainer(self._post, lambda: next(seconds))

    def _post(self, event: Any) -> None:
        self.told.append(event)

    def learn(
        self, limit: int, words: list[str] = WORDS, training: TrainConfig = ONE_SPLIT
    ) -> Tokenizer:
        parts = self.trainer.tokenizer(words, training, limit, lambda: self.wanted)

        def look(_: None) -> None:
            self.looks += 1

        return drain(map_yields(parts, look))

    def rows(self) -> list[tuple[str, str, int, int]]:
        """The rows as the page has them in the end."""
        rows: list[tuple[str, str, int, int]] = []
        for message in self.told:
            if not message["first"]:
                rows = []
            assert message["first"] == len(rows)
            rows += message["rows"]
        return rows


def test_the_tokenizer_is_that_of_a_run() -> None:
    tokenizer = Learner().learn(64)
    run = prepare_run(WORDS, ONE_SPLIT, "scalar", "f64", "bpe", 64, **TINY)
    assert tokenizer.tokens == run.tokenizer.tokens


def test_every_merge_is_posted_once_and_the_size_at_the_end() -> None:
    learner = Learner()
    tokenizer = learner.learn(64)
    merges = [merge for merge in learn_merges(WORDS, ONE_SPLIT, 64) if merge is not None]
    expected = [
        (*(tokenizer.tokens[part] for part in merge.pair), merge.count, merge.num_tokens)
        for merge in merges
    ]
    assert learner.rows() == expected
    sizes = [message["size"] for message in learner.told]
    assert sizes == [None] * (len(sizes) - 1) + [tokenizer.vocab_size]
    assert len(sizes) > 10, "they are posted while they are found"


def test_a_smaller_vocabulary_takes_the_first_merges_at_once() -> None:
    learner = Learner()
    large = learner.learn(64)
    told, looks = len(learner.told), learner.looks
    small = learner.learn(40)
    assert small.tokens == large.tokens[:39]
    assert learner.looks == looks, "nothing is learned again"
    (last,) = learner.told[told:]
    assert (last["rows"], last["size"]) == ([], 40)


def test_for_a_larger_vocabulary_learning_continues() -> None:
    learner, fresh = Learner(), Learner()
    learner.learn(40)
    known = learner.rows()
    assert learner.learn(64).tokens == fresh.learn(64).tokens
    assert learner.rows() == fresh.rows()
    assert learner.rows()[: len(known)] == known


@pytest.mark.parametrize(
    ("words", "training"),
    [(WORDS[:50], ONE_SPLIT), (WORDS, TrainConfig(seed=7, eval_fraction=0.2))],
)
def test_other_documents_have_other_merges(words: list[str], training: TrainConfig) -> None:
    learner = Learner()
    learner.learn(64)
    learner.learn(64, words, training)
    merges = learn_merges(words, training, 64)
    assert len(learner.rows()) == sum(merge is not None for merge in merges)
    assert [message["first"] for message in learner.told].count(0) == 2


def test_too_many_characters_are_reported() -> None:
    learner = Learner()
    many = [chr(0x4E00 + i) for i in range(70)] * 2
    with pytest.raises(SettingError, match="70 different characters"):
        learner.learn(64, many)
    assert "70 different characters" in learner.told[-1]["problem"]
    learner.learn(128, many)
    assert learner.told[-1]["size"] == 71


def test_one_document_cannot_be_split() -> None:
    learner, words = Learner(), ["banana"]
    for _ in range(2):
        with pytest.raises(DataError, match="single document"):
            learner.learn(64, words)
        assert "single document" in learner.told[-1]["problem"]
    assert learner.learn(64, words, TrainConfig()).tokens == ("a", "b", "n", "an")


def test_nothing_is_posted_of_merges_that_are_no_longer_wanted() -> None:
    learner = Learner()
    learner.wanted = False
    learner.learn(64)
    with pytest.raises(SettingError):
        learner.learn(64, [chr(0x4E00 + i) for i in range(70)] * 2)
    assert learner.told == []
    learner.wanted = True
    assert learner.learn(64).vocab_size == learner.told[-1]["size"]
    assert learner.rows()


# ---- how long documents are in them --------------------------------------------------------------


def measured(learner: Learner, tokenizer: Tokenizer) -> Message:
    """The event on the lengths in tokens of `tokenizer`."""
    before = len(learner.told)
    learner.looks = sum(1 for _ in learner.trainer.post_lengths(tokenizer, 16, False))
    (message,) = learner.told[before:]
    return message


def test_lengths_are_counted_in_tokens() -> None:
    learner = Learner()
    tokenizer = learner.learn(64)
    message = measured(learner, tokenizer)
    lengths = [len(tokenizer.encode_prefix(word)) + 1 for word in WORDS]
    assert max(lengths) < max(map(len, WORDS)) + 1
    assert (message["vocab_size"], message["documents"]) == (tokenizer.vocab_size, len(WORDS))
    bars = message["histogram"]
    assert (bars[0]["first"], bars[-1]["last"]) == (min(lengths), max(lengths))
    assert sum(bar["documents"] for bar in bars) == len(WORDS)
    stop, documents, share = message["cut"][0]
    over = [length - stop for length in lengths if length > stop]
    assert (documents, share) == (len(over), pytest.approx(sum(over) / sum(lengths)))
    assert message["block_size"] == min(
        stop for stop, documents, _ in message["cut"] if documents <= 0.05 * len(WORDS)
    )


def test_lengths_are_counted_once() -> None:
    learner = Learner()
    small, large = learner.learn(40), learner.learn(64)
    first = measured(learner, large)
    assert learner.looks > 0
    assert measured(learner, small) != first
    assert measured(learner, large) == first
    assert learner.looks == 0
    learner.learn(64, WORDS[:50])
    assert measured(learner, large)["documents"] == 50


def test_of_very_large_data_a_sample_is_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microgpt.sequences.MAX_MEASURED_CHARS", sum(map(len, WORDS)) // 3 + 1)
    learner = Learner()
    assert measured(learner, learner.learn(64))["documents"] == -(-len(WORDS) // 3)


# ---- in a session --------------------------------------------------------------------------------


def reference_losses(settings: Message) -> list[float]:
    training = TrainConfig(num_steps=settings["num_steps"])
    run = prepare_run(NAMES, training, "scalar", "f32", "bpe", 64, **TINY)
    return [loss for part in run.train() for loss in part.losses]


def rows_told(worker: FakeWorker) -> int:
    """How many merges were posted."""
    return sum(len(message["rows"]) for message in worker.of("merges"))


def test_the_page_forgets_the_merges_of_other_documents() -> None:
    worker = ready_to_train()
    worker.tell("warm_up", settings=BPE_RUN)
    worker.work()
    answers = worker.tell("load_data", number=2, files=[("", 5)], blob=b"ab\nab")
    (forgotten,) = [message for message in answers if message["type"] == "merges"]
    assert (forgotten["first"], forgotten["rows"], forgotten["size"]) == (0, [], None)
    assert answers.index(forgotten) < [message["type"] for message in answers].index("data_loaded")


@pytest.mark.parametrize(
    "meanwhile", [{"vocab_limit": 128}, {"seed": 7}, {"tokenizer": "characters"}]
)
def test_merges_of_a_run_are_not_taken_for_those_of_the_next(meanwhile: Message) -> None:
    worker = ready_to_train(ONE_PIECE)
    worker.tell("warm_up", settings=BPE_RUN)
    worker.tell("start", settings=BPE_RUN)
    worker.tell("warm_up", settings=BPE_RUN | meanwhile)
    worker.work(lambda: "started" in worker.kinds())
    assert all(message["size"] is None for message in worker.of("merges")), "it is the run's alone"
    worker.work()
    sizes = [message["size"] for message in worker.of("merges") if message["size"] is not None]
    assert len(sizes) == ("tokenizer" not in meanwhile)


def test_merges_are_learned_while_the_user_chooses() -> None:
    worker = ready_to_train()
    worker.tell("warm_up", settings=run_settings())
    worker.work()
    assert rows_told(worker) == 0
    worker.tell("warm_up", settings=BPE_RUN)
    worker.work()
    size = worker.of("merges")[-1]["size"]
    assert LETTERS + 1 < size < 64
    assert [message["vocab_size"] for message in worker.of("token_lengths")] == [size]
    worker.tell("start", settings=BPE_RUN)
    assert worker.of("started")[0]["vocab_size"] == size, "at once"
    worker.work()
    assert worker.losses() == reference_losses(BPE_RUN)


def test_a_run_starts_when_its_merges_are_learned() -> None:
    worker = ready_to_train(ONE_PIECE)
    assert worker.tell("start", settings=BPE_RUN) == []
    worker.work(lambda: rows_told(worker) > 0)
    assert worker.of("started") == []
    worker.work()
    assert worker.state() == "done"
    assert worker.losses() == reference_losses(BPE_RUN)


def test_commands_that_the_page_sends_once_the_run_has_started_apply() -> None:
    worker = ready_to_train(ONE_PIECE)
    worker.tell("start", settings=BPE_RUN | {"num_steps": 1000})
    held_back = ["pause", "step"]
    while held_back:
        worker.slices(1)
        if worker.of("started"):
            worker.tell(held_back.pop(0))
    worker.work()
    assert worker.state() == "paused"
    states = [message["state"] for message in worker.of("run_state")]
    assert states == ["running", "paused", "running", "paused"]
    paused_at = worker.of("checkpoint")[0]["step"]
    assert len(worker.losses()) == paused_at + 1


def test_commands_for_a_run_that_has_not_started_are_ignored() -> None:
    worker = ready_to_train(ONE_PIECE)
    worker.tell("start", settings=BPE_RUN)
    for kind in ("pause", "resume", "step"):
        assert worker.tell(kind) == []
    assert worker.tell("set_pace", pace="watch") == []
    worker.work()
    assert worker.state() == "done"
    assert worker.losses() == reference_losses(BPE_RUN)


def test_a_run_can_be_stopped_before_it_has_started() -> None:
    worker = ready_to_train(ONE_PIECE)
    worker.tell("start", settings=BPE_RUN)
    worker.slices(1)
    assert worker.of("started") == []
    worker.tell("stop")
    worker.work()
    assert worker.of("started") == []
    worker.tell("start", settings=run_settings())
    worker.work()
    assert worker.state() == "done"


def test_a_run_without_room_for_its_characters_is_reported() -> None:
    worker = ready_to_train(text="\n".join(chr(0x4E00 + i) for i in range(70)).encode())
    answers = [a for a in worker.tell("start", settings=BPE_RUN) if a["type"] == "error"]
    assert "70 different characters" in the_error(answers, "start")


def test_a_new_worker_continues_with_the_merges_of_the_checkpoint() -> None:
    worker = ready_to_train(ONE_PIECE)
    worker.tell("start", settings=BPE_RUN)
    worker.work(lambda: "progress" in worker.kinds())
    worker.tell("pause")
    saved = worker.newest_checkpoint()
    again = ready_to_train()
    again.tell("start", settings=BPE_RUN, blob=saved.blob)
    assert rows_told(again) == 0, "nothing need be learned again"
    again.work()
    assert again.state() == "done"
    assert worker.losses() + again.losses() == reference_losses(BPE_RUN)
