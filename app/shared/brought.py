"""What a link may bring beside settings: a text, model code and a trained model, each packed.

Packed, they are letters that an address holds as they are; see `static/packing.mjs`, and for models
`microgpt/packed.py`. Plain Python that MicroPython understands.
"""

LINK_TEXT, LINK_CODE, LINK_MODEL = "text", "code", "model"
BROUGHT = (LINK_TEXT, LINK_CODE, LINK_MODEL)  # by their names in the address, in this order
# Of a fragment: messengers and mail programs cut longer links, many of them much shorter ones.
MAX_LINK_CHARACTERS = 32_000
MAX_TEXT_CHARACTERS = 20_000  # of a text or of code, unpacked
