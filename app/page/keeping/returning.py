"""Whether a visit shows what an earlier one has kept.

Plain Python that MicroPython understands.
"""

from app.shared.arrangement import HIDE, LOCK
from app.shared.experiment import Experiment


def without_arrangement(fragment: str) -> str:
    """An address that hides and locks nothing: who opens the bare one has no such link."""
    parts = fragment.split("&")
    return "&".join([part for part in parts if part.split("=")[0] not in (HIDE, LOCK)])


def shows_kept(address: str, kept: str) -> bool:
    """Whether a page that is opened at `address` shows a run that was kept at another visit.

    The bare address says nothing, so it does. One that asks for the data and settings of the kept
    experiment does as well; any other goes first, and so does what a link brings; then the run is
    only offered.

    Args:
        address: the fragment, with or without its "#".
        kept: the fragment of the kept experiment.
    """
    if address in ("", "#"):
        return True
    asked, there = Experiment(), Experiment()
    asked.read_address(address)
    there.read_address(kept)
    return asked.signature() == there.signature() and asked.brought == there.brought
