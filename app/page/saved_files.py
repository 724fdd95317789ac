"""What is shown, saved as files: pictures, and the losses of the run as tables."""

import json

from pyscript import document, window

from app.page.aliases import JsProxy
from app.page.data_key import without
from app.page.errors import spawn
from app.page.run import RunRecord
from app.page.views.dom import find, listen, set_text
from app.page.views.save_html import TABLE_KINDS
from app.page.workplace import Workplace
from app.shared.experiment import RUN_SETTINGS
from app.shared.presets import DEFAULT_PRESET
from app.shared.presets import find as find_preset
from app.shared.typed import Any, SettingValues
from microgpt.settings import setting

NOT_SAVED = "This could not be saved: check your connection, then try again."
MADE_WITH = "Made with the microgpt playground."
# What the pictures are of, by their name; the others show the text at its caret.
RUN_PICTURES = ("loss",)
DATA_PICTURES = ("lengths",)
LEARN_PICTURES = ("program-loss", "scalar-graph")
LAB_PICTURE = "lab"


class SavedFiles:
    """The buttons that save something, wherever they are: see `views/save_html.py`.

    What is saved as a picture has a `data-picture`, its name, and a `data-title`.

    Args:
        workplace: what is shown.
    """

    def __init__(self, workplace: Workplace) -> None:
        self._workplace = workplace
        listen(document.body, "click", self._press)

    def _press(self, event: JsProxy) -> None:
        button = event.target.closest("[data-save]")
        if button is not None:
            spawn(self._save(button, str(button.dataset.save)))

    async def _save(self, button: JsProxy, kind: str) -> None:
        said = button.parentElement.querySelector(".save-said")
        set_text(said, "")
        try:
            saving = await window.microgpt.loadSaving()
            if kind in TABLE_KINDS:
                self._save_losses(saving, kind)
            else:
                await self._save_picture(saving, pictured(button), kind)
        except Exception as error:
            window.console.warn(str(error))
            set_text(said, NOT_SAVED)

    async def _save_picture(self, saving: JsProxy, element: JsProxy, kind: str) -> None:
        name, title = str(element.dataset.picture), str(element.dataset.title)
        detail, about = self._told(name)
        await saving.savePicture(element, kind, f"{name} {detail}", title, f"{about} {MADE_WITH}")

    def _told(self, name: str) -> tuple[str, str]:
        """What a picture's file is called besides its name, and what is said of the picture."""
        run, experiment = self._workplace.run.current, self._workplace.experiment
        if name in RUN_PICTURES and run is not None:
            return run_name(run), run_words(run)
        if name in RUN_PICTURES:
            title = picture_title(DEFAULT_PRESET, "")
            return "", f"The model that comes with the page. Data: {title}."
        if name in DATA_PICTURES:
            data = experiment.data
            return data, f"Data: {picture_title(data, experiment.leave_out)}."
        if name == LAB_PICTURE:
            title, finding = (find(f"lab-{part}").textContent for part in ("title", "finding"))
            return title, f"{title} {finding}".strip()
        if name in LEARN_PICTURES:
            return "", f"{find('lesson-title').textContent}."
        text = self._workplace.generation.document.text_before_caret
        words = f"The text so far: “{text}”. {find('model-name').textContent}"
        if run is not None:
            words = f"{words} {run_words(run)}"
        return f"after {text}" if text else "", words

    def _save_losses(self, saving: JsProxy, kind: str) -> None:
        run = self._workplace.run.current
        if run is not None:
            curves = run.curves
            about = json.dumps(losses_about(run))
            name = f"losses {run_name(run)}"
            saving.saveLosses(curves.raw.values, curves.smooth.values, kind, name, about)


def pictured(button: JsProxy) -> JsProxy:
    """The element that a button saves."""
    of = button.parentElement.getAttribute("data-of")
    return find(of) if of else button.closest("[data-picture]")


def losses_about(run: RunRecord) -> "dict[str, Any]":
    """What `static/saving.mjs` needs to know of a run beside its losses."""
    series = run.series
    about: dict[str, Any] = {
        "data": run.data_name,
        "leave_out": run.unit[0][2],
        "steps": run.step,
        "num_steps": series.num_steps,
        "num_params": run.num_params,
        "chars_per_token": series.chars_per_token,
        "engine": run.engine,
        "precision": run.precision,
        "seconds": run.seconds,
        "settings": run.settings,
    }
    if run.base_step:
        about["continued_from_step"] = run.base_step
    if run.code:
        about["code"] = run.code
    evaluations = {
        "heldOut": series.held_out,
        "allHeldOut": series.all_held_out,
        "accuracy": series.accuracy,
        "trainAccuracy": series.train_accuracy,
        "charsPerToken": series.chars_per_token,
    }
    return {"run": about, "evaluations": evaluations}


def run_name(run: RunRecord) -> str:
    """What tells a run's files from others."""
    return f"{run.data_name} {run.step} steps"


def run_words(run: RunRecord) -> str:
    """A run in words: its data, its settings, how far it is."""
    title = picture_title(run.data_name, run.unit[0][2])
    return (
        f"Data: {title}. Step {run.step:,} of {run.series.num_steps:,}; "
        f"{run.num_params:,} parameters. {settings_words(run.settings)}."
    )


def settings_words(values: SettingValues) -> str:
    """The settings of a run with their labels."""
    rows = [setting(name) for name in RUN_SETTINGS if name in values]
    return "; ".join([f"{row.label}: {row.words(values[row.name])}" for row in rows])


def picture_title(name: str, leave_out: str) -> str:
    """What data are called, with what is left out of them."""
    preset = find_preset(name)
    return ("one's own" if preset is None else preset.title) + without(leave_out)
