"""Where the tokens of a text come from.

One that was sampled comes from the number below 1 that chose it. What was pressed or sampled stays
as it is; of what was typed, the run that an edit belongs to is encoded anew. That is the worker's
work: until then a token stands for each character. Plain Python that MicroPython understands.
"""

from app.page.token_texts import TokenTexts

PRESSED, TYPED, UNENCODED = 1, 2, 3


def encoded_origins(
    ids: list[int], before: list[int], origins: list[float], texts: TokenTexts, end: int
) -> list[float]:
    """Where tokens come from, once what was typed of a text is encoded.

    Args:
        ids: the tokens, whose text is that of `before` or the beginning of it.
        before: the tokens of before.
        origins: where these come from.
        texts: the characters of tokens.
        end: the token that ends a text.
    """
    of_characters: list[float] = []
    for place, token in enumerate(before):
        origin = TYPED if origins[place] == UNENCODED else origins[place]
        of_characters += [origin] * len(texts.text_of([token]))
    found: list[float] = []
    offset, of_end = 0, origins[-1] if before[-1:] == [end] else PRESSED
    for token in ids:
        found.append(of_end if token == end else of_characters[offset])
        offset += len(texts.text_of([token]))
    return found
