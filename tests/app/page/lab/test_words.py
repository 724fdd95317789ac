"""What is said of experiments: guesses, tables, ranks."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.page.lab.experiments import open_experiment
from app.page.lab.guess_html import answer_html, question_html, share_of, value_at
from app.page.lab.lab_html import lab_html
from app.page.lab.table_html import point_words, ranks_html, table_html
from app.page.lab.told import Told
from microgpt.lab.ready import CHOICE_GUESS, NUMBER_GUESS, READY, ready_experiment
from tests.app.page.lab.told_points import point, told_of

TWO = open_experiment("data=words;n_embd=8,16;seeds=3")


class Balanced(HTMLParser):
    """Counts the elements that are open."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        del attrs
        if tag != "input":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("name", [ready.name for ready in READY])
def test_a_guess_is_asked_and_shown_beside_the_answer(name: str) -> None:
    guess = ready_experiment(name).guess
    given_answer = value_at(guess, 0.25) if guess.kind == NUMBER_GUESS else guess.options[0]
    measured = value_at(guess, 0.75) if guess.kind == NUMBER_GUESS else guess.options[-1]
    for html in (
        question_html(guess, None),
        question_html(guess, given_answer),
        answer_html(guess, None, measured),
        answer_html(guess, given_answer, measured),
        answer_html(guess, given_answer, "never"),
    ):
        assert Balanced(html).open == []
        assert guess.question in html
    assert "You have not guessed" in answer_html(guess, None, measured)
    assert "yours" in answer_html(guess, given_answer, measured)


@given(share=st.floats(0, 1), number=st.sampled_from(range(len(READY))))
def test_a_slider_stands_where_its_value_is(share: float, number: int) -> None:
    guess = READY[number].guess
    if guess.kind == CHOICE_GUESS:
        return
    value = value_at(guess, share)
    assert guess.low * 0.99 <= value <= guess.high * 1.01
    assert share_of(guess, value) == pytest.approx(share, abs=0.01)


def test_an_answer_that_was_no_option_is_shown_all_the_same() -> None:
    guess = open_experiment("context").guess
    assert guess is not None
    assert '<span class="guess-tile measured"><span>5</span>' in answer_html(guess, "2", "5")


def test_the_table_has_a_row_for_each_point_that_was_measured() -> None:
    html = table_html(TWO, told_of(TWO, [point(0, 1, [1.5, 2.0, 2.5])]))
    assert html.count("<tr>") == 2
    assert "Embedding size 16" in html
    assert "<td>2.000</td><td>1.500 to 2.500</td>" in html
    assert 'data-opens="0:1:42"' in html
    assert "yet" in table_html(TWO, Told())


def test_runs_that_diverged_are_said() -> None:
    assert "(3 diverged)" in table_html(TWO, told_of(TWO, [point(0, 0, [])]))


def test_a_point_says_its_settings_what_was_measured_and_what_it_writes() -> None:
    assert point_words(TWO, point(0, 0, [1.5, 2.0, 2.5]), None) == (
        "Embedding size 8: 2.000, 4 of 5 runs from 1.500 to 2.500. It writes “mara”."
    )
    one = point(0, 0, [2.0, 2.0, 2.0])
    one["runs"] = [(42, 2.125)]
    assert point_words(TWO, one, 42) == "Seed 42: 2.125."


def test_ranks_say_how_much_likelier_a_document_made_the_text() -> None:
    ranks = [("emma", -0.7, 0.1, True), ("<b>", 0.01, 0.1, False)]
    html = ranks_html(ranks)
    assert Balanced(html).open == []
    assert "2 times as likely" in html
    assert "&lt;b&gt;" in html
    assert "within the noise" in html
    many = [(f"name {number}", number - 25.0, 0.1, True) for number in range(50)]
    assert ranks_html(many).count("<li") == 20
    assert ranks_html([]) == ""


def test_the_whole_place_is_well_formed_and_lists_every_experiment() -> None:
    html = lab_html()
    assert Balanced(html).open == []
    assert [html.count(f'data-experiment="{ready.name}"') for ready in READY] == [1] * len(READY)
