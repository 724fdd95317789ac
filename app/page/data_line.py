"""What is sent to the worker about data."""

from app.page.aliases import JsProxy
from app.page.data_source import DataSource
from app.page.link import Link
from app.shared.commands import (
    CancelLoadingCommand,
    ChangeOptionsCommand,
    LoadDataCommand,
    WarmUpCommand,
)
from app.shared.experiment import OWN, Experiment


class DataLine:
    """Sends numbered requests, each followed by the settings that are measured on its data.

    Args:
        experiment: the settings, among them those that pieces of one long text depend on.
        link: the line to the worker.
    """

    def __init__(self, experiment: Experiment, link: Link) -> None:
        self._experiment, self._link = experiment, link

    def load(self, number: int, source: DataSource, content: JsProxy, give: bool) -> None:
        """Have these data loaded; arguments as of `Link.send`, with their content as its blob."""
        self._link.send(
            LoadDataCommand(
                type="load_data",
                number=number,
                name=source.name,
                files=source.files,
                options=source.sized_options(self._experiment),
                blob=content,
            ),
            give,
        )
        self._warm_up()

    def change_options(self, number: int, source: DataSource) -> None:
        """Have the data that the worker has loaded with the options of `source`."""
        options = source.sized_options(self._experiment)
        self._link.send(ChangeOptionsCommand(type="change_options", number=number, options=options))
        self._warm_up()

    def load_nothing(self, number: int) -> None:
        """There are no data."""
        self._link.send(
            LoadDataCommand(type="load_data", number=number, name=OWN, files=[], options={})
        )

    def cancel(self) -> None:
        """Have nothing loaded any more."""
        self._link.send(CancelLoadingCommand(type="cancel_loading"))

    def _warm_up(self) -> None:
        settings, code = self._experiment.run(), self._experiment.code
        self._link.send(WarmUpCommand(type="warm_up", settings=settings, code=code))
