"""What a data set is, and its recommended settings."""

from pyscript import document

from app.page.aliases import Action
from app.page.views.dom import find, on_press, write_text


class RecommendationView:
    """The lines below the list of data sets.

    Args:
        apply: called when the recommended settings are wanted.
        undo: called when those that were applied are not.
    """

    def __init__(self, apply: Action, undo: Action) -> None:
        on_press("recommended", apply)
        on_press("undo-recommended", undo)

    def show(self, about: str, changes: str, applied: str, known: bool) -> None:
        """Show what is chosen, and one of three: an offer, what was applied, that all is set so.

        Args:
            about: a sentence on the data.
            changes: what the button would set, in words; "" if everything is set so.
            applied: a sentence on what was applied; "" if nothing was.
            known: whether any settings are recommended.
        """
        write_text("data-about", about)
        focused = document.activeElement.id
        find("recommended").hidden = not changes
        write_text("recommended-help", changes)
        find("applied").hidden = bool(changes) or not applied
        find("recommended-set").hidden = bool(changes or applied) or not known
        write_text("applied-words", applied)
        # Each of the two buttons leads to the other.
        if focused == "recommended" and not changes:
            find("undo-recommended").focus()
        elif focused == "undo-recommended" and changes:
            find("recommended").focus()
