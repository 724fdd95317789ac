"""The session's data: files are loaded in slices, and nothing is lost by a failure."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Coroutine
from itertools import pairwise
from typing import Any

import pytest

from microgpt.settings import setting
from tests.support.fakes import (
    NAMES,
    ONE_PIECE,
    PONG,
    TEXT,
    FakeWorker,
    Message,
    paste,
    ready_to_train,
    run_settings,
    the_error,
    training,
)

LONG = "".join(f"line {number} of a text that takes a while\n" for number in range(60_000)).encode()
CSV = b"name,town\nanna,Bern\nbob,Basel\ncleo,Chur\n"


def begin(worker: FakeWorker, number: int = 2, **options: Any) -> list[Message]:
    """Have a worker load a text that takes several slices; returns what it posts at once."""
    return worker.tell(
        "load_data", number=number, name="long", files=[("", len(LONG))], options=options, blob=LONG
    )


def start(worker: FakeWorker) -> Message:
    """Start a run on the current data; returns its `started` event."""
    worker.tell("start", settings=run_settings(num_steps=2))
    return worker.of("started")[-1]


# ---- data ----------------------------------------------------------------------------------------


def test_data_are_loaded_and_summarized() -> None:
    described = paste(FakeWorker(), TEXT, number=7)
    assert (described["type"], described["number"], described["name"]) == ("data_loaded", 7, "own")
    statistics = described["statistics"]
    assert statistics["documents"] == len(NAMES)
    assert statistics["characters"] == sum(map(len, NAMES))
    assert statistics["num_chars"] == len(set("".join(NAMES)))
    assert dict(statistics["vocabulary"])["a"] == "".join(NAMES).count("a")
    assert described["preview"] == NAMES


def test_short_data_are_loaded_at_once() -> None:
    answers = FakeWorker().tell("load_data", number=1, files=[("", len(TEXT))], blob=TEXT)
    assert [answer["type"] for answer in answers] == ["data_loaded"]


def test_the_cuts_are_posted_for_every_stop_of_the_context_length() -> None:
    (_, *cuts) = zip(*paste(FakeWorker(), b"abc\n" + b"x" * 20)["statistics"]["cut"], strict=True)
    assert cuts[0] == (1, 1, 0, 0)  # of stops 8, 16, 32 and 64
    assert cuts[1] == (13 / 25, 5 / 25, 0, 0)


def test_data_are_split_into_lines_however_they_end() -> None:
    described = paste(FakeWorker(), "\ufeff  zoë \r\n\r\nÅsa\r\n 林\t\n".encode())
    assert described["statistics"]["documents"] == 3
    assert described["preview"] == ["zoë", "Åsa", "林"]


def test_the_event_is_short_however_large_the_data_are() -> None:
    many = "".join(map(chr, range(0x4E00, 0x4E00 + 9000)))
    described = paste(FakeWorker(), "\n".join([many] * 300).encode())
    assert described["statistics"]["documents"] == 300
    assert described["statistics"]["num_chars"] == 9000
    assert len(str(described)) < 40_000


def test_several_files_are_loaded_one_after_the_other() -> None:
    worker = FakeWorker()
    one, two = "zoë\n".encode(), gzip.compress(b"anna\nbob\n")
    files = [("a.txt", len(one)), ("b.gz", len(two))]
    worker.tell("load_data", number=1, files=files, blob=one + two)
    worker.work(until=lambda: bool(worker.answers(1)))
    assert worker.answers(1)[-1]["preview"] == ["zoë", "anna", "bob"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\t\r\n ", "empty"),
        (b"\xef\xbb\xbf", "empty"),
        (b"\x89PNG\r\n\x1a\n\0\xff\xfe", "not text"),
        (gzip.compress(TEXT, mtime=0)[:-9], "damaged"),
    ],
)
def test_unreadable_files_are_refused_and_the_current_data_stay(content: bytes, words: str) -> None:
    worker = ready_to_train()
    refused = paste(worker, content, number=2)
    assert refused["type"] == "data_refused"
    assert words in refused["message"]
    assert start(worker)["num_docs"] == len(NAMES)


def test_a_start_without_data_is_refused() -> None:
    worker = FakeWorker()
    assert "no text" in the_error(worker.tell("start", settings=run_settings()), "start")
    assert worker.session.work() is None


def test_no_files_are_no_data() -> None:
    worker = ready_to_train()
    assert worker.tell("load_data", number=2, files=[]) == []
    assert "no text" in the_error(worker.tell("start", settings=run_settings()), "start")


# ---- options -------------------------------------------------------------------------------------


def test_options_load_the_same_files_anew() -> None:
    worker = ready_to_train()
    paste(worker, CSV, number=2, format="table")
    worker.tell(
        "change_options", number=3, options={"format": "table", "column": "town", "case": "lower"}
    )
    worker.work(until=lambda: bool(worker.answers(3)))
    described = worker.answers(3)[-1]
    assert described["preview"] == ["bern", "basel", "chur"]
    assert described["info"]["column"] == "town"
    assert [column["name"] for column in described["info"]["columns"]] == ["name", "town"]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"case": "upside down"}, "Case"),
        ({"format": "table", "column": "age"}, "no column called 'age'"),
        ({"rare": "drop", "rare_below": 1000}, "Nothing is left"),
    ],
)
def test_invalid_options_leave_everything_as_it_was(options: Message, words: str) -> None:
    worker = FakeWorker()
    paste(worker, CSV, number=1)
    worker.tell("change_options", number=2, options=options)
    worker.work(until=lambda: bool(worker.answers(2)))
    assert worker.answers(2)[-1]["type"] == "data_refused"
    assert words in worker.answers(2)[-1]["message"]
    assert start(worker)["num_docs"] == 4


def test_unknown_options_are_answered_with_an_error() -> None:
    worker = FakeWorker(may_fail=True)
    paste(worker, TEXT)
    the_error(worker.tell("change_options", number=2, options={"x": 1}), "change_options")
    assert "CorpusOptions" in worker.reports[0]
    assert start(worker)["num_docs"] == len(NAMES)


def test_another_context_length_alone_keeps_the_run_that_is_ready() -> None:
    worker = ready_to_train()
    worker.tell("warm_up", settings=run_settings())
    worker.work()
    compilations = worker.compilations
    worker.tell("change_options", number=2, options={"block_size": 32})
    worker.work()
    assert worker.answers(2)[-1]["type"] == "data_loaded"
    assert worker.compilations == compilations


def test_pieces_follow_the_context_length() -> None:
    worker = FakeWorker()
    assert len(paste(worker, b"abcdefghijkl", cut="windows", block_size=4)["preview"]) == 3
    worker.tell("change_options", number=2, options={"cut": "windows", "block_size": 6})
    worker.work(until=lambda: bool(worker.answers(2)))
    assert worker.answers(2)[-1]["preview"] == ["abcdef", "ghijkl"]


def test_the_recommended_settings_are_valid() -> None:
    recommendation = paste(FakeWorker(), TEXT)["info"]["recommendation"]
    for name, value in recommendation.items():
        assert setting(name).check(value) == value


# ---- encodings -----------------------------------------------------------------------------------


@pytest.fixture
def detection(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The packages that were installed, among which detection looks for its own."""
    installed: list[str] = []
    for module in ("decoding", "detection"):
        monkeypatch.setattr(f"microgpt.corpus.{module}.can_detect", lambda: bool(installed))
    return installed


