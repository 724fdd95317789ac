"""What is said of links: of what they bring, and of what goes into one."""

from __future__ import annotations

from app.page.brought_words import damaged
from app.page.notices import linked_model
from app.page.share.link_html import (
    LONG_LINK,
    MAX_QR_CHARACTERS,
    about_length,
    about_model,
    about_text,
    left_out,
)
from app.shared.brought import BROUGHT
from app.shared.events import PackedModelEvent
from app.shared.experiment import OWN, Experiment
from app.shared.models import PackedFacts


def facts(data: str = "us-names", steps: int = 1000) -> PackedFacts:
    return PackedFacts(num_params=4192, data=data, steps=steps)


def packed(letters: str, num_letters: int, code: str = "") -> PackedModelEvent:
    return PackedModelEvent(
        type="packed_model",
        number=1,
        letters=letters,
        num_letters=num_letters,
        code=code,
        facts=facts(),
    )


def test_a_linked_model_is_called_by_what_is_known_of_it() -> None:
    assert linked_model(facts()) == (
        "A model that came with this link: 4,192 parameters, trained on US first names for 1,000 "
        "steps."
    )
    short = "A model that came with this link: 4,192 parameters."
    assert linked_model(facts(data="own")) == short
    assert linked_model(facts(data="<b>Click here</b>")) == short

    assert linked_model(facts(steps=0)) == f"{short[:-1]}, trained on US first names."


def test_each_part_of_a_link_that_is_damaged_has_a_sentence() -> None:
    sentences = [damaged(name) for name in BROUGHT]
    assert len(set(sentences)) == len(BROUGHT)
    assert all("cut off or changed" in words and words[-1] == "." for words in sentences)


def test_what_a_link_goes_without_is_said() -> None:
    experiment = Experiment()
    assert left_out(experiment, has_code=False) == ""
    experiment.code = "def gpt(): ..."
    assert left_out(experiment, has_code=True) == ""
    assert left_out(experiment, has_code=False) == "It goes without your model code."
    experiment.data = OWN
    assert left_out(experiment, False) == "It goes without your own text and your model code."


def test_a_model_that_is_too_large_is_said_to_be() -> None:
    assert about_model(packed("abc", 3)) == "4,192 parameters, after 1,000 steps, in 16 bits each."
    assert "code goes with it" in about_model(packed("abc", 3, code="def"))
    assert "81,512 characters" in about_model(packed("", 81_512))


def test_long_links_are_said_to_be_long() -> None:
    assert about_length(MAX_QR_CHARACTERS) == "800 characters."
    assert "QR" in about_length(MAX_QR_CHARACTERS + 1)
    assert "cut" not in about_length(LONG_LINK)
    assert "cut" in about_length(LONG_LINK + 1)


def test_a_long_text_is_told_by_its_beginning() -> None:
    assert about_text("mari") == "“mari”"
    assert about_text("a" * 24) == f"“{'a' * 24}”"
    assert about_text("a" * 25) == f"“{'a' * 24}…”"
