"""A model that two processes trained with JAX, opened in the page."""

from __future__ import annotations

import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.app import Playground
from tests.browser.watch import wait_status
from tests.setup.jax_tests import jax_python
from tests.support.processes import started

OPTIONS = "--engine jax --n-embd 8 --block-size 8 --batch-size 4 --steps 20 --samples 0 --json"


def test_a_model_of_two_processes_opens(playground: Playground, tmp_path: Path) -> None:
    python = jax_python()
    if python is None:
        pytest.skip("there is no JAX here: python3 -m tests tests/jax installs it")
    path = tmp_path / "cluster.safetensors"
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    command = [str(python), "-m", "microgpt", "train", *OPTIONS.split(), "--save", str(path)]
    command += ["--coordinator", address, "--num-processes", "2", "--process-id"]
    with ExitStack() as stack:
        both = [stack.enter_context(started([*command, number])) for number in "01"]
        outputs = [process.communicate() for process in both]
    assert [process.returncode for process in both] == [0, 0], outputs
    page = playground.open("#n_embd=8&block_size=8&num_steps=100").wait_worker().page
    page.locator("#model-file").set_input_files(path)
    wait_status(page, "step 20 / 20")
    expect(page.locator("#model-name")).to_have_text("The model from ‘cluster.safetensors’.")
    expect(page.locator("#verdict")).to_contain_text("trained for 20 steps on US first names.")
