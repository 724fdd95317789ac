"""Commands that have failed: whoever has sent one says so."""

from app.page.inside_controller import InsideController
from app.page.lab_controller import LAB_COMMANDS, LabController
from app.page.model_controller import ModelController
from app.page.models_controller import ModelsController
from app.page.share_controller import ShareController
from app.page.switched_off import SwitchedOff
from app.page.workplace import Workplace
from app.shared.events import ErrorEvent

DATA_COMMANDS = ("load_data", "change_options", "cancel_loading")
GENERATION_COMMANDS = ("set_sampling", "generate", "explore", "load_model")


class FailedCommands:
    """Leads each error to the controller of its command.

    Args:
        workplace: the controllers of most commands.
        model, switched_off, inside, share, models, lab: those of the others.
    """

    def __init__(
        self,
        workplace: Workplace,
        model: ModelController,
        switched_off: SwitchedOff,
        inside: InsideController,
        share: ShareController,
        models: ModelsController,
        lab: LabController,
    ) -> None:
        self._work, self._model, self._switched_off = workplace, model, switched_off
        self._inside, self._share, self._models = inside, share, models
        self._lab = lab

    def on_error(self, message: ErrorEvent) -> None:
        """A command has failed."""
        about = message["about"]
        if about in DATA_COMMANDS:
            self._work.data.on_error(message)
        elif about in GENERATION_COMMANDS:
            self._work.generation.on_error(message)
        elif about == "describe":
            self._model.on_error(message)
            self._work.code.show_check()
        elif about == "switch_off":
            self._switched_off.on_error(message)
        elif about in ("inspect", "score"):
            self._inside.on_error(message)
        elif about == "pack_model":
            self._share.on_error(message)
        elif about == "export_model":
            self._models.on_error(message)
        elif about in LAB_COMMANDS:
            self._lab.on_error(message)
        else:
            self._work.run.on_error(message)
