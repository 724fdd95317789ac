"""A compiled model in a host: its functions, its memory, and what lies there at the moment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from microgpt.activations import Patches
from microgpt.config import ModelConfig
from microgpt.optimizer import Optimizer
from microgpt.settings import SettingError
from microgpt.wasm.compiler.load import load_module
from microgpt.wasm.runtime.hosts import Host, HostError
from microgpt.wasm.runtime.pace import Pace
from microgpt.wasm.runtime.storage import Storage


class LoadedModel:
    """An instance of a compiled model.

    Args:
        config, precision: of the model.
        host: what runs it.
        clock: a monotonic clock, in seconds.
        optimizer: as of `compile_model`.

    Raises:
        SettingError: the model does not fit into memory, or the optimizer is not compiled.
    """

    def __init__(
        self,
        config: ModelConfig,
        precision: str,
        host: Host,
        clock: Callable[[], float],
        optimizer: Optimizer | None,
    ) -> None:
        module, interface = load_module(config, precision, host.relaxed, optimizer)
        self.interface = interface
        try:
            self.instance = host.instantiate(module)
        except HostError as error:
            raise SettingError(str(error)) from error
        self.storage = Storage(interface, config, self.instance)
        bind = self.instance.bind
        self.fill_rows, self.loss = bind("fill_rows"), bind("loss")
        self.forward, self.read_on = bind("forward"), bind("read_on")
        self.evaluate = bind("evaluate")
        self.transpose_weights = bind("transpose_weights")
        self.document_pace, self.node_pace = Pace(clock), Pace(clock)
        self.documents_end = interface.end  # the first address after the training documents
        self.held_out: Sequence[Sequence[int]] | None = None  # the held-out documents in memory
        self.held_out_counted_from: Sequence[int] = ()
        self.computed: list[int] = []  # the tokens whose activations are in memory
        self.use = object()  # another one whenever somebody begins to use the rows
        self.patches: Patches = {}

    def take_rows(self, tokens: Sequence[int] = ()) -> object:
        """Note that the rows are computed anew, for `tokens`; returns the new `use`."""
        self.computed = list(tokens)
        self.use = object()
        return self.use

    def set_patches(self, patches: Patches) -> None:
        """Write the patches that differ from those in memory."""
        changed = {
            name: patches.get(name)
            for name in {**self.patches, **patches}
            if patches.get(name) != self.patches.get(name)
        }
        if changed:
            self.take_rows()
            self.storage.set_patches(changed)
            self.patches = dict(patches)

    def in_parts(self, run: Callable[..., None], nodes: int, *arguments: int) -> Iterator[None]:
        """Run the nodes of a pass, a few per call; each yield is a yield point."""
        done = 0
        while done < nodes:
            wanted = self.node_pace.fitting(nodes - done)
            with self.node_pace.timed(wanted):
                run(*arguments, done, done + wanted)
            done += wanted
            yield
