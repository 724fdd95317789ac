"""What MicroPython must be able to do with the tables of the Lab: it runs this by importing it."""

from microgpt.lab.axis import OFFERED, parse_axis
from microgpt.lab.measures import MEASURES, measure
from microgpt.lab.ready import READY
from microgpt.lab.sweep import parse_sweep
from microgpt.settings import SettingError

for text in OFFERED:
    axis = parse_axis(text)
    assert axis.text() == text, (text, axis.text())
    assert axis.label
    assert len(axis.labels()) == len(axis.places)
for row in MEASURES:
    assert measure(row.name) is row
for ready in READY:
    for sweep in ready.sweeps():
        again = parse_sweep(sweep.text())
        assert again.text() == sweep.text(), (again.text(), sweep.text())
        assert again.runs() == sweep.runs()
        assert again.values(again.runs()[0]) == sweep.values(sweep.runs()[0])
refusal = ""
try:
    parse_sweep("n_embd=6,8")
except SettingError as error:
    refusal = str(error)
assert "multiple of the attention heads" in refusal
