"""The rules that stop a run by themselves."""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.stopping import Rising, StopRule, parse_stop_rule
from microgpt.trainer import TrainProgress


class Stops:
    """The rules that are on; each strikes once."""

    def __init__(self) -> None:
        self._rules: list[StopRule] = []
        self.struck_best_step = 0  # by the rule that has struck last, where it knows one

    def use(self, rules: Sequence[str]) -> None:
        """Stop by these rules from now on. Raises `SettingError` for what is none."""
        self._rules = [parse_stop_rule(rule) for rule in rules]

    @property
    def best_step(self) -> int:
        """The step with the lowest held-out loss so far, 0 where no rule watches that."""
        return max((rule.best_step for rule in self._rules if isinstance(rule, Rising)), default=0)

    def add(self, progress: TrainProgress) -> str:
        """Takes over what training has done; one sentence if a rule strikes, else ""."""
        for rule in self._rules:
            words = rule.add(progress)
            if words:
                self.struck_best_step = rule.best_step if isinstance(rule, Rising) else 0
                self._rules.remove(rule)
                return words
        return ""
