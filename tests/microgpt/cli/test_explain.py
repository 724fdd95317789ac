"""The commands `explain` and `score`: their JSON, their tables and their errors."""

from __future__ import annotations

from pathlib import Path

import pytest

from microgpt.checkpoint import Checkpoint, to_bytes
from microgpt.cli.files import SHIPPED_MODEL_PATH, read_model
from microgpt.config import ModelConfig, TrainConfig
from microgpt.engine import create_engine
from microgpt.generators import drain
from microgpt.interpret.ablation import patches_of
from microgpt.interpret.parts import anatomy
from microgpt.sampler import softmax
from tests.support.command import call, error_line, objects, output
from tests.support.models import losses_of, weights_of

PARTS = ["token", "position", *(f"layer0.head{head}" for head in range(4)), "layer0.mlp"]


def test_explain_as_json() -> None:
    (told,) = objects(output("explain", "--text", "kar", "--json"))
    assert list(told) == ["tokens", "logits", "probs", "votes", "attention", "lens"]
    assert told["tokens"] == ["<bos>", "k", "a", "r"]
    assert told["probs"] == pytest.approx(softmax(told["logits"]))
    assert [vote["part"] for vote in told["votes"]] == PARTS
    columns = zip(*(vote["logits"] for vote in told["votes"]), strict=True)
    assert [sum(column) for column in columns] == pytest.approx(told["logits"], abs=1e-4)
    ((*heads,),) = told["attention"]
    assert [len(weights) for weights in heads] == [4] * 4
    assert [sum(weights) for weights in heads] == [pytest.approx(1.0)] * 4
    stages = [stage["stage"] for stage in told["lens"]]
    assert stages == ["embedding", "layer0.attention", "layer0.mlp"]
    assert told["lens"][-1]["probs"] == pytest.approx(told["probs"], abs=1e-5)


def test_the_engines_explain_the_same() -> None:
    arguments = ["explain", "--text", "kar", "--json", "--without", "layer0.head2", "--engine"]
    (told,), (exact,) = (objects(output(*arguments, name)) for name in ("auto", "scalar"))
    assert told["logits"] == pytest.approx(exact["logits"], abs=1e-4)
    for vote, exact_vote in zip(told["votes"], exact["votes"], strict=True):
        assert vote["logits"] == pytest.approx(exact_vote["logits"], abs=1e-4)


def test_explain_without_parts() -> None:
    arguments = ["explain", "--text", "ka", "--json"]
    without = ["--without", "layer0.head2", "--without", "position"]
    (whole,), (told,), (by_mean,) = (
        objects(output(*arguments, *more)) for more in ([], without, [*without, "--by", "mean"])
    )
    silent = {vote["part"] for vote in told["votes"] if not any(vote["logits"])}
    assert silent == {"layer0.head2", "position"}
    assert len({str(each["logits"]) for each in (whole, told, by_mean)}) == 3
    model = read_model(SHIPPED_MODEL_PATH)
    engine = create_engine("scalar", model.config, model.weights)
    patches = patches_of(anatomy(model.config), ["layer0.head2", "position"])
    tokens = [26, *model.tokenizer().encode_prefix("ka")]
    expected = engine.patched(patches).activations(tokens).vector("lm_head", 2)
    assert told["logits"] == pytest.approx(expected, abs=1e-4)


def test_explain_as_tables() -> None:
    text = output("explain", "--text", "kar", "--without", "layer0.head2", "--by", "mean")
    begin, likeliest, votes, attention, lens = text.split("\n\n")
    assert begin == (
        "text: <bos> k a r\nwithout: layer0.head2 (in their place their means over us-names)"
    )
    assert len(likeliest.splitlines()) == 11
    parts = [line.split()[-1] for line in votes.splitlines()[1:-1]]
    assert sorted(parts) == sorted(PARTS)
    assert len(attention.splitlines()) == 2 + 4
    assert [line.split()[0] for line in lens.splitlines()[1:]] == [
        *("embedding", "layer0.attention", "layer0.mlp"),
    ]


def test_what_cannot_be_explained() -> None:
    assert "has no part 'layer7'; it has token, position, " in error_line(
        "explain", "--text", "a", "--without", "layer7"
    )
    assert "shorter than the context length of 16, but has 16 tokens." in error_line(
        "explain", "--text", "a" * 16
    )
    assert "does not know the character" in error_line("explain", "--text", "a\x1b")
    assert "the following arguments are required: --text" in error_line("explain")
    assert "\x1b" not in error_line("explain", "--text", "a", "--without", "\x1b[2J")


def test_control_characters_of_a_model_are_shown(tmp_path: Path) -> None:
    config = ModelConfig(3, n_embd=4, n_head=2, block_size=4)
    model = Checkpoint(config, ("\x1b", "\u202e"), weights_of(config), {"data": "\x1b[2J"})
    path = tmp_path / "model.safetensors"
    path.write_bytes(to_bytes(model))
    text = output("explain", "--model", str(path), "--text", "\x1b")
    assert "text: <bos> \\x1b" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    lines = tmp_path / "lines.txt"
    lines.write_text("\u202e\n", encoding="utf-8")
    assert "\u202e" not in output("score", "--model", str(path), str(lines))


def test_without_its_data_the_means_are_over_the_default_data(tmp_path: Path) -> None:
    model = read_model(SHIPPED_MODEL_PATH)
    moved = Checkpoint(model.config, model.characters, model.weights, {"data": "gone.txt"})
    path = tmp_path / "model.safetensors"
    path.write_bytes(to_bytes(moved))
    arguments = ["explain", "--model", str(path), "--text", "k", "--without", "layer0.mlp"]
    assert "their means over us-names" in output(*arguments, "--by", "mean")


def test_scores_are_the_losses_of_training(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    lines = ["karla", "x", "bartholomewandsonsofhull"]
    path.write_text("\n".join(lines), encoding="utf-8")
    told = objects(output("score", str(path), "--json"))
    assert [score["line"] for score in told] == lines
    assert [len(score["losses"]) for score in told] == [6, 2, 16]
    model = read_model(SHIPPED_MODEL_PATH)
    tokenizer = model.tokenizer()
    for score in told:
        engine = create_engine("auto", model.config, model.weights)
        assert score["loss"] == pytest.approx(sum(score["losses"]) / len(score["losses"]))
        document = tokenizer.encode(score["line"])
        assert drain(engine.evaluate([document])) == pytest.approx(score["loss"], abs=1e-5)
        engine.prepare([document], TrainConfig())
        assert losses_of(engine.steps(0, 1)) == [pytest.approx(score["loss"], abs=1e-5)]
    table = output("score", str(path)).splitlines()
    assert [line.split()[-1] for line in table[1:4]] == lines
    assert table[4].endswith("= the mean loss of 3 lines")
    assert table[1].split()[0] == f"{told[0]['loss']:.4f}"


def test_what_cannot_be_scored(tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text("karla\nØrsted\n", encoding="utf-8")
    assert "does not know the character 'Ø'" in error_line("score", str(path), "--json")
    assert "no data set or file called" in error_line("score", "gone.txt")
    assert "arguments are required: FILE" in error_line("score")
    assert "argument" in call("score", "a", "b").stderr
