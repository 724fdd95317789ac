"""Programs run as files are run: their output, their data, and every way to end."""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from app.learning.program import ProgramRunner
from app.shared.learning import RunProgramCommand
from app.site.release import program_texts
from tests.support.imports import ROOT

NAMES = (ROOT / "datasets" / "us-names.txt").read_bytes()[:40_000]


class Runs:
    """A runner, and what it has said."""

    def __init__(self, home: Path) -> None:
        self.now = 0.0
        self.said: list[Any] = []
        self.runner = ProgramRunner(home, self.said.append, self._clock)

    def _clock(self) -> float:
        self.now += 0.01
        return self.now

    def run(self, source: str, *, steps: int = 3, data: bytes = NAMES, own: bool = False) -> None:
        self.said.clear()
        command = RunProgramCommand(
            type="run",
            number=5,
            name="train3.py",
            source=source,
            steps=steps,
            own=own,
            blob=data,
        )
        self.runner.run(command)

    def of(self, kind: str) -> list[Any]:
        return [event for event in self.said if event["type"] == kind]

    def printed(self) -> list[str]:
        return [text for event in self.of("printed") for _, text in event["lines"]]

    @property
    def ended(self) -> Any:
        (event,) = self.of("ended")
        return event


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


@pytest.mark.parametrize("name", program_texts())
def test_each_program_runs_its_first_steps(runs: Runs, name: str) -> None:
    runs.run(program_texts()[name].replace("20, 0.5", "2, 0.5"), steps=2)
    assert runs.ended["problem"] == ""
    losses = [loss for event in runs.of("printed") for loss in event["losses"]]
    assert len(losses) == 2
    assert losses[0] == pytest.approx(3.3, abs=0.3)
    assert sum(line.startswith("sample") for line in runs.printed()) == 2
    assert runs.of("started")[0]["guessing"] == pytest.approx(3.296, abs=0.001)


def test_more_steps_than_a_run_has_are_a_longer_run(runs: Runs) -> None:
    show = "import sys\nprint(*sys.argv[1:])\n"
    runs.run(show, steps=200)
    assert runs.printed() == ["--stop-after 200"]
    runs.run(show, steps=3000)
    assert runs.printed() == ["--stop-after 3000 --steps 3000"]


def test_other_data_are_named_on_the_command_line(runs: Runs) -> None:
    source = "import sys\nfrom pathlib import Path\nprint(Path(sys.argv[-1]).read_text())\n"
    runs.run(source, data="zwölf".encode(), own=True)
    assert runs.printed() == ["zwölf"]


def test_a_program_is_main_as_a_file_is(runs: Runs) -> None:
    before = dict(sys.modules), list(sys.argv), sys.stdout
    runs.run("import __main__\nx = 3\nprint(__name__, __main__.x, end='.')\n")
    assert runs.printed() == ["__main__ 3."]
    assert (sys.modules["__main__"], sys.argv, sys.stdout) == (
        before[0]["__main__"],
        *before[1:],
    )


def test_an_exception_is_a_sentence_with_its_line_and_a_traceback_of_the_program(
    runs: Runs,
) -> None:
    runs.run("import math\n\ndef f(x):\n    return math.log(x)\n\nprint('so far')\nf(0)\n")
    assert runs.printed() == ["so far"]
    ended = runs.ended
    assert ended["line"] == 4
    assert ended["problem"].startswith("The program broke off in line 4: ValueError: ")
    assert ended["problem"].count(".") == 1 or ended["problem"].endswith(".")
    assert 'File "train3.py", line 7, in <module>' in ended["traceback"]
    assert "    return math.log(x)" in ended["traceback"]
    assert "program.py" not in ended["traceback"]


def test_an_exception_inside_the_library_is_told_at_the_line_that_called_it(runs: Runs) -> None:
    runs.run("import json\n\njson.loads('{')\n")
    assert runs.ended["line"] == 3
    assert "JSONDecodeError" in runs.ended["problem"]


def test_what_is_no_python_is_told_with_its_line(runs: Runs) -> None:
    runs.run("x = 1\nfor i in 3\n    pass\n")
    assert runs.ended["line"] == 2
    assert runs.ended["problem"] == "Line 2 is no valid Python: expected ':'."
    assert "SyntaxError" in runs.ended["traceback"]


def test_exit_codes(runs: Runs) -> None:
    runs.run("raise SystemExit\n")
    assert runs.ended["problem"] == ""
    runs.run("import argparse\nargparse.ArgumentParser().parse_args()\n")
    assert runs.ended["problem"] == "The program has ended itself with exit code 2."
    assert any("unrecognized arguments" in line for line in runs.printed())


def test_endless_recursion_breaks_off(runs: Runs) -> None:
    runs.run("def f():\n    f()\n\nf()\n")
    assert "RecursionError" in runs.ended["problem"]
    assert runs.ended["line"] == 2


def test_a_silent_program_is_told_with_its_line(runs: Runs) -> None:
    """A pulse comes in the midst of it, as from the worker's script."""

    def wait() -> None:
        runs.now += 2

    pulses: Any = ModuleType("pulses")
    pulses.wait, pulses.pulse = wait, runs.runner.pulse
    sys.modules["pulses"] = pulses
    try:
        runs.run(
            "import sys, pulses\nprint('a')\nfor _ in range(4):\n    pulses.wait()\n"
            "    pulses.pulse(sys._getframe())\n"
        )
    finally:
        del sys.modules["pulses"]
    silent = runs.of("silent")
    assert [event["line"] for event in silent] == [5, 5, 5]
    assert [round(event["seconds"]) for event in silent] == [4, 6, 8]
    assert runs.ended["problem"] == ""
    runs.runner.pulse(None)  # nothing runs
    assert len(runs.of("silent")) == 3
