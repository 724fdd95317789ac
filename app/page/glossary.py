"""The glossary: what each term on the page means, with the page's own numbers.

Made at build time, and again whenever a setting or the data change. Plain Python that MicroPython
understands.
"""

from math import log

from app.page.vocabulary import Vocabulary
from app.shared.experiment import Experiment
from app.shared.typed import SettingValues
from microgpt.settings import SETTINGS, num_held_out, setting
from microgpt.shapes import ModelSizes, num_params

SMOOTHED = "In the smoothed loss each new loss counts for a tenth."


class Glossary:
    """Explains terms by the current numbers.

    Args:
        experiment: the settings.
        vocabulary: the tokens of the data.
    """

    def __init__(self, experiment: Experiment, vocabulary: Vocabulary) -> None:
        self._experiment = experiment
        self._vocabulary = vocabulary
        self._num_docs = 0
        self._noun = "document"
        # How many tokens the model that writes knows: perhaps others than the data have.
        self.writing_size = vocabulary.vocab_size

    def set_documents(self, num_docs: int, noun: str) -> None:
        """Take over how many documents the data have, and what one is called."""
        self._num_docs = num_docs
        self._noun = noun

    def texts(self) -> dict[str, str]:
        """The explanation of every term: each setting by its name, and the other terms.

        What the engine's name means is said by `engines.engine_meaning`.
        """
        values = self._experiment.values
        here = self._settings(values) if self._num_docs else {}
        texts = {row.name: f"{row.help} {here.get(row.name, '')}".strip() for row in SETTINGS}
        texts.update(self._terms(values))
        return texts

    def _settings(self, values: SettingValues) -> dict[str, str]:
        """What the settings come to here, by their names."""
        n_embd, n_head = int(values["n_embd"]), int(values["n_head"])
        n_layer, block_size = int(values["n_layer"]), int(values["block_size"])
        num_steps, batch_size = int(values["num_steps"]), int(values["batch_size"])
        num_trained, num_kept = self._split(values)
        if n_head == 1:
            heads = f"the one head works with all {n_embd} numbers"
        else:
            heads = f"each of the {n_head} heads works with {n_embd // n_head} of {n_embd} numbers"
        if n_layer == 1:
            blocks = "there is 1 block, whose MLP widens"
        else:
            blocks = f"there are {n_layer} blocks, whose MLPs widen"
        return {
            "n_embd": f"Here {self._each_token()} becomes {n_embd} numbers.",
            "n_head": f"Here {heads}.",
            "n_layer": f"Here {blocks} {n_embd} numbers to {4 * n_embd}.",
            "block_size": f"Here each token is predicted from at most {block_size} tokens.",
            "learning_rate": self._rate(str(values["schedule"]), num_steps),
            "num_steps": (
                f"Here {num_steps:,} steps learn from {self._documents(num_steps * batch_size)} in "
                f"all, and there are {num_trained:,} to train on."
            ),
            "batch_size": (
                f"Here each step learns from {self._documents(batch_size)}, and there are "
                f"{num_trained:,} to train on."
            ),
            "seed": f"Here it is {values['seed']}.",
            "eval_fraction": f"Here that is {num_kept:,} of {self._documents(self._num_docs)}.",
            "temperature": _temperature(float(values["temperature"])),
            "top_k": self._top_k(int(values["top_k"])),
            "top_p": _top_p(float(values["top_p"])),
            "tokenizer": self._tokens(),
            "vocab_limit": (
                self._tokens()
                if self._vocabulary.bpe
                else "Here it has no effect: the tokens are single characters."
            ),
        }

    def _terms(self, values: SettingValues) -> dict[str, str]:
        """The terms that are no settings."""
        n_embd, vocabulary = int(values["n_embd"]), self._vocabulary
        shape = self._experiment.shape()
        count = num_params(ModelSizes(vocabulary.vocab_size, **shape))
        guessing = f"{log(vocabulary.vocab_size):.2f}"
        _, num_kept = self._split(values)
        return {
            "band": (
                "Runs with other seeds begin with other weights, and learn from the documents in "
                "another order. The line is the middle of them; of five runs four lie in the band."
            ),
            "live_training": (
                "While Live is on, every change of a setting, the data or the code is trained at "
                "once: curve, samples, bars and views follow."
            ),
            "mlp": (
                "The MLP (multilayer perceptron) is the part of a layer that works on each token "
                f"by itself. Here it widens {n_embd} numbers to {4 * n_embd}, sets the negative "
                f"ones to 0, and narrows them to {n_embd} again."
            ),
            "model_code": (
                "The model is two functions of Python: one names its matrices of weights, the "
                "other turns a token into the logits of the next. Edit them, and the page trains "
                "the model that you have made."
            ),
            "parameters": (
                "Parameters, or weights, are the numbers that training changes; all that the model "
                f"learns is in them. Here there are {count:,}."
            ),
            "vocabulary": (
                "The vocabulary is all the tokens that the model knows; it can write nothing else. "
                f"{self._tokens()}"
            ).strip(),
            "bpe": (
                "BPE (byte-pair encoding) joins the two tokens that stand side by side most often "
                f"into a new token, again and again. {self._merges()}"
            ),
            "loss": (
                "The loss is how surprised the model is by each next token: minus the logarithm of "
                f"the probability that it gave it. Here guessing costs {guessing}; 0 would be "
                "certainty."
            ),
            "smoothed": (
                "The loss of a single step depends on the few documents that it learns from. "
                f"{SMOOTHED}"
            ),
            "held_out": (
                "The loss on documents that are kept out of training shows whether the model "
                "learns what they have in common or its data by heart. Here that is "
                f"{self._documents(num_kept)}."
            ),
            "guessing": (
                f"Guessing gives {self._each_token()} the same probability, 1 in "
                f"{vocabulary.vocab_size:,}. Its loss is the logarithm of that number, {guessing}."
            ),
            "baselines": (
                "What counting alone comes to on the held-out documents: a unigram knows how often "
                "each token comes, a bigram also the token before, a trigram the two before. A "
                "model below a line knows more than that."
            ),
            "accuracy": (
                "Now and then the model takes a test: it answers questions that it was not trained "
                "on, predicts what follows from the line so far, or writes lines of its own. This "
                "is the share that is right."
            ),
            "train_accuracy": (
                "The same test on lines that the model was trained on. Far above the other curve "
                "it knows its data by heart; where that one catches up, it has found the rule."
            ),
            "probability": (
                "How likely each token is to come next, as the model sees it; all "
                f"{self.writing_size:,} together make 100%."
            ),
        }

    # ----------------------------------------------------------------------------------------------

    def _split(self, values: SettingValues) -> tuple[int, int]:
        """How many documents there are to train on, and how many are held out."""
        held_out = num_held_out(self._num_docs, float(values["eval_fraction"]))
        return self._num_docs - held_out, held_out

    def _rate(self, schedule: str, num_steps: int) -> str:
        """How the learning rate goes along a run."""
        rate = self._words("learning_rate")
        if schedule == "constant":
            return f"Here it is {rate} in all {num_steps:,} steps."
        begins = f"starts at {rate}" if schedule == "linear" else f"rises to {rate}"
        return f"Here it {begins} and reaches zero after {num_steps:,} steps."

    def _words(self, name: str) -> str:
        """The value of the setting `name` as the page shows it."""
        return setting(name).words(self._experiment.values[name])

    def _size(self) -> str:
        """The size of the vocabulary."""
        most = "at most " if self._vocabulary.learning else ""
        return f"{most}{self._vocabulary.vocab_size:,}"

    def _each_token(self) -> str:
        return f"each of {'' if self._vocabulary.learning else 'the '}{self._size()} tokens"

    def _documents(self, count: int) -> str:
        return f"{count:,} {self._noun}{'' if count == 1 else 's'}"

    def _tokens(self) -> str:
        """What the tokens are."""
        vocabulary = self._vocabulary
        if vocabulary.problem or not vocabulary.num_chars:
            return ""
        return f"Here there are {vocabulary.vocab_size:,} {vocabulary.summary()}."

    def _merges(self) -> str:
        """How far BPE is."""
        if not self._vocabulary.bpe:
            return "Here each character is a token of its own."
        count = self._vocabulary.num_merges
        return f"Here it has joined {count:,} pair{'' if count == 1 else 's'}."

    def _top_k(self, top_k: int) -> str:
        size = self.writing_size
        if not top_k or top_k >= size:
            return f"Here all {size:,} can be sampled."
        return f"Here {top_k} of {size:,} can be sampled."


def _temperature(temperature: float) -> str:
    """What a temperature does to two tokens, one of them twice as likely."""
    if not temperature:
        return "Here it is 0."
    ratio = 2 ** (1 / temperature)
    times = f"{ratio:,.0f}" if ratio >= 10 else f"{ratio:.1f}".replace(".0", "")
    return f"Here, at {temperature:g}, a token twice as likely is sampled {times} times as often."


def _top_p(top_p: float) -> str:
    if top_p >= 1:
        return "Here it is off."
    return f"Here they have {top_p:.0%} together."
