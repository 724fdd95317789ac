"""A data set that comes with the playground, as a row of the table in `presets.py`.

Plain Python that MicroPython understands.
"""

from app.shared.typed import TYPE_CHECKING, SettingValues

if TYPE_CHECKING:
    from collections.abc import Mapping

# The settings that a preset recommends values for, in this order.
RECOMMENDED_SETTINGS = (
    "n_embd",
    "n_head",
    "n_layer",
    "block_size",
    "learning_rate",
    "num_steps",
    "batch_size",
    "temperature",
)


class Preset:
    """A data set: its words on the page, its size, and the recommended settings.

    Args:
        name: its name in the address; its file is called the same, with `.txt`.
        title: what it is called on the page.
        group: the heading that it stands under; those of a group stand together.
        description: one sentence on what is in it.
        n_docs: the number of documents.
        noun: what one document is called; an "s" makes it plural.
        recommended: values for `RECOMMENDED_SETTINGS` that give a good model within seconds.
        is_task: whether each line is right or wrong.
        further: values that are recommended for other settings than `RECOMMENDED_SETTINGS`.
    """

    def __init__(
        self,
        name: str,
        title: str,
        group: str,
        description: str,
        n_docs: int,
        noun: str,
        recommended: tuple[float, ...],
        is_task: bool = False,
        further: "Mapping[str, int | float | str] | None" = None,
    ) -> None:
        self.name = name
        self.title = title
        self.group = group
        self.description = description
        self.file = name + ".txt"
        self.n_docs = n_docs
        self.noun = noun
        self.is_task = is_task
        self.recommended: SettingValues = {
            RECOMMENDED_SETTINGS[i]: value for i, value in enumerate(recommended)
        }
        self.recommended.update(further or {})
