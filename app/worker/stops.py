"""The rules that stop a run by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from app.shared import events
from microgpt.stopping import Rising, StopRule, parse_stop_rules
from microgpt.trainer import TrainProgress


class Stops:
    """The rules that are on; each strikes once."""

    def __init__(self) -> None:
        self._rules: list[StopRule] = []

    def use(self, rules: Sequence[str]) -> None:
        """Stop by these rules from now on. Raises `SettingError` for what is none."""
        self._rules = parse_stop_rules(rules)

    def go_back(self, step: int) -> None:
        """The run goes on from this step, so what came later is forgotten."""
        for rule in self._rules:
            rule.go_back(step)

    def is_best(self, progress: TrainProgress) -> bool:
        """Whether a rule takes what was just evaluated for the best so far."""
        evaluated = progress.held_out_loss is not None and not progress.held_out_count
        steps = [rule.best_step for rule in self._rules if isinstance(rule, Rising)]
        return evaluated and progress.step in steps

    def add(self, progress: TrainProgress, number: int) -> events.StoppedEvent | None:
        """Takes over what training has done.

        Returns:
            What to tell if a rule strikes, which then is off; `number` is the run's.
        """
        for rule in self._rules:
            words = rule.add(progress)
            if words:
                self._rules.remove(rule)
                return events.StoppedEvent(
                    type="stopped",
                    run=number,
                    step=progress.step,
                    words=words,
                    best_step=rule.best_step if isinstance(rule, Rising) else 0,
                )
        return None
