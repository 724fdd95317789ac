"""Sentences on what a link brings beside settings.

Plain Python that MicroPython understands.
"""

from app.shared.brought import LINK_CODE, LINK_MODEL

CODE_OFFER = (
    "This link brings model code of its sender's. It runs only if you use it: read it first. A "
    "model that needs it is shown then."
)
CODE_USED = "The model code of this link is in use."
OWN_RUN_FIRST = "This link brings a model, which would take the place of your run here."
NOT_FETCHED = (
    "What this link brings could not be opened: check your connection, then reload the page."
)
NAMES = {LINK_CODE: "model code", LINK_MODEL: "model"}


def damaged(name: str) -> str:
    """What the link calls `name` cannot be read."""
    return (
        f"The {NAMES.get(name, name)} in this link was cut off or changed on its way: ask for the "
        "link once more. The rest of it is used."
    )
