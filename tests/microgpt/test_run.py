"""A run made from documents and settings: the same random draws in the same order."""

from __future__ import annotations

import random
import re
from itertools import chain
from typing import Any

import pytest

from microgpt.bpe import BpeTokenizer, learn_bpe
from microgpt.config import ModelConfig, TrainConfig
from microgpt.dataset import DataError, make_dataset
from microgpt.engine import can_compile
from microgpt.generators import drain
from microgpt.model import init_weights
from microgpt.run import MAX_EVAL_DOCUMENTS, Run, prepare_run
from microgpt.run_tokenizer import learn_merges
from microgpt.scalar.engine import ScalarEngine
from microgpt.settings import SettingError
from microgpt.tokenizer import CharTokenizer, Tokenizer, UnknownCharacterError
from tests.support.models import losses_of

NAMES = ["ada", "eve", "ann", "bea", "dee", "nan", "abe", "deb", "zoe"]
TINY: dict[str, Any] = {"n_embd": 4, "n_head": 2, "n_layer": 1, "block_size": 4}


def tiny_run(
    num_steps: int = 12, eval_fraction: float = 0.0, seed: int = 7, batch_size: int = 1
) -> Run:
    training = TrainConfig(
        num_steps=num_steps, batch_size=batch_size, seed=seed, eval_fraction=eval_fraction
    )
    return prepare_run(NAMES, training, "scalar", "f64", **TINY)


def losses(run: Run, start: int = 0, stop: int | None = None) -> list[float]:
    return losses_of(progress.losses for progress in run.train(start, stop))


def test_random_draws_are_for_documents_then_weights_then_samples() -> None:
    run = tiny_run(eval_fraction=0.2)
    rng = random.Random(7)
    assert run.dataset == make_dataset(NAMES, 0.2, rng)
    config = ModelConfig(len(set("".join(NAMES))) + 1, **TINY)
    assert run.engine.config == config
    assert run.engine.weights() == init_weights(config, rng)
    losses(run)
    assert run.rng.getstate() == rng.getstate()  # training draws nothing


@pytest.mark.parametrize(("num_steps", "batch_size"), [(20, 1), (2, 3), (3, 4)])
def test_a_run_trains_on_its_documents_in_their_order_again_and_again(
    num_steps: int, batch_size: int
) -> None:
    run = tiny_run(num_steps, batch_size=batch_size)
    engine = ScalarEngine(run.engine.config, run.engine.weights())
    documents = [run.tokenizer.encode(document) for document in run.dataset.train]
    engine.prepare(documents, run.training)
    assert losses(run) == losses_of(engine.steps(0, num_steps))


def test_a_token_has_one_character_or_more_with_bpe() -> None:
    assert tiny_run().chars_per_token() == 1
    run = prepare_run(["aaaa", "aaa"], TrainConfig(), "scalar", tokenizer="bpe", **TINY)
    assert run.tokenizer.tokens == ("a", "aa")
    assert run.chars_per_token() == (5 + 4) / (3 + 3)


def test_windows_of_one_long_text_are_trained_on_whole_and_have_no_end() -> None:
    text = "the cat sat on the mat and the hat sat on the cat " * 8
    windows = [text[start : start + 64] for start in range(0, len(text), 64)]
    training = TrainConfig(num_steps=2, eval_fraction=0.3)
    run = prepare_run(windows, training, "scalar", tokenizer="bpe", windowed=True, **TINY)
    bos = run.tokenizer.bos
    assert all(window[0] == bos and bos not in window[1:] for window in run.held_out.documents)
    assert max(map(len, run.held_out.documents)) == 1 + TINY["block_size"]
    assert run.tokenizer.decode(chain.from_iterable(run.held_out.documents)) == "".join(
        run.dataset.held_out
    )
    assert run.remarks() == []
    tokens = sum(len(run.tokenizer.encode_prefix(window)) for window in run.dataset.train)
    assert run.chars_per_token() == pytest.approx(sum(map(len, run.dataset.train)) / tokens)


def test_the_same_seed_gives_the_same_run_and_another_does_not() -> None:
    assert losses(tiny_run()) == losses(tiny_run()) != losses(tiny_run(seed=8))


def test_a_run_in_parts_is_the_same_run() -> None:
    run = tiny_run()
    assert losses(run, 0, 5) + losses(run, 5) == losses(tiny_run())


def test_the_held_out_documents_are_evaluated_and_not_trained_on() -> None:
    run = tiny_run(eval_fraction=0.3)
    assert len(run.dataset.held_out) == 3
    last = list(run.train())[-1]
    assert (last.step, last.losses) == (12, [])
    evaluation = run.engine.evaluate([run.tokenizer.encode(d) for d in run.dataset.held_out])
    assert last.held_out_loss == drain(evaluation)
    trained = prepare_run(
        NAMES, TrainConfig(num_steps=12, seed=7, eval_fraction=0.3), "scalar", "f64", **TINY
    )
    documents = [trained.tokenizer.encode(document) for document in trained.dataset.train]
    trained.engine.prepare(documents, trained.training)
    assert losses_of(trained.engine.steps(0, 12)) == losses(tiny_run(eval_fraction=0.3))


