"""When the rules strike, and what they say."""

from __future__ import annotations

import pytest

from microgpt.config import TrainConfig
from microgpt.run import prepare_run
from microgpt.settings import SettingError
from microgpt.stopping import Rising, StopRule, parse_stop_rule, parse_stop_rules
from microgpt.trainer import TrainProgress


def strikes(rule: StopRule, losses: list[float], chunk: int = 100) -> tuple[int, str]:
    """The step at which a rule strikes, and what it says; (0, "") if it does not."""
    for start in range(0, len(losses), chunk):
        part = losses[start : start + chunk]
        if said := rule.add(TrainProgress(start + len(part), part)):
            return start + len(part), said
    return 0, ""


def held_out(rule: StopRule, losses: list[float]) -> tuple[int, str]:
    """The same of losses on held-out documents, every 100 steps."""
    for number, loss in enumerate(losses, start=1):
        if said := rule.add(TrainProgress(100 * number, [], held_out_loss=loss)):
            return 100 * number, said
    return 0, ""


@pytest.mark.parametrize("chunk", [10, 20, 50, 100])
def test_a_target_loss_is_judged_by_the_mean_of_100_steps(chunk: int) -> None:
    losses = [3.0] * 100 + [1.0, 3.0] * 50 + [1.0, 2.0] * 50 + [0.0] * 100
    step, said = strikes(parse_stop_rule("loss=1.9"), losses, chunk)
    assert step == 300
    assert said == (
        "Stopped at step 300: the loss has reached 1.9 (its mean over 100 steps is 1.5000)."
    )


def test_a_target_that_is_not_reached() -> None:
    assert strikes(parse_stop_rule("loss=0.5"), [0.6] * 1000) == (0, "")


def test_a_plateau() -> None:
    falling = [3 - step / 2000 for step in range(2000)]
    assert strikes(parse_stop_rule("plateau"), falling) == (0, "")
    step, said = strikes(parse_stop_rule("plateau"), falling + [2.0] * 3000)
    assert 3000 <= step <= 4000
    assert said == f"Stopped at step {step:,}: over 1,000 steps the loss has not fallen by 0.5%."


def test_a_rising_held_out_loss() -> None:
    rule = Rising()
    step, said = held_out(rule, [3.0, 2.5, 2.0, 2.1, 2.0, 2.05, 2.2, 2.3, 2.4])
    assert (step, rule.best_step) == (800, 300)
    assert said == (
        "Stopped at step 800: the held-out loss was lowest at step 300 (2.0000), and is 2.3000 now."
    )


def test_a_held_out_loss_that_wavers_does_not_rise() -> None:
    assert held_out(Rising(), [2.0, 2.02, 2.05, 2.01, 2.06, 2.08, 2.03] * 5) == (0, "")
    assert held_out(Rising(), [2.0, 2.5, 2.5, 2.5, 2.5, 1.9, 2.5, 2.5, 2.5]) == (0, "")


def test_the_loss_of_all_held_out_documents_is_no_part_of_the_curve() -> None:
    rule = Rising()
    held_out(rule, [2.0] * 4)
    assert rule.add(TrainProgress(400, [], held_out_loss=9.0, held_out_count=2000)) == ""
    assert held_out(rule, [2.0]) == (0, "")


@pytest.mark.parametrize(
    "text", ["loss", "loss=", "loss=-1", "loss=0", "loss=nan", "loss=inf", "flat", "", "rising=2"]
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(SettingError, match="loss=X, plateau, rising"):
        parse_stop_rule(text)


def test_a_run_that_goes_back_is_judged_by_what_is_left_of_it() -> None:
    rule = Rising()
    held_out(rule, [3.0, 2.5, 2.0, 1.0, 1.5, 1.5, 1.5, 1.5])
    rule.go_back(300)
    assert rule.best_step == 300
    assert rule.add(TrainProgress(400, [], held_out_loss=2.2)) == ""
    assert rule.best_step == 300
    plateau = parse_stop_rule("plateau")
    strikes(plateau, [2.0] * 1900)
    plateau.go_back(1000)
    assert plateau.add(TrainProgress(1100, [2.0] * 100)) == ""


def test_a_block_that_was_not_watched_from_its_beginning_does_not_count() -> None:
    rule = parse_stop_rule("loss=1.9")
    assert rule.add(TrainProgress(100, [1.0])) == ""
    assert rule.add(TrainProgress(200, [1.0] * 100)) != ""


def test_a_rule_is_given_once() -> None:
    assert len(parse_stop_rules(["loss=2", "plateau", "rising"])) == 3
    with pytest.raises(SettingError, match="stopped by loss only once"):
        parse_stop_rules(["loss=2", "plateau", "loss=1"])


def test_a_model_that_learns_few_lines_by_heart_is_stopped() -> None:
    documents = [a + b + c for a in "abc" for b in "def" for c in "ghi"]
    training = TrainConfig(num_steps=3000, eval_fraction=0.5, learning_rate=0.03, batch_size=4)
    run = prepare_run(documents, training, n_embd=16, n_head=2, block_size=4)
    rule = Rising()
    struck = next(filter(None, map(rule.add, run.train())))
    assert "held-out loss was lowest at step" in struck
    assert 0 < rule.best_step < 3000
