"""What the page is told of a run when it starts."""

from __future__ import annotations

from app.shared import events
from microgpt.run import Run


def started_event(run: Run, number: int) -> events.StartedEvent:
    """What to tell of a run that starts; `number` is its number."""
    dataset, engine, remarks = run.dataset, run.engine, run.remarks()
    if run.task_eval is not None:
        remarks.append(run.task_eval.description)
    return events.StartedEvent(
        type="started",
        run=number,
        engine=engine.name,
        precision=engine.precision,
        num_docs=len(dataset),
        num_held_out=len(dataset.held_out),
        num_params=engine.config.num_params,
        vocab_size=engine.config.vocab_size,
        chars_per_token=run.chars_per_token(),
        remarks=remarks,
    )
