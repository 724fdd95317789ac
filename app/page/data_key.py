"""Which data a run is trained on: a key that is equal for equal documents, and its words.

Plain Python that MicroPython understands.
"""

from app.page.aliases import DataKey, LossUnit
from app.page.notices import data_title
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import Any


def key_title(data: DataKey) -> str:
    """What data are called inside a sentence, with what is left out of them."""
    name, _, leave_out = data
    return data_title(name) + without(leave_out)


def key_titles(run: DataKey, chosen: DataKey) -> tuple[str, str]:
    """The same of a run's data and of the chosen ones, which are others."""
    title, other = key_title(run), key_title(chosen)
    return ("your text as it was" if title == other else title), other


def without(leave_out: str) -> str:
    """What to say behind a title where these patterns are left out, "" where nothing is."""
    return f" without {leave_out}" if leave_out else ""


def kept_unit(kept: "dict[str, Any]") -> LossUnit:
    """The unit of a run that was kept; from the data of an older one nothing is left out."""
    data, tokens = as_tuple(kept["unit"])
    return (data if len(data) == 3 else data + ("",)), tokens


def as_tuple(value: object) -> "Any":
    """A list with all lists in it as tuples, which JSON has not."""
    return tuple([as_tuple(each) for each in value]) if isinstance(value, list) else value
