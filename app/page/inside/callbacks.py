"""What a view of the inside may ask of the page."""

from app.page.aliases import Action, TakeBranch, TakeToken
from app.page.switched_off import SwitchedOff
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
        visit: puts a branch in place of the text, and the caret behind this token of it.
        replay: has the model write again what the dice wrote of the text.
        switched_off: the parts of the model that are off.
    """

    def __init__(
        self,
        ask: Action,
        send: "Callable[[Command], None]",
        move: TakeToken,
        visit: TakeBranch,
        replay: Action,
        switched_off: SwitchedOff,
    ) -> None:
        self.ask, self.send, self.move = ask, send, move
        self.visit, self.replay = visit, replay
        self.switched_off = switched_off
