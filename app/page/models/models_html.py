"""The dialog of models as HTML and words.

Plain Python that MicroPython understands.
"""


def models_html() -> str:
    """All of its contents."""
    return (
        '<p id="models-problem" class="notice" role="alert" hidden></p>'
        '<p id="models-reading" class="said" role="status" hidden></p>'
        '<div id="models-question" class="question" hidden><p id="models-asked"></p>'
        '<pre id="models-code" class="brought-code" tabindex="0" aria-label="The model\'s code">'
        "</pre>"
        '<button type="button" class="primary" id="models-agree"></button> '
        '<button type="button" id="models-cancel">Cancel</button></div>'
        '<button type="button" id="open-model">Open model</button>'
    )
