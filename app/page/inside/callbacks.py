"""What a view of the inside may ask of the page."""

from app.page.aliases import Action, TakeToken
from app.shared.commands import Command
from app.shared.typed import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


class ViewCallbacks:
    """The page, as a view sees it.

    Args:
        ask: asks the worker anew, since the view's own request has changed.
        send: sends another command to the worker.
        move: puts the caret of the text behind this many tokens.
    """

    def __init__(self, ask: Action, send: "Callable[[Command], None]", move: TakeToken) -> None:
        self.ask, self.send, self.move = ask, send, move
