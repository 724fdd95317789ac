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
        "votes",
        "Votes",
        "Which part of the model spoke for this token? Each part adds its vote to the token's "
        "logit, for it or against it, and the votes add up to it exactly.",
    ),
    (
        "lens",
        "Lens",
        "What would the model say if it stopped earlier? Each row is what the numbers after one "
        "stage would make of the next token; the last is the model's own word.",
    ),
)
VIEW_NAMES = [row[0] for row in VIEWS]
