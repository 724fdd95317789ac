"""The views of the inside of the model: their names, titles and questions, in their order.

Plain Python that MicroPython understands.
"""

# (name in the address, title, what the view answers). A view also has its module and class in
# `app/page/inside/`, its sheet in `static/css/inside/` and, if it asks the worker, its analysis in
# `app/worker/inside/`.
VIEWS = (
    (
        "choice",
        "Choice",
        "How was this token chosen? The bar has a part for each token, as long as its chance; a "
        "random number, the dice, falls on one of them.",
    ),
    (
        "branches",
        "Branches",
        "What else could it have become? Every other token at an earlier place is a branch. Press "
        "a tile to go there; the dice can write a branch again with the same numbers.",
    ),
    (
        "arithmetic",
        "Arithmetic",
        "How is one number computed? Each line is a number made of those that open below it, down "
        "to the weights; its slope says how much the number on top grows with it.",
    ),
)
VIEW_NAMES = [row[0] for row in VIEWS]
