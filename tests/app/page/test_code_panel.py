"""The panel of the model code as HTML and words."""

from __future__ import annotations

import re

from app.page.code.panel_html import FITS_UNEDITED, NOT_READ, panel_html, state_words
from app.page.code_check import CodeCheck
from app.shared.experiment import Experiment

EDIT = {"name": "silu", "title": "A < B", "sentence": "Smooth.", "held_out": None}
LOSS = {"mean": 2.3456, "std": 0.0123}


def test_one_line_says_whether_the_code_fits() -> None:
    experiment = Experiment()
    check = CodeCheck(experiment)
    assert state_words(check, edited=False) == FITS_UNEDITED
    experiment.code = "one"
    check.begin(waiting=True)
    assert state_words(check, edited=True) == NOT_READ
    check.take("", 0, 4192)
    assert state_words(check, edited=True) == "Fits: 4,192 parameters."
    check.take("Line 1: no.", 1, 0)
    assert state_words(check, edited=True) == "Line 1: no."


def test_losses_are_shown_where_they_are_known() -> None:
    html = panel_html([EDIT, {**EDIT, "held_out": LOSS}], LOSS)
    assert re.findall(r'class="figures">(.*?)<', html) == ["2.346\u00a0±\u00a00.012"]
    assert "As it came, the model has 2.346\u00a0±\u00a00.012." in html
    assert "A &lt; B" in html
    assert "As it came" not in panel_html([EDIT], None)
