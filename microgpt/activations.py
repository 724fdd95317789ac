"""What an engine lets see of a forward pass, and how a part of it is changed: plain data, no more.

The names of activations are those of the traced graph: a product has the name of its weight matrix
(`layer0.mlp_fc1`), an embedding or a row that of its table (`wte`), what is computed from them that
name and the operation's (`layer0.mlp_fc1.relu`), attention that of its layer (`layer0.attention`,
`layer0.attention.weights`). A name that is taken already gets a number: `layer0.mlp_fc1#2`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class Activations(Protocol):
    """The named results of one forward pass over t tokens.

    They are those of the weights at the time they are read: read all of them before the model does
    anything else. Every method raises `KeyError` for a name that there is not (or is of the other
    kind), and `IndexError` for a position beyond the tokens.
    """

    @property
    def names(self) -> list[str]:
        """The names, in order of computation; attention weights end with `.weights`."""

    def vector(self, name: str, position: int) -> list[float]:
        """The vector called `name` of the token at `position`, (size,)."""

    def vectors(self, name: str) -> list[list[float]]:
        """The vectors called `name` of all tokens, (t, size)."""

    def attention(self, name: str, position: int) -> list[list[float]]:
        """The attention weights called `name` of one token, (n_head, position + 1)."""

    def attention_bytes(self, name: str) -> bytes:
        """All attention weights called `name`: float32, (n_head, t, t), 0 above the diagonal."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A change of an activation y, (size,): it becomes y * keep + add, element by element.

    `keep` 0 and `add` 0 remove an element, `keep` 0 and `add` m replace it by m.
    """

    keep: tuple[float, ...]
    add: tuple[float, ...]


Patches = Mapping[str, Patch]  # by the name of an activation that is a vector


def check_patches(patches: Patches, sizes: Mapping[str, int]) -> None:
    """Raise for patches that do not fit the vectors of these names and sizes.

    Raises:
        KeyError: there is no vector of a patch's name.
        ValueError: a patch has another size than its vector.
    """
    for name, patch in patches.items():
        if name not in sizes:
            raise KeyError(f"there is no activation called {name!r} that can be patched")
        if not len(patch.keep) == len(patch.add) == sizes[name]:
            raise ValueError(f"a patch of {name} has {sizes[name]} numbers to keep and to add")
