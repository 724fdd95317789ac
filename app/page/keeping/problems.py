"""Sentences on what is kept, and on what cannot be.

Plain Python that MicroPython understands.
"""

from app.page.aliases import DataKey
from app.page.data_key import key_title

# By what `static/store.mjs` says that went wrong.
PROBLEMS = {
    "full": "The browser's storage is full: this run would be lost on a reload. Free some space.",
    "forbidden": (
        "This browser, or this private window, keeps nothing for the page: a reload would lose "
        "your run."
    ),
    "newer": (
        "A newer version of this page keeps your work here: reload the page to get it, for this "
        "one cannot keep anything."
    ),
}

STILL_KEPT = "What you had here before is kept, with your run, your code and your text."


def offer(data: DataKey, step: int, num_steps: int) -> str:
    """The address comes first; a run is kept that has done `step` of `num_steps` on `data`."""
    return (
        f"This address has settings of its own. Your last run, step {step:,} of {num_steps:,} on "
        f"{key_title(data)}, is kept."
    )
