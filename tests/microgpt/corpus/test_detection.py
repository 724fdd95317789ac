"""Detection of encodings from before Unicode, in real texts, where the package is installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from microgpt.corpus.decoding import LEGACY_ENCODINGS, DecodedText, decode
from microgpt.corpus.detection import DETECTION_PACKAGE, can_detect, detect_encoding
from microgpt.corpus.progress import CHUNK_SIZE
from microgpt.generators import drain

DATASETS = Path(__file__).resolve().parents[3] / "datasets"
# Of each text a list of short lines, and a paragraph.
TEXTS = {
    "japanese": (
        "さくら\nひなた\n佐藤\n鈴木\n高橋\n",
        "吾輩は猫である。名前はまだ無い。\nどこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で"
        "ニャーニャー泣いていた事だけは記憶している。\n",
    ),
    "simplified": (
        "北京\n上海\n广州\n深圳\n成都\n重庆\n",
        "人生在世，总有一些事情让人难以忘记。今天的天气很好，我们一起去公园散步。\n",
    ),
    "traditional": (
        "台北\n高雄\n台中\n新竹\n花蓮\n",
        "道可道，非常道。名可名，非常名。無名天地之始；有名萬物之母。\n",
    ),
    "korean": (
        "서울\n부산\n대구\n인천\n광주\n",
        "모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.\n",
    ),
    "russian": (
        "Москва\nНовосибирск\nЕкатеринбург\nКазань\n",
        "Все счастливые семьи похожи друг на друга, каждая несчастливая семья несчастлива "
        "по-своему.\nВсё смешалось в доме Облонских.\n",
    ),
    "greek": ("Αθήνα\nΘεσσαλονίκη\nΠάτρα\n", "Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι.\n"),
    "thai": ("กรุงเทพมหานคร\nเชียงใหม่\n", "มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกัน\n"),
    "french": (
        "zoé\nnoël\nfrançois\nhélène\n",
        "Longtemps, je me suis couché de bonne heure. Parfois, à peine ma bougie éteinte, mes yeux "
        "se fermaient si vite que je n'avais pas le temps de me dire : « Je m'endors. »\n",
    ),
    "german": (
        "Müller\nGröße\nJürgen\nKäthe\n",
        "Er lag auf seinem panzerartig harten Rücken und sah, wenn er den Kopf ein wenig hob, "
        "seinen gewölbten, braunen Bauch.\n",
    ),
    "finnish": ("Määttä\nJääskeläinen\n", "Kaikki ihmiset syntyvät vapaina ja tasavertaisina.\n"),
    "icelandic": ("Þórður\nGuðrún\nÓlöf\n", "Hver maður er borinn frjáls og jafn öðrum.\n"),
    "spanish": ("José\nMuñoz\nÁngel\n", "¿Qué más da? ¡Así es la montaña!\n"),
    "english": ("naïve café\n£5\n", "“Well,” she said – “it’s fine.” He didn’t answer…\n"),
}
ENCODED = [
    ("japanese", "cp932"),
    ("japanese", "euc-jp"),
    ("simplified", "gb18030"),
    ("traditional", "cp950"),
    ("korean", "cp949"),
    ("russian", "cp1251"),
    ("russian", "koi8-r"),
    ("russian", "cp866"),
    ("greek", "cp1253"),
    ("thai", "cp874"),
    *((name, "cp1252") for name in ("french", "german", "finnish", "icelandic", "spanish")),
    ("english", "cp1252"),
    ("french", "iso8859-1"),
]

needs_package = pytest.mark.skipif(not can_detect(), reason=f"{DETECTION_PACKAGE} is not installed")


def decoded(content: bytes) -> DecodedText:
    return drain(decode(content, "auto", "'x'"))


@needs_package
@pytest.mark.parametrize(("text", "encoding"), ENCODED)
def test_texts_are_read_as_they_were_written(text: str, encoding: str) -> None:
    names, paragraph = TEXTS[text]
    for content in (names, paragraph, names + paragraph, (names + paragraph) * 300):
        if content.isascii():
            continue
        found = decoded(content.encode(encoding))
        assert "".join(found.chunks) == content
        assert (found.guessed, found.unreadable) == (True, 0)
        assert "does not say how its letters are encoded" in found.remarks("'x'")[0]


@needs_package
@pytest.mark.parametrize(
    ("data_set", "encoding"),
    [("japanese-names", "cp932"), ("japanese-names", "euc-jp"), ("icelandic-names", "cp1252")],
)
def test_parts_of_a_data_set_are_read_as_they_were_written(data_set: str, encoding: str) -> None:
    lines = (DATASETS / f"{data_set}.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if not line.isascii()]
    for first in range(0, len(lines) - 20, 200):
        content = "\n".join(lines[first : first + 20])
        assert "".join(decoded(content.encode(encoding)).chunks) == content


@needs_package
def test_a_single_word_is_taken_for_western_european_while_nothing_outweighs_it() -> None:
    for word in ("é", "Å", "ÅÄÖ", "ÜBER", "£5", "DÉJÀ VU", "20 °C", "Maß"):
        assert "".join(decoded(word.encode("cp1252")).chunks) == word


@needs_package
@pytest.mark.parametrize("encoding", ["cp932", "euc-jp", "gb18030"])
@pytest.mark.parametrize("shift", range(3))
def test_a_long_text_without_a_single_ascii_byte(encoding: str, shift: int) -> None:
    """The sample ends within a character."""
    text = "猫" * shift + "吾輩は猫である。名前はまだ無い。" * 10_000
    assert "".join(decoded(text.encode(encoding)).chunks) == text


@needs_package
def test_a_text_that_begins_in_ascii() -> None:
    text = "plain words\n" * CHUNK_SIZE + "吾輩は猫である。\nどこで生れたかとんと見当がつかぬ。\n"
    assert "".join(decoded(text.encode("cp932")).chunks) == text


@needs_package
@given(st.binary(min_size=1).filter(lambda content: not content.isascii()))
def test_what_is_detected_is_a_candidate_that_the_text_can_be_in(content: bytes) -> None:
    encoding = drain(detect_encoding(content, LEGACY_ENCODINGS))
    assert encoding is None or content.decode(encoding)


def test_without_the_package_nothing_is_detected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microgpt.corpus.detection.find_spec", lambda name: None)
    assert drain(detect_encoding("Москва".encode("cp1251"), LEGACY_ENCODINGS)) is None


def test_the_package_is_named_before_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("microgpt.corpus.decoding.can_detect", lambda: False)
    for text, package in ((b"plain", ""), ("zoé".encode(), ""), (b"zo\xe9", DETECTION_PACKAGE)):
        named = [progress.package for progress in decode(text, "auto", "'x'")]
        assert [name for name in named if name] == ([package] if package else [])
