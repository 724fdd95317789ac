"""The page's controllers, for what reaches many of them."""

from app.page.code_controller import CodeController
from app.page.data_controller import DataController
from app.page.generation_controller import GenerationController
from app.page.keeping.keeper import Keeper
from app.page.link import Link
from app.page.own_data import OwnData
from app.page.run import RunRecord
from app.page.run_controller import RunController
from app.page.setup_controller import SetupController
from app.shared.experiment import Experiment


class Workplace:
    """What a model that is opened takes the place of, and what the page's dialogs act on.

    Args:
        experiment: the settings, and the model code.
        own: the user's own data.
        link, keeper, data, setup, code, run, generation: the page's controllers.
    """

    def __init__(
        self,
        experiment: Experiment,
        own: OwnData,
        link: Link,
        keeper: Keeper,
        data: DataController,
        setup: SetupController,
        code: CodeController,
        run: RunController,
        generation: GenerationController,
    ) -> None:
        self.experiment, self.own, self.link, self.keeper = experiment, own, link, keeper
        self.data, self.setup, self.code = data, setup, code
        self.run, self.generation = run, generation

    def make_room(self, experiment: Experiment) -> None:
        """Give the current run up, and take over the settings and the code of another's."""
        self.run.give_up()
        self.code.take_over(experiment.code)
        self.setup.open_experiment(experiment)
        self.code.announce()

    async def bring_in(self, run: RunRecord) -> None:
        """Show a run that comes from elsewhere, with its model at the text."""
        await self.generation.load_model(run.checkpoint, run.opened)
        await self.run.comeback.restore(run)
        self.keeper.run_changed()
        self.keeper.session_changed()