def test_characters_of_held_out_documents_are_known() -> None:
    for seed in range(5):
        run = tiny_run(eval_fraction=0.5, seed=seed)
        assert run.tokenizer.characters == tuple(sorted(set("".join(NAMES))))


def test_an_evaluation_has_a_limited_number_of_documents() -> None:
    training = TrainConfig(num_steps=1, eval_fraction=0.5)
    run = prepare_run(["ab"] * 4 * MAX_EVAL_DOCUMENTS, training, "scalar", "f64", **TINY)
    evaluating = [progress for progress in run.train() if not progress.losses]
    assert len(evaluating) == 3 * MAX_EVAL_DOCUMENTS + 1  # one per token, and the result


@pytest.mark.skipif(not can_compile(), reason="needs WebAssembly")
@pytest.mark.parametrize("share", [0.5, 0.1])
def test_at_the_end_all_held_out_documents_are_evaluated(share: float) -> None:
    """Where the evaluations before had only some of them."""
    training = TrainConfig(num_steps=3, eval_fraction=share)
    documents = [f"{'ab' * (number % 3)}a" for number in range(3 * MAX_EVAL_DOCUMENTS)]
    run = prepare_run(documents, training, "wasm", "f64", **TINY)
    found = [progress for progress in run.train() if progress.held_out_loss is not None]
    all_of_them = list(chain.from_iterable(map(run.encode, run.dataset.held_out)))
    if share == 0.5:
        assert [progress.held_out_count for progress in found] == [0, len(all_of_them)]
        assert found[-1].held_out_loss == drain(run.engine.evaluate(all_of_them))
    else:
        assert [progress.held_out_count for progress in found] == [0]


def test_invalid_runs() -> None:
    with pytest.raises(DataError):
        prepare_run(["emma"], TrainConfig(eval_fraction=0.1))
    with pytest.raises(SettingError, match="Embedding size must be a multiple"):
        prepare_run(NAMES, TrainConfig(), n_embd=6, n_head=4)
    with pytest.raises(SettingError, match="no engine called 'abacus'"):
        prepare_run(NAMES, TrainConfig(), "abacus")
    with pytest.raises(SettingError, match="Precision must be one of f32, f64, not 'f16'"):
        prepare_run(NAMES, TrainConfig(), "scalar", "f16")


@pytest.mark.parametrize("documents", [["emma"], ["aaaa", "aa"], ["a"]])
def test_training_on_very_little_data(documents: list[str]) -> None:
    training = TrainConfig(num_steps=60, learning_rate=0.05)
    figures = losses(prepare_run(documents, training, "scalar", "f64", **TINY))
    assert len(figures) == 60
    assert sum(figures[-10:]) < 0.8 * sum(figures[:10])


# ---- BPE -----------------------------------------------------------------------------------------

WORDS = ["the cat", "the hat", "that cat", "a cat", "the bat", "that hat", "at that", "the end"]


def bpe_run(seed: int = 7, tokenizer: str | Tokenizer = "bpe", limit: int = 64) -> Run:
    training = TrainConfig(num_steps=6, seed=seed, eval_fraction=0.3)
    return prepare_run(WORDS, training, "scalar", "f64", tokenizer, limit, **TINY)


def test_merges_are_learnt_from_the_training_documents_alone() -> None:
    run = bpe_run()
    expected = [
        merge.pair for merge in learn_bpe(run.dataset.train, 64, run.dataset.characters) if merge
    ]
    assert run.tokenizer.merges == tuple(expected)
    whole = [merge.pair for merge in learn_bpe(WORDS, 64) if merge]
    assert run.tokenizer.merges != tuple(whole)
    assert run.engine.config.vocab_size == run.tokenizer.vocab_size == 9 + len(expected) + 1


def test_characters_of_held_out_documents_are_known_with_bpe() -> None:
    for seed in range(5):
        run = bpe_run(seed)
        assert run.tokenizer.characters == tuple(sorted(set("".join(WORDS))))
        for document in run.dataset.documents:
            assert run.tokenizer.decode(run.tokenizer.encode(document)) == document


def test_the_same_seed_gives_the_same_run_with_bpe() -> None:
    assert losses(bpe_run()) == losses(bpe_run()) != losses(bpe_run(seed=8))


def test_bpe_draws_no_random_numbers() -> None:
    run = bpe_run()
    rng = random.Random(7)
    assert run.dataset == make_dataset(WORDS, 0.3, rng)
    assert run.engine.weights() == init_weights(run.engine.config, rng)
    assert run.rng.getstate() == rng.getstate()


