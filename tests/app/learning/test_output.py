"""What a program prints, in events: not every line by itself, with the losses in it."""

from __future__ import annotations

import pytest

from app.learning.output import MAX_TOLD_LINES, PrintedLines
from app.shared.learning import PrintedEvent


class Printer:
    """A program's output, with a clock that the test sets."""

    def __init__(self) -> None:
        self.now = 100.0
        self.events: list[PrintedEvent] = []
        self.lines = PrintedLines(7, self.events.append, lambda: self.now)

    def told(self) -> list[str]:
        """All lines that were told."""
        return [text for event in self.events for _, text in event["lines"]]

    def losses(self) -> list[float]:
        return [loss for event in self.events for loss in event["losses"]]


@pytest.fixture
def printer() -> Printer:
    return Printer()


def test_the_first_line_is_told_at_once_and_the_next_ones_together(printer: Printer) -> None:
    print("one", file=printer.lines)
    assert printer.told() == ["one"]
    printer.lines.write("two\nthree\nfo")
    assert printer.told() == ["one"]
    printer.lines.tell()
    assert printer.told() == ["one", "two", "three"]
    printer.lines.write("ur")
    printer.lines.close()
    assert printer.told() == ["one", "two", "three", "four"]
    assert {event["number"] for event in printer.events} == {7}


def test_lines_about_steps_are_one_line_and_all_losses(printer: Printer) -> None:
    printer.lines.write("begin\n")
    printer.lines.write("".join(f"step {n} / 50 | loss {5 - n / 10}\n" for n in range(1, 11)))
    printer.lines.write("end\n")
    printer.lines.close()
    assert printer.told() == ["begin", "step 10 / 50 | loss 4.0", "end"]
    assert printer.losses() == pytest.approx([5 - n / 10 for n in range(1, 11)])
    assert printer.events[-1]["steps"] == 50
    smoothed = printer.events[-1]["smoothed"]
    assert smoothed[0] == pytest.approx(4.9)
    assert smoothed[1] == pytest.approx(0.1 * 4.8 + 0.9 * 4.9)


def test_steps_that_are_not_printed_have_the_loss_of_the_next(printer: Printer) -> None:
    printer.lines.write("step 1 | loss 3\nstep 4 | loss 2\nstep 2 | loss 9\nstep 5 | loss nan\n")
    printer.lines.close()
    assert printer.losses() == [3, 2, 2, 2]


@pytest.mark.parametrize(
    "line", ["a step 3 of wood", "step 3", "step three | loss 2", "step 3 | loss of words"]
)
def test_other_lines_are_lines(printer: Printer, line: str) -> None:
    printer.lines.write(f"{line}\n")
    printer.lines.close()
    assert printer.told() == [line]
    assert printer.losses() == []


def test_of_a_flood_the_end_is_told(printer: Printer) -> None:
    printer.lines.write("first\n")
    printer.lines.write("".join(f"{n}\n" for n in range(10_000)))
    printer.lines.close()
    assert printer.told()[0] == "first"
    assert printer.told()[-1] == "9999"
    assert len(printer.events[-1]["lines"]) == MAX_TOLD_LINES
    assert printer.events[-1]["left_out"] == 10_000 - MAX_TOLD_LINES
