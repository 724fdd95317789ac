"""A run of an experiment is opened: the playground trains it once more, with all that it shows."""

import json

from app.page.lab.experiments import WINDOW, LabExperiment, without_lab_settings
from app.page.workplace import Workplace
from app.shared.experiment import DEFINING_SETTINGS, SAMPLING_SETTINGS, Experiment
from app.shared.places import PLAYGROUND

LAB_TEXTS = "app/page/lab/lab.json"  # written by the build


def open_run(work: Workplace, experiment: LabExperiment, sweep: int, place: int, seed: int) -> None:
    """Show a run in the playground, and train it there; what is amiss is said."""
    values = experiment.values(sweep, place, seed)
    num_docs, window = int(values["num_docs"]), int(values["window"])
    settings = without_lab_settings(values)
    fresh = Experiment()
    fresh.data, fresh.place = experiment.data, PLAYGROUND
    fresh.open, fresh.code_open = work.experiment.open, work.experiment.code_open
    left_out = fresh.take({name: settings[name] for name in DEFINING_SETTINGS + SAMPLING_SETTINGS})
    fresh.code = windowed_code(window) if window else ""
    words = []
    if num_docs:
        words.append(
            f"In the Lab this run had {num_docs:,} training documents; here it has all of them."
        )
    if left_out:
        words.append(f"The sliders cannot show all of its settings: {', '.join(left_out)}.")
    work.make_room(fresh)
    exact = {name: settings[name] for name in DEFINING_SETTINGS}
    work.run.start_exactly(exact, " ".join(words))


def windowed_code(window: int) -> str:
    """The model code whose attention reads this many tokens."""
    with open(LAB_TEXTS) as file:  # noqa: PTH123 - MicroPython has no pathlib
        template: str = json.load(file)["windowed"]
    return template.replace(WINDOW, str(window))
