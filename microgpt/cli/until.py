"""The option --until: a run that ends early, and with which weights."""

from __future__ import annotations

from collections.abc import Sequence

from microgpt.run import Run
from microgpt.settings import SettingError
from microgpt.stopping import Rising, StopRule
from microgpt.trainer import TrainProgress


class Until:
    """Watches a run by some rules.

    Where the held-out loss has risen, the model goes back to where that was lowest.

    Args:
        rules: any number of them.
        run: prepared.

    Raises:
        SettingError: a rule needs held-out documents, and there are none.
    """

    def __init__(self, rules: Sequence[StopRule], run: Run) -> None:
        self._rules, self._run = rules, run
        self._best: bytes | None = None
        rising = [rule for rule in rules if isinstance(rule, Rising)]
        if rising and not run.held_out.documents:
            if not run.dataset.held_out:
                needed = "held-out documents: use --eval-fraction 0.1"
            else:
                needed = f"a held-out document with something after {run.training.mask!r}: hold "
                needed += "more out by --eval-fraction, or leave out --mask"
            raise SettingError(f"--until rising needs {needed}.")

    def add(self, progress: TrainProgress) -> tuple[str, int] | None:
        """Take over what training has done; if the run is to end now, why, and at which step."""
        struck = None
        for rule in self._rules:
            reason = rule.add(progress)
            step = progress.step
            if isinstance(rule, Rising):
                if progress.held_out_loss is not None and rule.best_step == step:
                    self._best = self._run.engine.saved_state()
                if reason and self._best is not None:
                    self._run.engine.load_state(self._best)
                    step = rule.best_step
                    reason += f" The model is that of step {step:,}."
            if reason and (struck is None or step < struck[1]):
                struck = reason, step
        return struck
