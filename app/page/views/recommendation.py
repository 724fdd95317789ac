"""What a data set is, in a sentence, and a button for the recommended settings."""

from app.page.aliases import Action
from app.page.views.dom import find, on_press


class RecommendationView:
    """The lines below the list of data sets.

    Args:
        adopt: called when the button is pressed.
    """

    def __init__(self, adopt: Action) -> None:
        on_press("recommended", adopt)

    def show(self, about: str, changes: str, known: bool) -> None:
        """Show what is chosen.

        Args:
            about: a sentence on the data.
            changes: what the button would set, in words; "" if everything is set so.
            known: whether any settings are recommended.
        """
        find("data-about").textContent = about
        find("recommended").hidden = not changes
        find("recommended-words").textContent = changes
        find("recommended-set").hidden = bool(changes) or not known
