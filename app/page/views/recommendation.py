"""What a data set is, in a sentence, and a button for the settings that suit it.

It knows nothing of how they were found, nor of how they are set.
"""

from app.page.types import Act
from app.page.views.dom import find, on_press


class SuitingView:
    """The lines below the list of data sets.

    Args:
        adopt: called when the button is pressed.
    """

    def __init__(self, adopt: Act) -> None:
        on_press("suit", adopt)

    def show(self, about: str, recommendation: str, known: bool) -> None:
        """Show what is picked.

        Args:
            about: a sentence on the data.
            suggestion: what the button would set, in words; "" if that is how everything is set.
            known: whether anything is known to suit the data.
        """
        find("data-about").textContent = about
        find("suit").hidden = not recommendation
        find("suit-words").textContent = recommendation
        find("suits").hidden = bool(recommendation) or not known
