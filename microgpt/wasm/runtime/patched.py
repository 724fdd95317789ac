"""A patched model under the compiled engine: its parameters are an engine's, some parts changed."""

from __future__ import annotations

from collections.abc import Callable

from microgpt.activations import Patches
from microgpt.config import ModelConfig
from microgpt.wasm.runtime.loaded import LoadedModel
from microgpt.wasm.runtime.reader import WasmReader


class PatchedWasmModel(WasmReader):
    """A model with patches, which follows the weights of the engine that it belongs to.

    All patched models of an engine share one module. Before each use it gets the patches of its
    user, and the weights if they are other ones than at the last use.

    Args:
        config, precision, loaded: as of `WasmReader`; the module has patches.
        patches: the changes.
        refresh: brings the weights in the module up to date.
    """

    def __init__(
        self,
        config: ModelConfig,
        precision: str,
        loaded: LoadedModel,
        patches: Patches,
        refresh: Callable[[], None],
    ) -> None:
        super().__init__(config, precision, loaded)
        self._patches, self._refresh = dict(patches), refresh

    def _bring_up_to_date(self) -> None:
        self._refresh()
        self._loaded.set_patches(self._patches)
