"""Programs that tests start, and waiting that has an end."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator

import pytest

from tests import conftest
from tests.support.processes import started

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are another thing there")

SLEEPER = "print('up', flush=True); import time; time.sleep(1000)"


@pytest.fixture
def in_background() -> Iterator[None]:
    """Ctrl+C ignored, as a shell has it for what runs in its background."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("in_background")
def test_a_program_gets_ctrl_c_even_in_the_background() -> None:
    with started([sys.executable, "-c", SLEEPER]) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.send_signal(signal.SIGINT)
        assert "KeyboardInterrupt" in process.communicate()[1]
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_a_program_that_says_nothing_is_killed_at_its_limit() -> None:
    silent = "import time; time.sleep(1000)"
    with started([sys.executable, "-c", silent], seconds=0.1) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == ""
        assert process.wait() == -signal.SIGKILL


def test_a_program_ends_with_the_block_that_started_it() -> None:
    with started([sys.executable, "-c", SLEEPER]) as process:
        assert process.poll() is None
    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(sys.platform == "emscripten", reason="it has no timer that interrupts")
def test_a_test_that_waits_fails_at_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conftest, "LONG_SECONDS", 1)
    with pytest.raises(pytest.fail.Exception, match="still waiting"), conftest.limited():
        signal.pause()
