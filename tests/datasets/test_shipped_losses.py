"""How the loss of the shipped model fell: the file is that of the run that made the model."""

from __future__ import annotations

import json

from datasets.shipped_losses import (
    DECIMALS,
    LOSSES_FILE,
    NUM_LOSSES,
    SHIPPED_TRAINING,
    mean_losses,
    shipped_run,
)

MEASURED_STEPS = 60


def test_the_first_losses_are_those_of_the_run() -> None:
    run = shipped_run()
    losses = [loss for part in run.train(stop=MEASURED_STEPS) for loss in part.losses]
    before, compared = 0, 0
    for step, mean in json.loads(LOSSES_FILE.read_text(encoding="utf-8")):
        if step > MEASURED_STEPS:
            break
        of_step = losses[before:step]
        assert mean == round(sum(of_step) / len(of_step), DECIMALS)
        before, compared = step, compared + 1
    assert compared >= 5


def test_the_file_reaches_from_the_first_steps_to_the_last() -> None:
    points = json.loads(LOSSES_FILE.read_text(encoding="utf-8"))
    steps = [step for step, _ in points]
    assert steps == sorted(set(steps))
    assert steps[0] < 10
    assert steps[-1] == SHIPPED_TRAINING.num_steps
    assert NUM_LOSSES / 2 < len(points) <= NUM_LOSSES
    assert points[-1][1] < 2.4 < 3.2 < points[0][1]


def test_each_loss_is_in_one_mean() -> None:
    losses = [float(number) for number in range(400)]
    means = list(mean_losses(losses))
    before, total = 0, 0.0
    for step, mean in means:
        total += mean * (step - before)
        before = step
    assert before == len(losses)
    assert round(total) == sum(losses)
