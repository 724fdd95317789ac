"""The experiments that are ready to run: a question first, then the sweeps that answer it.

What comes out is put into words by `findings.py`, by the same names. Plain Python, because the page
reads it in MicroPython.
"""

from microgpt.lab.sweep import Sweep, parse_sweep
from microgpt.setting import SettingError

CHOICE_GUESS, NUMBER_GUESS = "choice", "number"  # kinds of guesses

# How results are drawn: a line along the first axis for each value of the second; a field for each
# pair of values; what was measured during training, by step; every run; documents by influence.
LINES, MAP, BY_STEP, DOTS, RANKS = "lines", "map", "curves", "dots", "ranks"
NUM_PARAMS = "num_params"  # in place of an axis that sizes vary on


class Guess:
    """What is to be guessed before the runs begin; the guess is drawn beside the answer.

    Args:
        question: what is asked, in one sentence.
        kind: `CHOICE_GUESS`, of `options`, or a `NUMBER_GUESS` between `low` and `high`.
        options: the answers to choose from, as findings name them.
        low, high: the ends of the scale, where it is a number.
        log: whether the scale goes by factors.
    """

    def __init__(
        self,
        question: str,
        kind: str,
        options: "tuple[str, ...]" = (),
        low: float = 0.0,
        high: float = 0.0,
        log: bool = False,
    ) -> None:
        self.question = question
        self.kind = kind
        self.options = options
        self.low = low
        self.high = high
        self.log = log


class ReadyExperiment:
    """One row of the table.

    Args:
        name: its name in addresses and on the command line.
        title: its name on the page.
        meaning: what it is about, in a sentence or two for a beginner.
        guess: what is asked first.
        texts: its sweeps, as `parse_sweep` reads them; mostly one.
        source: where the question or the method comes from.
        picture: how its results are drawn.
        across: what lies on the horizontal axis where it is not the first axis itself.
        logarithmic: whether both axes of the picture are.
    """

    def __init__(
        self,
        name: str,
        title: str,
        meaning: str,
        guess: Guess,
        texts: "tuple[str, ...]",
        source: str,
        picture: str = LINES,
        across: str = "",
        logarithmic: bool = False,
    ) -> None:
        self.name = name
        self.title = title
        self.meaning = meaning
        self.guess = guess
        self.texts = texts
        self.source = source
        self.picture, self.across, self.logarithmic = picture, across, logarithmic

    def sweeps(self) -> "list[Sweep]":
        """The sweeps, in the order in which they are run."""
        return [parse_sweep(text) for text in self.texts]


