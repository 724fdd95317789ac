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
        "switch-off",
        "Switch off",
        "What is each part good for? Press one to take it out of the model: all that is shown and "
        "written changes at once. The number on a part is what the held-out loss rises by without "
        "it alone.",
    ),
    (
        "score",
        "Score a text",
        "How surprised is the model by your own lines? The stronger the colour of a character, the "
        "less the model expected it.",
    ),
)
VIEW_NAMES = [row[0] for row in VIEWS]