def test_a_package_is_installed_once_a_text_needs_it(detection: list[str]) -> None:
    async def install(package: str) -> None:
        detection.append(package)

    worker = FakeWorker(install=install)
    paste(worker, "Москва\n".encode())
    assert detection == []
    for number in (2, 3):
        described = paste(worker, "Москва\nКазань\n".encode("koi8-r"), number=number)
        assert described["preview"] == ["Москва", "Казань"]
        assert described["info"]["encodings"] == [["", "koi8-r", True]]
        assert detection == ["charset-normalizer"]


def test_the_worker_says_what_it_waits_for_and_answers_meanwhile(detection: list[str]) -> None:
    async def install(package: str) -> None:
        detection.append(package)

    worker = FakeWorker(install=install)
    begun: list[Coroutine[Any, Any, None]] = []
    worker.run_spawned = begun.append
    text = "Москва\nНовосибирск\nКазань\n".encode("koi8-r")
    worker.tell("load_data", number=1, files=[("", len(text))], blob=text)
    worker.seconds(1)
    waits = [message["what"] for message in worker.of("loading_progress")]
    assert set(waits) == {"Loading charset-normalizer, which detects encodings"}
    assert len(waits) > 5
    assert worker.tell("ping") == [PONG]
    assert not worker.answers(1)
    (installing,) = begun
    asyncio.run(installing)
    worker.work(until=lambda: bool(worker.answers(1)))
    assert worker.answers(1)[-1]["preview"] == ["Москва", "Новосибирск", "Казань"]