READY = (  # a tuple, since dictionaries of MicroPython keep no order
    ReadyExperiment(
        name="learning-rate",
        title="Which learning rate?",
        meaning="Too small, and the model does not get far; too large, and it jumps about. The "
        "loss makes a U, drawn for three sizes of the model.",
        guess=Guess(
            "Where is the bottom of the U of a model with 16 numbers per token?",
            NUMBER_GUESS,
            low=0.0005,
            high=0.15,
            log=True,
        ),
        texts=("data=us-names;learning_rate=0.0005..0.15x10;n_embd=8,16,32;seeds=5",),
        source="Bengio, “Practical recommendations for gradient-based training of deep "
        "architectures” (2012)",
    ),
    ReadyExperiment(
        name="scaling-law",
        title="The scaling law",
        meaning="More weights and more names make the loss fall along a law. 35 small models are "
        "enough to find it, and it then says what larger ones will come to.",
        guess=Guess(
            "What loss will a model with 53,632 weights reach on 26,900 names?",
            NUMBER_GUESS,
            low=1.8,
            high=2.4,
        ),
        texts=(
            "data=us-names;batch_size=16"
            ";n_embd/learning_rate=4/0.02,8/0.015,12/0.012,16/0.01,24/0.007,32/0.005,48/0.0035"
            ";num_docs/num_steps=500/300,1354/600,3667/1200,9932/2400,26900/4000"
            ";measure=lowest_held_out_loss",
            "data=us-names;batch_size=16;n_embd=64;learning_rate=0.0025"
            ";num_docs/num_steps=500/300,1354/600,3667/1200,9932/2400,26900/4000"
            ";measure=lowest_held_out_loss",
        ),
        source="Hoffmann et al., “Training compute-optimal large language models” (2022)",
        across=NUM_PARAMS,
        logarithmic=True,
    ),
    ReadyExperiment(
        name="memorise-or-generalise",
        title="Memorise or generalise?",
        meaning="With few names a model learns them by heart; with many it has to learn what names "
        "are like. The map shows how far it does better on names that it knows.",
        guess=Guess(
            "From how many names on does a model with 14,528 weights no longer memorise?",
            CHOICE_GUESS,
            options=("100", "300", "1,000", "3,000", "10,000", "never"),
        ),
        texts=(
            "data=us-names;batch_size=16;num_steps=1500;n_embd=8,16,32"
            ";num_docs=100,300,1000,3000,10000;seeds=2;measure=gap",
        ),
        source="Zhang et al., “Understanding deep learning requires rethinking generalization” "
        "(2017)",
        picture=MAP,
    ),
    ReadyExperiment(
        name="heads-and-depth",
        title="How many heads, how deep?",
        meaning="About 14,500 weights each time: in one wide layer or several narrow ones, with "
        "attention in one head or several.",
        guess=Guess(
            "What makes more of a difference to the loss?",
            CHOICE_GUESS,
            options=("the layers", "the heads"),
        ),
        texts=(
            "data=us-names;learning_rate=0.005;batch_size=16;num_steps=2000"
            ";n_layer/n_embd=1/32,2/24,4/16;n_head=1,2,4,8;seeds=2",
        ),
        source="Kaplan et al., “Scaling laws for neural language models” (2020)",
    ),
    ReadyExperiment(
        name="context",
        title="Does context help?",
        meaning="The same model, whose attention may look back one character, two, or more. One "
        "means that it sees nothing but the character that it stands at, and where that is.",
        guess=Guess(
            "From how many characters on do more make no difference?",
            CHOICE_GUESS,
            options=("1", "2", "3", "4", "8", "16"),
        ),
        texts=(
            "data=us-names;n_embd=32;learning_rate=0.005;batch_size=16;num_steps=2000"
            ";window=1,2,3,4,8,16;seeds=3",
        ),
        source="Shannon, “Prediction and entropy of printed English” (1951)",
    ),
    ReadyExperiment(
        name="byte-pairs",
        title="What if the tokens are byte pairs?",
        meaning="Byte pairs put characters together that often stand side by side. Texts become "
        "shorter, and each token harder to predict: the loss per character is fair to both.",
        guess=Guess(
            "With which tokens is the loss per character lowest?",
            CHOICE_GUESS,
            options=(
                "characters",
                "64 tokens",
                "128 tokens",
                "256 tokens",
                "512 tokens",
            ),
        ),
        texts=(
            "data=us-names;n_embd=32;learning_rate=0.005;batch_size=16;num_steps=1500"
            ";tokenizer/vocab_limit=characters/64,bpe/64,bpe/128,bpe/256,bpe/512;seeds=3"
            ";measure=held_out_loss_per_character",
        ),
        source="Sennrich, Haddow and Birch, “Neural machine translation of rare words with "
        "subword units” (2016)",
    ),
    ReadyExperiment(
        name="luck",
        title="Luck",
        meaning="A hundred runs with the same settings. Only the seed differs: which names come "
        "first, which are held out, and the weights that training begins with.",
        guess=Guess(
            "How far apart are the best and the worst held-out loss?",
            NUMBER_GUESS,
            low=0.0,
            high=0.3,
        ),
        texts=("data=us-names;seeds=100",),
        source="Bouthillier et al., “Accounting for variance in machine learning benchmarks” "
        "(2021)",
        picture=DOTS,
    ),
    ReadyExperiment(
        name="induction",
        title="The induction jump",
        meaning="In the code book, a key that was seen before has the same value again. To look "
        "it up, one layer must find the place where another one has written what came before.",
        guess=Guess(
            "After how many steps does a model with two layers get half of the values right?",
            NUMBER_GUESS,
            low=0.0,
            high=800.0,
        ),
        texts=(
            "data=code-book;n_embd=32;block_size=32;learning_rate=0.005;batch_size=16"
            ";num_steps=800;n_layer=1,2;seeds=3;measure=accuracy",
        ),
        source="Olsson et al., “In-context learning and induction heads” (2022)",
        picture=BY_STEP,
    ),
    ReadyExperiment(
        name="grokking",
        title="Grokking",
        meaning="Half of all sums modulo 31 are soon known by heart. Much later, at once, the "
        "other half comes out right as well. Weight decay favours simple solutions.",
        guess=Guess(
            "With which weight decay does the model understand first?",
            CHOICE_GUESS,
            options=("0.1", "0.3", "0.6", "1", "none of them"),
        ),
        texts=(
            "data=modular-addition;n_embd=32;block_size=8;batch_size=256;num_steps=2000"
            ";learning_rate=0.01;eval_fraction=0.5;optimizer=adamw;beta1=0.9;beta2=0.98"
            ";schedule=wsd;warmup=0.02;decay=0.3;mask=%3D;weight_decay=0.1,0.3,0.6,1.0"
            ";measure=steps_to_solve",
        ),
        source="Power et al., “Grokking: generalization beyond overfitting on small algorithmic "
        "datasets” (2022)",
        picture=BY_STEP,
    ),
    ReadyExperiment(
        name="influence",
        title="Which names taught it this?",
        meaning="A thousand models, each trained on a random half of fifty names. Those that had "
        "a name among them, against those that had it not: what did it do to “emily”, which is "
        "none of the fifty?",
        guess=Guess(
            "Which name made “emily” most likely?",
            CHOICE_GUESS,
            options=("amelia", "ella", "emma", "henry", "lily", "mila"),
        ),
        texts=(
            "data=baby-names;eval_fraction=0.0;num_docs=25;block_size=8;batch_size=8;num_steps=60"
            ";seeds=1000;measure=output_loss;output=emily",
        ),
        source="Feldman and Zhang, “What neural networks memorize and why” (2020)",
        picture=RANKS,
    ),
)


def ready_experiment(name: str) -> ReadyExperiment:
    """The row called `name`. Raises `SettingError` if there is none."""
    for row in READY:
        if row.name == name:
            return row
    names = ", ".join([row.name for row in READY])
    raise SettingError(f"There is no experiment called '{name}'; there are {names}.")
