"""Engines for the models that come out of the pool, to ask them one after the other."""

from __future__ import annotations

from app.worker.pool.result import PoolResult
from microgpt.engine import Engine, create_engine
from microgpt.optimizer import OPTIMIZERS
from microgpt.recent import Recent

MAX_RESULT_ENGINES = 4


class ResultEngines:
    """One for all results of the same architecture, numbers and optimizer."""

    def __init__(self) -> None:
        self._engines = Recent[Engine](MAX_RESULT_ENGINES)

    def of(self, result: PoolResult) -> Engine:
        """That of a result, with any weights: `Engine.load_state` gives it those of the result."""
        config, settings = result.config, result.run.settings
        assert config is not None
        precision, optimizer = str(settings["precision"]), str(settings["optimizer"])
        key = config, precision, optimizer
        kept = self._engines.get(key)
        if kept is not None:
            return kept
        nothing = {name: [[0.0] * columns] * rows for name, (rows, columns) in config.shapes}
        made = create_engine("wasm", config, nothing, precision, OPTIMIZERS[optimizer])
        return self._engines.keep(key, made)