def test_the_merges_of_a_run_can_be_learnt_before_it() -> None:
    made = bpe_run()
    pairs = [merge.pair for merge in learn_merges(WORDS, made.training, 64) if merge]
    assert tuple(pairs) == made.tokenizer.merges
    ready = BpeTokenizer(made.dataset.characters, pairs)
    assert losses(bpe_run(tokenizer=ready)) == losses(made)


def test_a_tokenizer_that_lacks_a_character() -> None:
    with pytest.raises(UnknownCharacterError, match="does not know the character 'n'"):
        bpe_run(tokenizer=CharTokenizer("abcdeht "))


def test_invalid_tokenizers() -> None:
    with pytest.raises(SettingError, match="Tokens must be one of characters, bpe, not 'words'"):
        bpe_run(tokenizer="words")
    with pytest.raises(SettingError, match="Vocabulary must lie between 64 and 2048, but is 63"):
        bpe_run(limit=63)
    text = "".join(map(chr, range(0x4E00, 0x4E00 + 100)))
    with pytest.raises(SettingError, match="100 different characters, too many"):
        prepare_run([text], TrainConfig(), "scalar", tokenizer="bpe", vocab_limit=64)


def test_what_is_cut_is_counted_in_tokens() -> None:
    training = TrainConfig(num_steps=1)
    for tokenizer, share in (("characters", ["100%"]), ("bpe", [])):
        run = prepare_run(["ababab", "abab"], training, "scalar", "f64", tokenizer, **TINY)
        assert [remark.split()[0] for remark in run.remarks()] == share


SUMS = [f"{one}+{other}={one + other}" for one in range(9) for other in range(9)]


def masked_run(documents: list[str], **settings: Any) -> Run:
    training = TrainConfig(num_steps=3, eval_fraction=0.2, mask="=", **settings)
    return prepare_run(documents, training, "scalar", **TINY | {"block_size": 8})


def test_with_a_mask_only_what_follows_counts() -> None:
    run = masked_run(SUMS)
    equals = run.tokenizer.encode_prefix("=")[0]
    documents, counted_from = run.held_out
    assert len(documents) == len(counted_from) == 16
    for document, first in zip(documents, counted_from, strict=True):
        assert document[first] == equals
    before = drain(run.engine.evaluate(*run.held_out))
    assert before != pytest.approx(drain(run.engine.evaluate(documents)), rel=1e-3)
    found = [progress.held_out_loss for progress in run.train()]
    assert found[-1] == drain(run.engine.evaluate(*run.held_out))
    assert drain(run.baselines())["bigram"] < before


def test_documents_that_nothing_counts_of_are_left_out_and_counted() -> None:
    run = masked_run(SUMS + ["12+"] * 10, batch_size=91)
    remark = next(text for text in run.remarks() if "left out" in text)
    assert re.fullmatch(
        r"\d of 73 documents are left out: they have nothing after '=' within the context, "
        r"which is all that counts\.",
        remark,
    )
    assert not any("left out" in text for text in masked_run(SUMS).remarks())


def test_a_mark_that_no_document_has_is_an_error() -> None:
    with pytest.raises(DataError, match=r"anything after '=' within the context: choose another"):
        masked_run(["ab", "cd", "ef"])


def test_the_gap_is_between_losses_of_as_many_documents() -> None:
    run = masked_run(SUMS)
    losses = drain(run.gap())
    assert losses is not None
    sample = drain(run.train_sample(16))
    assert len(sample.documents) == len(sample.counted_from) == 16
    assert losses == (
        drain(run.engine.evaluate(*sample)),
        drain(run.engine.evaluate(*run.held_out)),
    )
    assert drain(tiny_run().gap()) is None


def test_documents_are_taken_among_those_of_which_something_counts() -> None:
    """Though most have the mark beyond the context, as `masked_run` has it."""
    asked = {f"{one}+{other}=1" for one in range(4) for other in range(5)}
    training = TrainConfig(num_steps=1, eval_fraction=0.5, mask="=")
    documents = [*asked, *["12345678=1"] * (4 * MAX_EVAL_DOCUMENTS)]
    run = prepare_run(documents, training, "scalar", **TINY | {"block_size": 8})
    known, held_out = (
        [run.tokenizer.encode(document) for document in part if document in asked]
        for part in (run.dataset.train, run.dataset.held_out)
    )
    assert run.held_out.documents == held_out
    assert drain(run.train_sample(len(held_out))).documents == known[: len(held_out)]
    assert drain(run.gap()) is not None


def test_with_a_mask_samples_begin_with_questions_from_the_data() -> None:
    run = masked_run(SUMS)
    for seed in range(20):
        opening = run.tokenizer.decode(run.opening(random.Random(seed)))
        assert opening.endswith("=")
        assert any(line.startswith(opening) for line in run.dataset.held_out)
    rng = random.Random(1)
    assert tiny_run().opening(rng) == []
    assert rng.random() == random.Random(1).random(), "without a mask nothing is drawn"
