"""What is added to the library is in exported programs too, with no further change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from microgpt.export.exports import export_files
from microgpt.export.source import ExportError
from microgpt.model_code.source import default_source
from microgpt.optimizer import Optimizer
from microgpt.scalar import operations
from microgpt.wasm.compiler import trace
from tests.microgpt.test_added_operation import TANH, scalar_tanh
from tests.microgpt.test_added_optimizer import added as added_optimizers
from tests.microgpt.test_added_optimizer import every_optimizer
from tests.support.exported import exported_lines, lines_of, tiny_run

WITH_TANH = default_source().replace("ops.relu(x)", 'ops.apply("tanh", x)')

__all__ = ["added_optimizers"]  # a fixture, which every test here uses


def reversed_form(_arithmetic: Any, x: list[Any]) -> list[Any]:
    """An operation that is no formula of single numbers."""
    return x[::-1]


@pytest.fixture(name="tanh_compiles")
def _tanh_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(trace.VECTOR_OPERATIONS, "tanh", TANH)


@pytest.mark.usefixtures("tanh_compiles")
def test_programs_have_an_operation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(operations.SCALAR_FORMS, "tanh", scalar_tanh)
    run, exported = tiny_run(WITH_TANH, trusted=True)
    assert exported_lines(tmp_path, exported) == lines_of(run)
    module = export_files("pytorch", exported)["program.py"].decode()
    assert "def tanh(self, x):\n        return torch.tanh(x)\n" in module


@pytest.mark.usefixtures("tanh_compiles")
def test_what_pytorch_cannot_have_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(operations.SCALAR_FORMS, "tanh", reversed_form)
    exported = tiny_run(WITH_TANH, trusted=True)[1]
    with pytest.raises(ExportError, match="The operation tanh has no form in PyTorch yet"):
        export_files("pytorch", exported)


@every_optimizer
def test_programs_have_an_optimizer(optimizer: Optimizer, tmp_path: Path) -> None:
    run, exported = tiny_run(optimizer=optimizer.name, clip=1.0)
    assert exported_lines(tmp_path, exported) == lines_of(run)
