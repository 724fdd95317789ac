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
        "votes",
        "Votes",
        "Which part of the model spoke for this token? Each adds its vote, for it or against it, "
        "to the token's logit: the score that its chance is made of.",
    ),
    (
        "attention",
        "Attention",
        "What does the model look back at? Each head shares its attention out among the places "
        "read so far, in its own way. Above the first layer a place holds more than its letter.",
    ),
    (
        "lens",
        "Lens",
        "What would the model say if it stopped earlier? Each row is what the numbers after one "
        "stage would make of the next token; the last is the model's own word.",
    ),
    (
        "neurons",
        "Neurons",
        "Which neurons fire here? A neuron is one number inside an MLP: it grows where it meets "
        "what it has learned to notice, and then pushes some tokens up and others down.",
    ),
    (
        "map",
        "Map",
        "Which tokens are alike to the model? It has learned a row of numbers for each token, and "
        "this map lays these rows out flat: what lies close together is treated alike.",
    ),
    (
        "switch-off",
        "Switch off",
        "What is each part good for? Press one to take it out of the model: all that is shown and "
        "written changes at once. The number on a part is what the held-out loss rises by without "
        "it alone.",
    ),
    (
        "arithmetic",
        "Arithmetic",
        "How is one number computed? Each line is a number made of those that open below it, down "
        "to the weights; its slope says how much the number on top grows with it.",
    ),
    (
        "score",
        "Score a text",
        "How surprised is the model by your own lines? The stronger the colour of a character, the "
        "less the model expected it.",
    ),
)
CODE_VIEW = "code"  # the name of the editor of the model code, which is open or closed beside them
VIEW_NAMES = [row[0] for row in VIEWS]
