"""Models that differ from `gpt`, to put in its place. They have the weights that it has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from microgpt.config import ModelConfig

Model = Callable[..., Any]


class Parts:
    """The parts of `gpt`, to put together in other ways."""

    def __init__(self, ops: Any, config: ModelConfig, weights: Any, *inputs: Any) -> None:
        self.ops, self.config, self.weights = ops, config, weights
        self.token, self.position, self.caches = inputs

    def embedding(self) -> Any:
        token = self.ops.embed(self.weights["wte"], self.token)
        return self.ops.add(token, self.ops.embed(self.weights["wpe"], self.position))

    def linear(self, x: Any, layer: int, name: str) -> Any:
        return self.ops.linear(x, self.weights[f"layer{layer}.{name}"])

    def attention(self, x: Any, layer: int, normed: bool = False, n_head: int = 0) -> Any:
        q, k, v = (self.linear(x, layer, f"attn_w{letter}") for letter in "qkv")
        if normed:
            q, k = self.ops.rmsnorm(q), self.ops.rmsnorm(k)
        mixed = self.ops.attention(q, k, v, n_head or self.config.n_head, self.caches[layer])
        return self.linear(mixed, layer, "attn_wo")

    def mlp(self, x: Any, layer: int, activation: Callable[[Any], Any] | None = None) -> Any:
        hidden = (activation or self.ops.relu)(self.linear(x, layer, "mlp_fc1"))
        return self.linear(hidden, layer, "mlp_fc2")

    def layers(
        self, x: Any, attend: Callable[[Any, int], Any], think: Callable[[Any, int], Any]
    ) -> Any:
        """As in `gpt`: attention and MLP, each after a norm, each beside the residual stream."""
        for layer in range(self.config.n_layer):
            x = self.ops.add(attend(self.ops.rmsnorm(x), layer), x)
            x = self.ops.add(think(self.ops.rmsnorm(x), layer), x)
        return x

    def logits(self, x: Any, name: str = "lm_head") -> Any:
        return self.ops.linear(x, self.weights[name])


def with_activation(choose: Callable[[Any], Callable[[Any], Any]]) -> Model:
    def model(*arguments: Any) -> Any:
        parts = Parts(*arguments)
        activation = choose(parts.ops)
        x = parts.ops.rmsnorm(parts.embedding())
        x = parts.layers(x, parts.attention, lambda x, layer: parts.mlp(x, layer, activation))
        return parts.logits(x)

    return model


def relu_squared(ops: Any) -> Callable[[Any], Any]:
    def activation(x: Any) -> Any:
        positive = ops.relu(x)
        return ops.multiply(positive, positive)

    return activation


def no_norm_after_the_embedding(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    return parts.logits(parts.layers(parts.embedding(), parts.attention, parts.mlp))


def no_positions(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.ops.embed(parts.weights["wte"], parts.token)
    return parts.logits(parts.layers(x, parts.attention, parts.mlp))


def parallel_attention_and_mlp(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.embedding()
    for layer in range(parts.config.n_layer):
        normed = parts.ops.rmsnorm(x)
        both = parts.ops.add(parts.attention(normed, layer), parts.mlp(normed, layer))
        x = parts.ops.add(x, both)
    return parts.logits(parts.ops.rmsnorm(x))


def tied_embeddings(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.layers(parts.ops.rmsnorm(parts.embedding()), parts.attention, parts.mlp)
    return parts.logits(parts.ops.rmsnorm(x), "wte")


def norm_on_queries_and_keys(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.ops.rmsnorm(parts.embedding())
    return parts.logits(parts.layers(x, lambda x, i: parts.attention(x, i, True), parts.mlp))


def another_number_of_heads_in_each_layer(*arguments: Any) -> Any:
    parts = Parts(*arguments)

    def attend(x: Any, layer: int) -> Any:
        return parts.attention(x, layer, n_head=(4, 6)[layer])

    return parts.logits(parts.layers(parts.embedding(), attend, parts.mlp))


def gated_mlp(*arguments: Any) -> Any:
    """After Shazeer, "GLU Variants" (2020); the gate's weights are another layer's."""
    parts = Parts(*arguments)
    ops, n_layer = parts.ops, parts.config.n_layer

    def think(x: Any, layer: int) -> Any:
        gate = ops.silu(parts.linear(x, (layer + 1) % n_layer, "mlp_fc1"))
        hidden = ops.multiply(gate, parts.linear(x, layer, "mlp_fc1"))
        return parts.linear(hidden, layer, "mlp_fc2")

    return parts.logits(parts.layers(ops.rmsnorm(parts.embedding()), parts.attention, think))


def a_value_used_three_times(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    ops = parts.ops
    first = ops.rmsnorm(parts.embedding())
    x = parts.layers(first, parts.attention, parts.mlp)
    return parts.logits(ops.multiply(ops.add(x, first), ops.add(first, ops.rmsnorm(first))))


def attention_without_projections(*arguments: Any) -> Any:
    parts = Parts(*arguments)

    def attend(x: Any, layer: int) -> Any:
        return parts.ops.attention(x, x, x, parts.config.n_head, parts.caches[layer])

    return parts.logits(parts.layers(parts.embedding(), attend, parts.mlp))


def the_same_layer_twice(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.embedding()
    for layer in range(parts.config.n_layer):
        x = parts.ops.add(x, parts.mlp(parts.ops.rmsnorm(x), 0))
        x = parts.ops.add(x, parts.attention(parts.ops.rmsnorm(x), layer))
    return parts.logits(x)


def products_that_nothing_depends_on(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    x = parts.ops.rmsnorm(parts.embedding())
    parts.ops.silu(parts.mlp(x, 0))
    return parts.logits(parts.ops.add(x, parts.attention(x, 1)))


def learned_gains_and_biases(*arguments: Any) -> Any:
    """After each norm, and at the end; the gains and biases are rows of matrices that are there."""
    parts = Parts(*arguments)
    ops, weights = parts.ops, parts.weights

    def adjusted(x: Any, number: int) -> Any:
        x = ops.add(x, ops.multiply(x, ops.row(weights["wpe"], number)))
        return ops.add(x, ops.row(weights["lm_head"], number))

    x = adjusted(parts.embedding(), 0)
    for layer in range(parts.config.n_layer):
        x = ops.add(parts.attention(adjusted(ops.rmsnorm(x), 1), layer), x)
        x = ops.add(parts.mlp(ops.multiply(ops.rmsnorm(x), ops.row(weights["wpe"], 2)), layer), x)
    return parts.logits(adjusted(ops.rmsnorm(x), 3))


def wide_heads_that_share_keys(*arguments: Any) -> Any:
    """Four heads of queries to one of keys and values, all turned by their position."""
    parts = Parts(*arguments)
    ops, n_head = parts.ops, parts.config.n_head

    def attend(x: Any, layer: int) -> Any:
        q = ops.rotate(parts.linear(x, layer, "mlp_fc1"), parts.position, 4 * n_head)
        k = ops.rotate(parts.linear(x, layer, "attn_wk"), parts.position, n_head)
        k, v = (ops.repeat(y, n_head, 4) for y in (k, parts.linear(x, layer, "attn_wv")))
        mixed = ops.attention(q, k, v, 4 * n_head, parts.caches[layer])
        return parts.linear(mixed, layer, "mlp_fc2")

    return parts.logits(parts.layers(ops.rmsnorm(parts.embedding()), attend, parts.mlp))


def attention_to_what_is_near(*arguments: Any) -> Any:
    parts = Parts(*arguments)

    def attend(x: Any, layer: int) -> Any:
        q, k, v = (parts.linear(x, layer, f"attn_w{letter}") for letter in "qkv")
        options: dict[str, Any] = {"window": 2} if layer else {"window": 3, "alibi": True}
        mixed = parts.ops.attention(q, k, v, parts.config.n_head, parts.caches[layer], **options)
        return parts.linear(mixed, layer, "attn_wo")

    return parts.logits(parts.layers(parts.embedding(), attend, parts.mlp))


def logits_of_the_embedding(*arguments: Any) -> Any:
    parts = Parts(*arguments)
    return parts.logits(parts.embedding())


MODELS: dict[str, Model] = {
    "ReLU squared": with_activation(relu_squared),
    "SiLU": with_activation(lambda ops: ops.silu),
    "GELU": with_activation(lambda ops: ops.gelu),
    "no activation": with_activation(lambda _: lambda x: x),
}
MODELS |= {
    model.__name__.replace("_", " "): model
    for model in (
        *(no_norm_after_the_embedding, no_positions, parallel_attention_and_mlp, tied_embeddings),
        *(norm_on_queries_and_keys, another_number_of_heads_in_each_layer, gated_mlp),
        *(a_value_used_three_times, attention_without_projections, the_same_layer_twice),
        *(products_that_nothing_depends_on, logits_of_the_embedding),
        *(learned_gains_and_biases, wide_heads_that_share_keys, attention_to_what_is_near),
    )
}


def put_in_place(monkeypatch: pytest.MonkeyPatch, model: Model) -> None:
    """Put a model in the place of `gpt`, for every engine, while a test runs."""
    monkeypatch.setattr("microgpt.model.gpt", model)
