"""Every note stands above a line of its program, and one that is new there."""

from __future__ import annotations

import difflib
import re

import pytest

from app.page.learn.html import learn_html
from app.page.learn.lessons import LESSONS
from app.shared.places import PROGRAMS, SCALAR
from app.site.release import program_texts

TEXTS = program_texts()
NOTES = [(name, *note) for name in TEXTS for note in LESSONS[name].notes]


def new_lines(name: str) -> set[int]:
    """The indices of the lines that are not in the program before."""
    before = TEXTS.get(str(int(name) - 1), "").split("\n")
    matcher = difflib.SequenceMatcher(None, before, TEXTS[name].split("\n"), autojunk=False)
    changed = [block[3:] for block in matcher.get_opcodes() if block[0] != "equal"]
    return {line for begin, end in changed for line in range(begin, end)}


def test_every_program_has_a_lesson() -> None:
    assert list(LESSONS) == list(PROGRAMS) == [*TEXTS, SCALAR]
    assert all(LESSONS[name].notes and LESSONS[name].steps for name in TEXTS)


@pytest.mark.parametrize(("name", "anchor", "title", "words"), NOTES)
def test_a_note_stands_above_what_is_new(name: str, anchor: str, title: str, words: str) -> None:
    lines = TEXTS[name].split("\n")
    place = next((line for line, text in enumerate(lines) if text.startswith(anchor)), None)
    assert place is not None, f"{title}: no line begins with {anchor!r}"
    assert place in new_lines(name)
    assert words.endswith(".")
    assert len(re.findall(r"[.!?](?: |$)", words)) <= 4


def test_all_lessons_are_links() -> None:
    html = learn_html()
    for name in PROGRAMS:
        assert f'href="#place=learn&amp;program={name}"' in html
    assert "style=" not in html.replace("data-style=", "")
