"""What is said of each program of the progression: in the list, above it, and on its new blocks.

Plain Python that MicroPython understands.
"""

from app.shared.places import SCALAR


class Lesson:
    """A program, or the page on one number at a time.

    Args:
        title: what it is called in the list.
        adds: what it adds to the one before, in a few words.
        lead: what stands above it.
        steps: how many are run at first, so that there is something to see within seconds.
        notes: the beginning of a line, a title and a sentence or two that stand above it. It is
            the first line that begins so.
    """

    def __init__(
        self,
        title: str,
        adds: str,
        lead: str,
        steps: int = 0,
        notes: "tuple[tuple[str, str, str], ...]" = (),
    ) -> None:
        self.title, self.adds, self.lead = title, adds, lead
        self.steps, self.notes = steps, notes


COUNTS_LESSON = Lesson(
    "Counts",
    "no network, no gradient",
    "A language model in its simplest form: it counts which character follows which, and takes the "
    "counts for probabilities. It is all there already: data in, a loss that falls, names out.",
    1000,
    (
        (
            "def model(",
            "The model",
            "is a table of counts: a row for each character, with how often each other one came "
            "next. Divided by its sum, a row is a list of probabilities. The 1 that is added to "
            "every count keeps anything from being impossible.",
        ),
        (
            "def train(",
            "A step",
            "reads one name. First the model predicts each of its characters: the loss is −log of "
            "the probability that the right one had, 0 if it was certain. Then the pairs are "
            "counted. That is all the learning there is.",
        ),
        (
            "def write(",
            "Writing",
            "draws a character from the probabilities, then the next one from the row of that "
            "one, until the end is drawn. A temperature below 1 makes what is likely likelier.",
        ),
        (
            "def run(",
            "From text to numbers:",
            "every character that occurs gets a number, which is called a token. One more token "
            "stands for the beginning and the end of a name.",
        ),
    ),
)
NETWORK_LESSON = Lesson(
    "A network",
    "an MLP, gradients by hand, SGD",
    "The counts give way to weights: numbers that mean nothing at first, and are moved a little in "
    "each step. Which way, the gradient says, and here it is worked out by hand.",
    200,
    (
        (
            "def init_weights(",
            "The weights",
            "are all that the model knows: four tables of random numbers. Everything below only "
            "says how they are used, and how they change.",
        ),
        (
            "def linear(",
            "A linear layer:",
            "each number of the result is a sum of all numbers of x, each times a weight of its "
            "own. Almost all computing of a GPT is done in lines like this one.",
        ),
        (
            "def softmax(",
            "Softmax",
            "makes probabilities of any numbers: e to the power of each is positive, and divided "
            "by their sum they add up to 1. The largest is taken off first, so that none of the "
            "powers is too large to compute with.",
        ),
        (
            "def model(",
            "The model",
            "looks up the token's vector in wte. Two linear layers with max(0, x) between them, "
            "together an MLP, change it. Then lm_head gives each possible next token a number, "
            "its logit: the higher, the likelier.",
        ),
        (
            "def gradients_of(",
            "Gradients by hand:",
            "how would the loss change if a weight grew a little? The chain rule answers for the "
            "last line of the model first, and goes back from there, line by line. Here it needs "
            "all that was computed on the way forward.",
        ),
        (
            "def linear_backward(",
            "Back through a linear layer:",
            "a weight counts as much as the number it was multiplied with, and a number as much "
            "as the weights that it met. Both times what comes from behind is a factor.",
        ),
        (
            "def check_gradients(",
            "Is it right?",
            "Such formulas are easily wrong. So one weight of each matrix is nudged up and down, "
            "and the slope of the loss is compared with its gradient.",
        ),
        (
            "        for name, matrix in weights.items():",
            "SGD:",
            "every weight moves against its gradient, in proportion to it. That is downhill for "
            "the loss of this name, and, name by name, for that of all.",
        ),
    ),
)
AUTOGRAD_LESSON = Lesson(
    "Autograd",
    "Value: gradients that work themselves out",
    "The same network, the same losses, but nobody derives anything by hand any more. Each number "
    "remembers what it was computed from, and so the loss finds its way back to every weight.",
    200,
    (
        (
            "class Value:",
            "A number that remembers:",
            "beside its data it holds the numbers that it was computed from, its children, and by "
            "how much it grows with each of them, the local gradients. The page One scalar "
            "takes such a graph apart step by step.",
        ),
        (
            "    def __mul__(",
            "A product",
            "grows with one factor as fast as the other one is large: so the local gradients of "
            "a × b are b and a. Each operation knows only such a rule of its own.",
        ),
        (
            "    def backward(",
            "The way back:",
            "first all numbers are put in order, each behind those that it came from. Then, from "
            "the loss on, each hands its gradient on to its children, times the local one. A "
            "number that was used twice gets both shares.",
        ),
        (
            "def dot(",
            "One number for many:",
            "a sum of products could be built of + and ×, one Value each. One Value that knows "
            "the rule for the whole sum makes the graph smaller and the program faster.",
        ),
        (
            "        loss.backward()",
            "One line",
            "stands where the functions gradients_of and linear_backward were. It would be the "
            "same for any other model, and so the model can grow from here on.",
        ),
    ),
)
ATTENTION_LESSON = Lesson(
    "Attention",
    "positions, one head, RMSNorm, residuals",
    "So far the model saw one character and nothing before it. Now it looks back: attention lets "
    "it take from earlier characters what fits, and two inventions keep the numbers in good order.",
    150,
    (
        (
            "Cache =",
            "The cache",
            "keeps a key and a value for every token so far. An earlier token never depends on "
            "what comes later, so these are computed once and only looked at from then on.",
        ),
        (
            '    shapes["wpe"]',
            "Positions:",
            "attention itself does not see in which order things come. So each position has a "
            "vector, too, which is added to that of the token.",
        ),
        (
            "def rmsnorm(",
            "RMSNorm",
            "scales a vector so that the mean of its squares is 1. Whatever comes out of the "
            "lines before it, the next ones read numbers of about the same size.",
        ),
        (
            "def attention(",
            "Attention:",
            "the query says what is looked for, a key what a token has to offer. The better they "
            "fit, the larger their product, and softmax makes shares of these. The result is the "
            "mean of the tokens' values, weighted by the shares.",
        ),
        (
            "    residual = x",
            "Residuals:",
            "what attention finds does not replace x, it is added to it. So nothing is lost on "
            "the way up, and the gradient has a straight way down.",
        ),
    ),
)
GPT_LESSON = Lesson(
    "The GPT",
    "several heads, a loop over layers",
    "With this the model is a GPT: the heads look back at several things at once, and the same "
    "layer can be stacked as often as one likes. Try two layers.",
    100,
    (
        (
            "N_LAYER, N_HEAD =",
            "Its size:",
            "how many layers follow each other, and how many heads each of them has. The heads "
            "divide the numbers of a vector among them: here each has four.",
        ),
        (
            "    for layer in range(N_LAYER):",
            "Layers:",
            "each has weights of its own, so that their names now begin with its number.",
        ),
        (
            "        for start in range(0, N_EMBD, HEAD_DIM):",
            "Heads:",
            "each sees only its part of query, keys and values, and mixes by itself. One may read "
            "the character before, another the first of the name. Their results side by side are "
            "a vector as long as before.",
        ),
    ),
)
ADAM_LESSON = Lesson(
    "Adam",
    "Adam: the same as microgpt.py",
    "The model is complete; what is left is to train it well. With Adam this is the program that "
    "it all comes from, microgpt.py by Andrej Karpathy, with the same losses to the last bit.",
    100,
    (
        (
            "BETA1",
            "How long it remembers:",
            "the larger these are, the more the past counts beside the newest gradient.",
        ),
        (
            "    mean, mean_square =",
            "Two memories for each weight:",
            "where its gradients point on average, and how large their squares are.",
        ),
        (
            "        rate =",
            "The learning rate falls",
            "to 0 in the course of the run: large steps at first, careful ones at the end.",
        ),
        (
            "            mean[i] =",
            "Adam:",
            "a weight moves by its mean gradient over the size that its gradients have. So a "
            "weight that hardly ever matters learns as fast as one that always does, and noise, "
            "which points here and there, cancels out.",
        ),
    ),
)
ONE_SCALAR_LESSON = Lesson(
    "One scalar",
    "autograd, one number at a time",
    "Type an expression and watch Value at work: every number is computed on the way forward, and "
    "on the way back each gets its gradient, that is, how much the result would change with it.",
)
LESSONS = {
    "0": COUNTS_LESSON,
    "1": NETWORK_LESSON,
    "2": AUTOGRAD_LESSON,
    "3": ATTENTION_LESSON,
    "4": GPT_LESSON,
    "5": ADAM_LESSON,
    SCALAR: ONE_SCALAR_LESSON,
}