def test_a_text_is_read_as_latin_1_where_the_package_cannot_be_had(detection: list[str]) -> None:
    tried = []

    async def install(package: str) -> None:
        tried.append(package)
        raise OSError("no network")

    worker = FakeWorker(may_fail=True, install=install)
    text = "zoë\n".encode("latin-1")
    files = [("a.txt", len(text)), ("b.txt", len(text))]
    worker.tell("load_data", number=1, files=files, blob=text + text)
    worker.work(until=lambda: bool(worker.answers(1)))
    (described,) = worker.answers(1)
    assert described["preview"] == ["zoë", "zoë"]
    assert "Western European (Latin-1)" in described["info"]["remarks"][0]
    assert len(tried) == len(worker.reports) == 1, "it is asked for once in one upload"
    assert "no network" in worker.reports[0]
    assert detection == []


# ---- in slices -----------------------------------------------------------------------------------


def test_loading_posts_its_progress() -> None:
    worker = FakeWorker(ONE_PIECE)
    assert begin(worker) == []
    worker.work(until=lambda: bool(worker.answers(2)))
    shares = [message["share"] for message in worker.of("loading_progress")]
    times = [posted.at for posted in worker.posted if posted.message["type"] == "loading_progress"]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1
    assert min(b - a for a, b in pairwise(times)) >= 0.1
    assert worker.answers(2)[-1]["statistics"]["documents"] == 60_000


def test_other_messages_are_answered_while_files_are_loaded() -> None:
    worker = FakeWorker(ONE_PIECE)
    begin(worker)
    worker.slices(2)
    assert worker.tell("ping") == [PONG]
    assert not worker.answers(2)


def test_cancelling_leaves_the_current_data() -> None:
    worker = ready_to_train(ONE_PIECE)
    begin(worker)
    worker.slices(2)
    assert worker.tell("cancel_loading") == [{"type": "data_refused", "number": 2, "message": ""}]
    worker.work()
    assert not worker.of("data_loaded")[1:]
    assert start(worker)["num_docs"] == len(NAMES)


def test_there_is_nothing_to_cancel_once_all_is_loaded() -> None:
    assert ready_to_train().tell("cancel_loading") == []


def test_other_files_replace_those_that_are_being_loaded() -> None:
    worker = FakeWorker(ONE_PIECE)
    begin(worker)
    worker.slices(2)
    paste(worker, TEXT, number=3)
    worker.work()
    assert not worker.answers(2)
    assert start(worker)["num_docs"] == len(NAMES)


def test_options_apply_to_the_files_that_are_being_loaded() -> None:
    worker = ready_to_train(ONE_PIECE)
    begin(worker)
    worker.slices(2)
    worker.tell("change_options", number=3, options={"cut": "paragraphs"})
    worker.work(until=lambda: bool(worker.answers(3)))
    described = worker.answers(3)[-1]
    assert (described["name"], described["statistics"]["documents"]) == ("long", 1)


def test_the_current_run_keeps_its_documents() -> None:
    settings = run_settings(num_steps=20)
    alone = training(settings)
    alone.work()
    worker = training(settings, tick=0.003)
    worker.work(until=lambda: len(worker.losses()) >= 5)
    begin(worker)
    worker.work(until=lambda: len(worker.losses()) >= 10)
    assert not worker.answers(2), "a run goes on while files are loaded"
    worker.work()
    assert worker.answers(2)
    assert worker.losses() == alone.losses()
