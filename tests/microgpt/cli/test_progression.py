"""The six programs from the command line, and as files of their own."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from microgpt.progression import TITLES
from tests.support.command import COMMAND, done_objects, error_line, objects, output
from tests.support.imports import ROOT
from tests.support.processes import SECONDS, started

NUMBERS = range(len(TITLES))


def file_of(number: int) -> list[str]:
    """The command that runs a program as a file."""
    return [sys.executable, str(ROOT / "microgpt" / "progression" / f"train{number}.py")]


def call_file(number: int, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*file_of(number), *arguments],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=SECONDS,
        check=False,
    )


@pytest.mark.parametrize(
    ("number", "form"), [*((number, []) for number in NUMBERS), (1, ["--json"])]
)
def test_the_command_and_the_file_print_the_same(
    number: int, form: list[str], tmp_path: Path
) -> None:
    arguments = ["--data", "baby-names", "--steps", "9", "--stop-after", "2", "--seed", "3", *form]
    done = call_file(number, *arguments, folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == output("progression", str(number), *arguments)
    assert len(done.stdout.splitlines()) >= 22


def test_json_is_that_of_train() -> None:
    arguments = ["--json", "--steps", "3"]
    lines = objects(output("progression", "5", *arguments))
    assert [list(line) for line in lines] == [["step", "loss"]] * 3 + [["sample"]] * 20
    trained = done_objects(output("train", *arguments, "--engine", "scalar"))
    assert lines == trained


def test_a_file_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("ab\n\n ba \r\n", encoding="utf-8")
    arguments = ["--data", str(path), "--steps", "2"]
    done = call_file(0, "--data", "mine.txt", "--steps", "2", folder=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == output("progression", "0", *arguments)
    assert {*done.stdout} >= {"a", "b"}


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("", "number"),
        ("6", "invalid choice: 6"),
        ("three", "three"),
        ("3 --steps 0", "Training steps must lie between 1 and 1000000, but is 0"),
        ("3 --stop-after 0", "--stop-after must be at least 1, but is 0"),
        ("3 --seed -1", "Seed must lie between"),
        ("3 --data no-such-data", "no data set or file called 'no-such-data'"),
        ("3 --n-embd 8", "--n-embd"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(arguments: str, part: str) -> None:
    assert part in error_line("progression", *arguments.split())


def test_all_programs_read_their_options_alike() -> None:
    texts = [Path(file_of(number)[1]).read_text(encoding="utf-8") for number in NUMBERS]
    assert len({text[text.index("def main(") :] for text in texts}) == 1


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ("--steps many", "'many'"),
        ("--steps 0", "at least one line of text and one step"),
        ("--stop-after 0", "at least one line of text and one step"),
        ("--data no-such-data", "'no-such-data' cannot be read"),
        ("--data .", "'.' cannot be read"),
        ("--data blank.txt", "at least one line of text and one step"),
        ("--data binary.txt", "'binary.txt' cannot be read"),
    ],
)
def test_a_program_with_bad_input_is_one_line_and_exit_2(
    arguments: str, part: str, tmp_path: Path
) -> None:
    (tmp_path / "blank.txt").write_text("\n \n", encoding="utf-8")
    (tmp_path / "binary.txt").write_bytes(b"\xff\xfe\x00")
    done = call_file(3, *arguments.split(), folder=tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("train3.py: error: ")
    assert part in done.stderr
    assert done.stderr.count("\n") == 1


LONG_RUNS = {"command": [*COMMAND, "progression", "0"], "file": file_of(0)}


@pytest.mark.parametrize(
    ("command", "code", "told"), [("command", 130, "microgpt: stopped"), ("file", 1, "")]
)
def test_ctrl_c_stops_at_once(command: str, code: int, told: str) -> None:
    with started([*LONG_RUNS[command], "--steps", "1000000", "--json"]) as process:
        assert process.stdout is not None
        assert '"step": 1,' in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate()
        assert (process.returncode, errors.strip()) == (code, told)


@pytest.mark.parametrize("command", LONG_RUNS)
def test_the_reader_of_the_output_goes_away(command: str) -> None:
    with started([*LONG_RUNS[command], "--steps", "1000000"]) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline()
        process.stdout.close()
        assert process.wait(SECONDS) == 1
        assert process.stderr.read() == ""
